"""A split between two syncs, with the real yfinance: what was traded before it stays as it was, byte for byte."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import YahooServer
from tests.installation import Installation

CLOCK = "2022-12-28T22:00:00Z"


@pytest.fixture
def product(yahoo_server: YahooServer, tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path, yahoo_server.env)
    installation.manage("migrate", "--verbosity", "0")
    installation.serve()
    yield installation
    installation.stop()
    yahoo_server.control("clock", {"now": CLOCK})


@pytest.mark.parametrize(
    ("symbol", "before", "after", "last_day"),
    [
        ("AAPL", "2020-08-28T22:00:00Z", "2020-09-02T22:00:00Z", "2020-08-28"),  # 4:1 on 2020-08-31
        ("SYNP.L", "2016-05-06T22:00:00Z", "2016-05-11T22:00:00Z", "2016-05-06"),  # 5:1 on 2016-05-09
    ],
)
def test_a_split_changes_no_bar_before_it(
    product: Installation, yahoo_server: YahooServer, symbol: str, before: str, after: str, last_day: str
) -> None:
    path = f"/api/v1/securities/{symbol}/prices?adjusted=none&limit=20000&end_date={last_day}"
    yahoo_server.control("clock", {"now": before})
    product.call("POST", f"/api/v1/securities/{symbol}/sync", {"refresh": True})
    as_traded = product.call("GET", path)[1]

    yahoo_server.control("clock", {"now": after})
    status, body, _ = product.call("POST", f"/api/v1/securities/{symbol}/sync", {"refresh": True})

    assert (status, body["sync"]["bars_changed"], body["sync"]["quarantined"]) == (200, 0, [])
    assert body["sync"]["bars_added"] >= 2
    assert len(as_traded) > 1000
    assert product.call("GET", path)[1] == as_traded
