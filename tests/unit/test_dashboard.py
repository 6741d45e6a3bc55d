"""The dashboard asks for metrics that there are."""

import json
import re

from tests.installation import ROOT


def test_every_metric_of_the_dashboard_is_documented() -> None:
    board = json.loads((ROOT / "docs/deployment/grafana.json").read_text())
    asked = " ".join(target["expr"] for panel in board["panels"] for target in panel["targets"])
    names = {name.removesuffix("_bucket") for name in re.findall(r"finances_\w+", asked)}
    documented = set(re.findall(r"`(finances_\w+)", (ROOT / "docs/operations.md").read_text()))

    assert len(board["panels"]) == 14
    assert names <= documented
