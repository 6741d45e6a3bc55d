from decimal import Decimal
from typing import Any

import pytest

from finances.yahoo.faults import Garbage, UnknownSymbol
from finances.yahoo.profiles import profile_from_info, search_hits
from finances.yahoo.types import Profile, SearchHit

INFO: dict[str, Any] = {
    "quoteType": "EQUITY",
    "longName": "Acme\xa0plc",
    "currency": "GBp",
    "exchangeTimezoneName": "Europe/London",
    "fullExchangeName": "LSE",
}


def test_profile_of_a_stock() -> None:
    info = {**INFO, "sector": "Industrials", "industry": "Anvils", "isin": "GB00B03MLX29", "marketCap": 1.25e9}
    assert profile_from_info("ACME.L", info) == Profile(
        symbol="ACME.L",
        name="Acme plc",
        security_type="STOCK",
        exchange="LSE",
        quote_unit="GBp",
        time_zone="Europe/London",
        sector="Industrials",
        industry="Anvils",
        isin="GB00B03MLX29",
        market_cap=Decimal(1_250_000_000),
    )


@pytest.mark.parametrize(
    ("quote_type", "security_type"),
    [("EQUITY", "STOCK"), ("ETF", "ETF"), ("MUTUALFUND", "MUTUAL_FUND"), ("INDEX", "INDEX"), ("CURRENCY", "CURRENCY"),
     ("CRYPTOCURRENCY", "CRYPTO"), ("OPTION", "OPTION"), ("FUTURE", "FUTURE"), ("ECNQUOTE", "OTHER"), (7, "OTHER")],
)  # fmt: skip
def test_security_types(quote_type: object, security_type: str) -> None:
    assert profile_from_info("X", {**INFO, "quoteType": quote_type}).security_type == security_type


@pytest.mark.parametrize("info", [None, {}, {"quoteType": None}, {**INFO, "quoteType": "NONE"}])
def test_no_quote_type_means_unknown(info: dict[str, Any] | None) -> None:
    with pytest.raises(UnknownSymbol):
        profile_from_info("X", info)


@pytest.mark.parametrize(
    "change",
    [{"currency": None}, {"currency": 7}, {"currency": "U$D"}, {"exchangeTimezoneName": "Mars/Olympus"},
     {"exchangeTimezoneName": None}, {"exchangeTimezoneName": "../etc/passwd"}],
)  # fmt: skip
def test_profile_without_currency_or_zone(change: dict[str, Any]) -> None:
    with pytest.raises(Garbage):
        profile_from_info("X", {**INFO, **change})


@pytest.mark.parametrize("cap", [None, True, "1e9", float("nan"), float("inf"), -5, 0, 10**30])
def test_market_cap_that_is_none(cap: object) -> None:
    assert profile_from_info("X", {**INFO, "marketCap": cap}).market_cap is None


def test_texts_are_cleaned_and_capped() -> None:
    info = {**INFO, "longName": "\0" + "n" * 300, "fullExchangeName": {"raw": 1}, "exchange": "e" * 80,
            "sector": "a\ud800b", "industry": 3, "isin": "nonsense"}  # fmt: skip
    profile = profile_from_info("X", info)
    assert (profile.name, profile.exchange, profile.sector) == ("n" * 200, "e" * 50, "a b")
    assert (profile.industry, profile.isin) == ("", "")


def test_name_falls_back_to_the_symbol() -> None:
    assert profile_from_info("X", {**INFO, "longName": "\0", "shortName": ""}).name == "X"


def test_search_hits() -> None:
    quotes: list[dict[str, Any]] = [
        {"symbol": "acme", "longname": "Acme", "quoteType": "EQUITY", "exchDisp": "NYSE", "exchange": "NYQ"},
        {"symbol": None, "longname": "Nobody"},
        {"symbol": "ACX", "quoteType": "ETF", "exchange": "PCX"},
    ]
    assert search_hits(quotes) == [
        SearchHit("ACME", "Acme", "STOCK", "NYSE"),
        SearchHit("ACX", "ACX", "ETF", "PCX"),
    ]
