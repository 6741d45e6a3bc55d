"""From Yahoo to the client, end to end: the real yfinance against the stand-in, the real server, real HTTP."""

import csv
import gzip
import json
import time
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import FOLDER, YahooServer, once
from tests.installation import Installation

pytestmark = once

FILES = {"AAPL": "AAPL", "MSFT": "MSFT", "GOOG": "GOOG", "META": "META", "AMZN": "AMZN", "IBM": "IBM",
         "^IXIC": "IDX_IXIC", "SYNP.L": "SYNP_L"}  # fmt: skip
SYMBOLS = [*FILES, "EURUSD=X"]
PENCE = {"SYNP.L": 100}
CLOCK = "2022-12-28"
TOLERANCE = 1e-6


@pytest.fixture(scope="module")
def product(yahoo_server: YahooServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Everything synced once by the command, then served."""
    installation = Installation(tmp_path_factory.mktemp("product"), yahoo_server.env)
    assert installation.manage("migrate", "--verbosity", "0")[0] == 0
    assert installation.manage("load_currencies")[0] == 0
    status, printed = installation.manage("sync_prices", *SYMBOLS, "--json")
    assert status == 0, printed
    assert all(line["added"] > 2000 and not line["changed"] for line in json.loads(printed)), printed
    installation.serve()
    yield installation
    installation.stop()


@pytest.fixture(autouse=True)
def _faultless(yahoo_server: YahooServer) -> Iterator[None]:
    yield
    yahoo_server.control("reset", {})


def bars(product: Installation, symbol: str, adjusted: str) -> dict[str, dict[str, Any]]:
    status, body, _ = product.call("GET", f"/api/v1/securities/{quote(symbol)}/prices?limit=20000&adjusted={adjusted}")
    assert status == 200
    return {bar["date"]: bar for bar in body}


@lru_cache
def traded(symbol: str) -> dict[str, dict[str, str]]:
    path: Path = FOLDER / "data" / "dev" / "daily" / f"{FILES[symbol]}.csv.gz"
    with gzip.open(path, "rt", newline="") as lines:
        return {row["date"]: row for row in csv.DictReader(lines) if row["close"] and row["date"] <= CLOCK}


def shown(yahoo_server: YahooServer, symbol: str) -> dict[str, tuple[list[float], float]]:
    """Day -> ([open, high, low, close], adjusted close), as the stand-in serves them."""
    query = "period1=-2000000000&period2=1900000000&interval=1d&events=div,splits,capitalGains"
    chart = yahoo_server.get(f"/v8/finance/chart/{quote(symbol)}?{query}")["chart"]["result"][0]
    zone = ZoneInfo(chart["meta"]["exchangeTimezoneName"])
    columns = chart["indicators"]["quote"][0]
    rows = zip(*(columns[name] for name in ("open", "high", "low", "close")), strict=True)
    days = [datetime.fromtimestamp(at, zone).date().isoformat() for at in chart["timestamp"]]
    adjusted = chart["indicators"]["adjclose"][0]["adjclose"]
    return {day: (list(row), close) for day, row, close in zip(days, rows, adjusted, strict=True) if row[3] is not None}


@pytest.mark.parametrize("symbol", list(FILES))
def test_raw_prices_equal_what_was_traded(product: Installation, symbol: str) -> None:
    unit, expected, answered = PENCE.get(symbol, 1), traded(symbol), bars(product, symbol, "none")

    assert answered.keys() == expected.keys()
    for day, row in expected.items():
        for name in ("open", "high", "low", "close"):
            assert answered[day][name] * unit == pytest.approx(float(row[name]), rel=TOLERANCE), (day, name)
        assert answered[day]["volume"] == int(float(row["volume"] or 0)), day


@pytest.mark.parametrize("symbol", SYMBOLS)
def test_adjusted_prices_equal_what_yahoo_shows(product: Installation, yahoo_server: YahooServer, symbol: str) -> None:
    unit, expected = PENCE.get(symbol, 1), shown(yahoo_server, symbol)
    by_splits, by_all = bars(product, symbol, "splits"), bars(product, symbol, "all")

    assert by_splits.keys() == by_all.keys() == expected.keys()
    for day, (prices, adjusted_close) in expected.items():
        ours = [by_splits[day][name] * unit for name in ("open", "high", "low", "close")]
        assert ours == pytest.approx(prices, rel=TOLERANCE), day
        assert by_all[day]["close"] * unit == pytest.approx(adjusted_close, rel=TOLERANCE), day


def test_a_second_sync_adds_and_changes_nothing(product: Installation) -> None:
    status, printed = product.manage("sync_prices", *SYMBOLS, "--json")

    assert (status, [(line["added"], line["changed"]) for line in json.loads(printed)]) == (0, [(0, 0)] * len(SYMBOLS))


@pytest.mark.parametrize("symbol", ["FB", "NOSUCH"])
def test_what_yahoo_does_not_know_is_not_found(product: Installation, symbol: str) -> None:
    status, body, _ = product.call("POST", f"/api/v1/securities/{symbol}/sync")

    assert (status, body) == (404, {"detail": f"Yahoo Finance does not know {symbol}.", "code": "symbol_not_found"})


def test_a_stale_crumb_heals_by_itself(product: Installation, yahoo_server: YahooServer) -> None:
    yahoo_server.control("crumbs", {})

    status, body, _ = product.call("POST", "/api/v1/securities/AAPL/sync", {"refresh": True})

    assert (status, body["sync"]) == (
        200, {"bars_added": 0, "bars_changed": 0, "first_bar": "2000-03-01", "last_bar": "2022-12-28",
              "quarantined": []},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("500", "yahoo_unavailable"),
        ("503", "yahoo_unavailable"),
        ("will_be_right_back", "yahoo_unavailable"),
        ("reset", "yahoo_unavailable"),
        ("truncated_body", "yahoo_unavailable"),
        ("truncated_json", "yahoo_bad_response"),
        ("bad_json", "yahoo_bad_response"),
        ("html", "yahoo_bad_response"),
        ("empty_body", "yahoo_bad_response"),
        ("empty_chart", "yahoo_no_data"),
        ("null_result", "yahoo_no_data"),
        ("429", "yahoo_rate_limited"),  # last: Yahoo is then left alone for two seconds
    ],
)
def test_a_failing_yahoo_is_a_503_and_costs_nothing(
    product: Installation, yahoo_server: YahooServer, kind: str, code: str
) -> None:
    before = bars(product, "IBM", "none")
    yahoo_server.control("faults", {"kind": kind, "symbol": "IBM"})

    status, body, headers = product.call("POST", "/api/v1/securities/IBM/sync", {"refresh": True})

    assert (status, body["code"]) == (503, code)
    assert int(headers["retry-after"]) >= 1
    assert bars(product, "IBM", "none") == before
    if kind == "429":
        time.sleep(2.1)


def test_a_hanging_yahoo_holds_up_nobody_else(product: Installation, yahoo_server: YahooServer) -> None:
    yahoo_server.control("faults", {"kind": "hang"})
    sync_started = time.monotonic()
    answers: list[Any] = []
    thread = Thread(
        target=lambda: answers.append(product.call("POST", "/api/v1/securities/META/sync", {"refresh": True}))
    )
    thread.start()
    waits = []
    while thread.is_alive():
        asked = time.monotonic()
        assert product.call("GET", "/health")[0] == 200
        waits.append(time.monotonic() - asked)
        thread.join(0.2)

    assert (answers[0][0], answers[0][1]["code"]) == (503, "yahoo_unavailable")
    assert time.monotonic() - sync_started < 30
    assert sorted(waits)[len(waits) // 2] < 0.2


def test_killed_in_the_middle_it_is_complete_after_the_next(yahoo_server: YahooServer, tmp_path: Path) -> None:
    fresh = Installation(tmp_path, yahoo_server.env)
    fresh.manage("migrate", "--verbosity", "0")
    for seconds in (0.9, 1.6, 2.3):
        killed = fresh.start_manage("sync_prices", "AAPL", "AMZN", "IBM", "--workers", "2")
        time.sleep(seconds + 1)
        killed.kill()
        killed.communicate()

    status, printed = fresh.manage("sync_prices", "AAPL", "AMZN", "IBM", "--json")
    assert status == 0, printed
    fresh.serve()
    try:
        for symbol in ("AAPL", "AMZN", "IBM"):
            answered = bars(fresh, symbol, "none")
            assert answered.keys() == traded(symbol).keys()
            assert all(later < earlier for earlier, later in pairwise(answered))
    finally:
        fresh.stop()
