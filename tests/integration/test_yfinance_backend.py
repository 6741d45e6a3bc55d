"""The real yfinance against the stand-in: what it is asked, what it answers, and every way in which it can fail."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from decimal import Decimal
from time import monotonic
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from finances.errors import (
    FinancesError,
    Unavailable,
    YahooBadResponse,
    YahooNoData,
    YahooNotFound,
    YahooRateLimited,
    YahooUnavailable,
)
from finances.yahoo import yfinance_backend
from finances.yahoo.budget import time_budget
from finances.yahoo.types import DividendEvent, Profile, SearchHit, SplitEvent
from finances.yahoo.yfinance_backend import YFinanceYahoo
from tests.conftest import once

pytestmark = [once, pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")]

CALL_SECONDS = 2.0
SEARCH_SECONDS = 1.0
MARGIN = 1.0


@pytest.fixture
def yahoo(yahoo_server: Any, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[YFinanceYahoo]:
    for name, value in yahoo_server.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(yfinance_backend, "BACKOFF_SECONDS", 0.01)
    yahoo_server.control("reset", {})
    backend = YFinanceYahoo()
    backend._loaded().drop_credentials(0)
    backend._loaded().session._dropped_at = -1e9
    yield backend
    yahoo_server.control("reset", {})


@pytest.fixture
def impatient(yahoo: YFinanceYahoo, settings: Settings) -> YFinanceYahoo:
    """`yahoo` with little time, for what hangs."""
    daily(yahoo)
    settings.YAHOO_TIMEOUT = 0.5
    settings.YAHOO_CALL_BUDGET, settings.YAHOO_SEARCH_BUDGET = CALL_SECONDS, SEARCH_SECONDS
    return yahoo


def daily(yahoo: YFinanceYahoo, symbol: str = "AAPL") -> Any:
    return yahoo.history(symbol, interval="1d", start=date(2022, 11, 1))


ASK: dict[str, Callable[[YFinanceYahoo], Any]] = {
    "history": daily,
    "profile": lambda yahoo: yahoo.profile("AAPL"),
    "search": lambda yahoo: yahoo.search("apple", limit=5),
}


def seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


# --- Answers ----------------------------------------------------------------------------------------------------------
def test_a_full_history_is_what_the_chart_says(yahoo: YFinanceYahoo, yahoo_server: Any) -> None:
    history = yahoo.history("AAPL", interval="1d", start=None)
    chart = yahoo_server.get("/v8/finance/chart/AAPL?range=max&interval=1d&events=div,splits")["chart"]["result"][0]
    quote = chart["indicators"]["quote"][0]
    bars = history.bars
    assert [*zip(bars.opens, bars.highs, bars.lows, bars.closes, bars.volumes, strict=True)] == [
        *zip(quote["open"], quote["high"], quote["low"], quote["close"], quote["volume"], strict=True)
    ]
    days = [datetime.fromtimestamp(second, UTC).date() for second in chart["timestamp"]]
    assert list(bars.timestamps) == [seconds(day) for day in days]
    assert history.splits == (
        SplitEvent(date(2000, 6, 21), 2, 1),
        SplitEvent(date(2005, 2, 28), 2, 1),
        SplitEvent(date(2014, 6, 9), 7, 1),
        SplitEvent(date(2020, 8, 31), 4, 1),
    )
    assert len(history.dividends) == len(chart["events"]["dividends"])
    assert history.dividends[-1] == DividendEvent(date(2022, 11, 4), Decimal("0.23"))
    assert (history.quote_unit, history.time_zone) == ("USD", "America/New_York")


def test_a_history_from_a_day(yahoo: YFinanceYahoo) -> None:
    bars = yahoo.history("AAPL", interval="1d", start=date(2022, 12, 27)).bars
    assert bars.timestamps == (seconds(date(2022, 12, 27)), seconds(date(2022, 12, 28)))


def test_a_history_in_pence(yahoo: YFinanceYahoo) -> None:
    history = yahoo.history("SYNP.L", interval="1d", start=None)
    assert (history.quote_unit, history.time_zone, len(history.splits)) == ("GBp", "Europe/London", 1)


def test_a_fund_has_capital_gains(yahoo: YFinanceYahoo) -> None:
    kinds = {event.kind for event in yahoo.history("SYNMX", interval="1d", start=None).dividends}
    assert kinds == {"ordinary", "capital_gain"}


@pytest.mark.parametrize(("interval", "least"), [("1m", 390), ("1h", 2000)])
def test_intraday_history_as_far_back_as_there_is(
    yahoo: YFinanceYahoo, yahoo_server: Any, interval: Any, least: int
) -> None:
    yahoo_server.control("clock", {"shift": "auto"})
    try:
        bars = yahoo.history("MSFT", interval=interval, start=None).bars
    finally:
        yahoo_server.control("clock", {"shift": "none"})
    assert len(bars) >= least
    assert all(second % 60 == 0 for second in bars.timestamps)


def test_profile(yahoo: YFinanceYahoo) -> None:
    profile = yahoo.profile("AAPL")
    assert profile == Profile(
        symbol="AAPL",
        name="Apple Inc.",
        security_type="STOCK",
        exchange="NasdaqGS",
        quote_unit="USD",
        time_zone="America/New_York",
        sector="Technology",
        industry="Consumer Electronics",
        market_cap=profile.market_cap,
    )
    assert profile.market_cap == Decimal(2_004_036_000_000)


def test_search(yahoo: YFinanceYahoo) -> None:
    assert yahoo.search("apple", limit=5) == [SearchHit("AAPL", "Apple Inc.", "STOCK", "NASDAQ")]
    assert yahoo.search(" \0 ", limit=5) == []


@pytest.mark.parametrize("symbol", ["FB", "ZZZZ"])
@pytest.mark.parametrize("method", ["history", "profile"])
def test_an_unknown_symbol_costs_few_requests(
    yahoo: YFinanceYahoo, yahoo_server: Any, symbol: str, method: str
) -> None:
    daily(yahoo)
    yahoo_server.control("reset", {})
    with pytest.raises(YahooNotFound, match=f"^Yahoo Finance does not know {symbol}.$"):
        daily(yahoo, symbol) if method == "history" else yahoo.profile(symbol)
    assert yahoo_server.control("stats")["total"] == 1


# --- Faults -----------------------------------------------------------------------------------------------------------
BY_KIND: dict[str, type[FinancesError]] = {
    "404": YahooNotFound,
    "429": YahooRateLimited,
    "500": YahooUnavailable,
    "503": YahooUnavailable,
    "will_be_right_back": YahooUnavailable,
    "truncated_body": YahooUnavailable,
    "hang": YahooUnavailable,
    "drip": YahooUnavailable,
    "reset": YahooUnavailable,
    "invalid_crumb": YahooUnavailable,
    "html": YahooBadResponse,
    "truncated_json": YahooBadResponse,
    "bad_json": YahooBadResponse,
    "empty_body": YahooBadResponse,
    "consent": YahooBadResponse,
}


def check_failure(yahoo: YFinanceYahoo, method: str, error: type[FinancesError], allowed: float) -> None:
    started = monotonic()
    with pytest.raises(FinancesError) as raised:
        ASK[method](yahoo)
    assert type(raised.value) is error
    assert monotonic() - started < allowed + MARGIN
    if isinstance(raised.value, Unavailable):
        assert raised.value.retry_after >= 1


@pytest.mark.parametrize(
    ("kind", "error"), [*BY_KIND.items(), ("empty_chart", YahooNoData), ("null_result", YahooNoData)]
)
def test_a_chart_that_fails(impatient: YFinanceYahoo, yahoo_server: Any, kind: str, error: type[FinancesError]) -> None:
    yahoo_server.control("faults", {"kind": kind, "endpoint": "chart", "seconds": 5})
    check_failure(impatient, "history", error, CALL_SECONDS)


@pytest.mark.parametrize(("kind", "error"), BY_KIND.items())
def test_a_profile_that_fails(
    impatient: YFinanceYahoo, yahoo_server: Any, kind: str, error: type[FinancesError]
) -> None:
    yahoo_server.control("faults", {"kind": kind, "endpoint": "quoteSummary", "seconds": 5})
    check_failure(impatient, "profile", error, CALL_SECONDS)


@pytest.mark.parametrize("kind", ["429", "503", "html", "truncated_json", "invalid_crumb"])
def test_the_other_half_of_a_profile_that_fails(impatient: YFinanceYahoo, yahoo_server: Any, kind: str) -> None:
    yahoo_server.control("faults", {"kind": kind, "endpoint": "quote"})
    check_failure(impatient, "profile", BY_KIND[kind], CALL_SECONDS)


@pytest.mark.parametrize(("kind", "error"), [item for item in BY_KIND.items() if item[0] != "404"])
def test_a_search_that_fails(
    impatient: YFinanceYahoo, yahoo_server: Any, kind: str, error: type[FinancesError]
) -> None:
    yahoo_server.control("faults", {"kind": kind, "endpoint": "search", "seconds": 5})
    check_failure(impatient, "search", error, SEARCH_SECONDS)


@pytest.mark.parametrize("kind", ["500", "html", "reset", "truncated_json", "consent", "invalid_crumb"])
@pytest.mark.parametrize(
    ("method", "endpoint"), [("history", "chart"), ("profile", "quoteSummary"), ("search", "search")]
)
def test_one_failure_heals(yahoo: YFinanceYahoo, yahoo_server: Any, method: str, endpoint: str, kind: str) -> None:
    yahoo_server.control("faults", {"kind": kind, "endpoint": endpoint, "times": 1})
    assert ASK[method](yahoo)


def test_a_last_row_without_figures_is_left_out(yahoo: YFinanceYahoo, yahoo_server: Any) -> None:
    whole = daily(yahoo)
    yahoo_server.control("faults", {"kind": "nan_rows", "endpoint": "chart"})
    assert daily(yahoo).bars.closes == whole.bars.closes[:-1]


@pytest.mark.parametrize(
    ("method", "allowed"), [("history", CALL_SECONDS), ("profile", CALL_SECONDS), ("search", SEARCH_SECONDS)]
)
def test_everything_hanging_stays_within_the_budget(
    impatient: YFinanceYahoo, yahoo_server: Any, method: str, allowed: float
) -> None:
    impatient._loaded().drop_credentials(impatient._loaded().resets)
    yahoo_server.control("faults", {"kind": "hang", "seconds": 10})
    check_failure(impatient, method, YahooUnavailable, allowed)


@pytest.mark.parametrize("kind", ["429", "401", "html", "hang", "reset"])
@pytest.mark.parametrize("endpoint", ["crumb", "cookie"])
def test_without_a_crumb_histories_and_searches_go_on(
    yahoo: YFinanceYahoo, yahoo_server: Any, settings: Settings, endpoint: str, kind: str
) -> None:
    settings.YAHOO_TIMEOUT = 1.0
    yahoo_server.control("faults", [{"kind": kind, "endpoint": name, "seconds": 5} for name in (endpoint, "consent")])
    assert len(daily(yahoo).bars) > 30
    assert ASK["search"](yahoo)
    check_failure(yahoo, "profile", YahooRateLimited if (endpoint, kind) == ("crumb", "429") else YahooUnavailable, 3.0)


def test_the_last_request_of_a_profile_may_fail(yahoo: YFinanceYahoo, yahoo_server: Any) -> None:
    yahoo_server.control("faults", {"kind": "500", "endpoint": "timeseries"})
    assert yahoo.profile("AAPL").name == "Apple Inc."


@pytest.mark.parametrize("what", ["crumbs", "cookies"])
def test_credentials_that_yahoo_forgot_are_renewed(yahoo: YFinanceYahoo, yahoo_server: Any, what: str) -> None:
    yahoo.profile("AAPL")
    yahoo_server.control(what, {})
    assert yahoo.profile("MSFT").name == "Microsoft Corporation"


# --- Rate, pause, concurrency, budget ---------------------------------------------------------------------------------
@pytest.mark.parametrize(("headers", "pause"), [({"Retry-After": "17"}, 17), ({"Retry-After": "9999"}, 600), ({}, 2)])
def test_after_a_429_yahoo_is_left_alone(
    yahoo: YFinanceYahoo, yahoo_server: Any, headers: dict[str, str], pause: int
) -> None:
    daily(yahoo)
    yahoo_server.control("faults", {"kind": "429", "endpoint": "chart", "times": 1, "headers": headers})
    with pytest.raises(YahooRateLimited) as first:
        daily(yahoo)
    asked = yahoo_server.control("stats")["total"]
    with pytest.raises(YahooRateLimited) as second:
        yahoo.search("apple", limit=5)
    assert first.value.retry_after == pause
    assert pause - 2 <= second.value.retry_after <= pause
    assert yahoo_server.control("stats")["total"] == asked
    cache.clear()
    assert daily(yahoo)


def test_requests_keep_to_the_shared_rate(yahoo: YFinanceYahoo, settings: Settings) -> None:
    settings.YAHOO_REQUESTS_PER_SECOND = 0
    with pytest.raises(YahooRateLimited):
        yahoo.search("apple", limit=5)


def test_hung_calls_occupy_no_more_than_their_lanes(
    impatient: YFinanceYahoo, yahoo_server: Any, settings: Settings
) -> None:
    settings.YAHOO_MAX_CONCURRENCY = 2
    narrow = YFinanceYahoo()
    daily(narrow)
    yahoo_server.control("reset", {})
    yahoo_server.control("faults", {"kind": "hang", "endpoint": "chart", "seconds": 5})

    def outcome(_: int) -> type[BaseException] | None:
        try:
            daily(narrow)
        except FinancesError as error:
            return type(error)
        return None

    with ThreadPoolExecutor(8) as callers:
        outcomes = list(callers.map(outcome, range(8)))
    assert sorted(str(o) for o in outcomes) == [str(YahooRateLimited)] * 6 + [str(YahooUnavailable)] * 2
    assert yahoo_server.control("stats")["by_endpoint"]["chart"] <= 2 * 3  # two lanes, three attempts


def test_calls_share_an_enclosing_budget(yahoo: YFinanceYahoo, yahoo_server: Any) -> None:
    daily(yahoo)
    yahoo_server.control("latency", {"seconds": 0.35})
    started = monotonic()
    with time_budget(1.0):
        daily(yahoo)
        daily(yahoo)
        with pytest.raises(YahooUnavailable):
            daily(yahoo)
    assert monotonic() - started < 1.0 + MARGIN


# --- Environment and upgrades -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
@pytest.mark.parametrize("others_are_set", [False, True])
def test_each_usual_variable_names_a_certificate(
    yahoo: YFinanceYahoo, yahoo_server: Any, monkeypatch: pytest.MonkeyPatch, name: str, others_are_set: bool
) -> None:
    import certifi

    for other in ("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        if others_are_set:
            monkeypatch.setenv(other, certifi.where())
        else:
            monkeypatch.delenv(other)
    monkeypatch.setenv(name, yahoo_server.certificate)
    assert daily(YFinanceYahoo())


def test_the_package_is_imported_without_the_library() -> None:
    code = "import sys, finances.yahoo; print(sorted({'yfinance', 'pandas', 'numpy', 'curl_cffi'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


def test_what_is_used_of_the_library_is_still_there(yahoo: YFinanceYahoo) -> None:
    """The gate for an upgrade: these are internals, or defaults that the backend relies on."""
    import yfinance
    from yfinance import cache as disk_cache
    from yfinance.data import YfData

    assert yfinance.__version__ == "1.7.0"
    assert (yfinance.config.debug.hide_exceptions, yfinance.config.network.retries) == (False, 0)
    assert "finances-yahoo-" in disk_cache._TzDBManager.get_location()
    assert "finances-yahoo-" in disk_cache._CookieDBManager.get_location()
    assert callable(YfData.cache_get.cache_clear)
    yahoo.profile("AAPL")
    data = YfData()
    assert (data._cookie_strategy, bool(data._crumb), data._session) == ("basic", True, yahoo._loaded().session)
    assert disk_cache.get_cookie_cache().lookup("curlCffi")
    prices = yahoo._loaded().ticker("AAPL")._lazy_load_price_history()
    prices.history(period="max", auto_adjust=False)
    assert (len(prices._splits), len(prices._dividends) > 40, len(prices._capital_gains)) == (4, True, 0)
