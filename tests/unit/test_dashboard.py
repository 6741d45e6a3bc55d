"""The dashboard asks for metrics that there are."""

import json
import re

from tests.installation import ROOT

BOARD = json.loads((ROOT / "docs/deployment/grafana.json").read_text())
ASKED = [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
OF_EACH_MACHINE = ("finances_request_", "finances_requests_", "finances_database_up", "finances_replica_lag_seconds")


def test_every_metric_of_the_dashboard_is_documented() -> None:
    names = {name.removesuffix("_bucket") for name in re.findall(r"finances_\w+", " ".join(ASKED))}
    documented = set(re.findall(r"`(finances_\w+)", (ROOT / "docs/operations.md").read_text()))

    assert len(BOARD["panels"]) == 14
    assert names <= documented


def test_what_every_machine_tells_alike_is_taken_once() -> None:
    taken_once = {expr for expr in ASKED if re.search(r"max without \(instance\) \((\w+\()?finances_\w+", expr)}

    assert {expr for expr in ASKED if not any(name in expr for name in OF_EACH_MACHINE)} == taken_once
