"""Markets that quote in hundredths, and answers that mix the units, through a sync and read back through the API."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from finances.users.models import User
from securities.tests.integration.test_corporate_action_cases import Api, api, correct_all, day, paid

__all__ = ["api"]

CASES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "minor_units.json").read_text())
QUOTES = [name for name, case in CASES.items() if "quote" in case["inputs"]]
PRICED = ["unit-sbk-yield", "unit-axn-cap"]


def figures(texts: dict[str, str]) -> dict[str, Decimal]:
    return {on: Decimal(text) for on, text in texts.items()}


@pytest.mark.parametrize("name", [*QUOTES, *PRICED])
def test_a_quote_in_a_minor_unit(api: Api, name: str) -> None:
    given, expected = CASES[name]["inputs"], CASES[name]["expected"]
    quote = given.get("quote", {"price": given.get("currentPrice"), "currency": given.get("currency")})

    assert api.sync({day("2022-01-04"): float(quote["price"])}, quote_unit=quote["currency"]) == []

    assert api.closes("none") == {"2022-01-04": float(expected["price_in_major"])}
    security = api.client.get("/api/v1/securities/CASE").json()
    major = expected.get("major_currency", security["currency_code"])
    assert (security["currency_code"], security["quote_unit"]) == (major, quote["currency"])


def test_a_unit_that_switches_in_the_middle(api: Api, rosa: User) -> None:
    case = CASES["unit-yf-ssw"]
    shown = {day(on): float(bar["close"]) for on, bar in case["inputs"]["bad_bars"].items()}

    assert api.sync(shown, quote_unit="ZAc") == ["unit_flip"]
    assert api.closes("none") == {}
    correct_all(rosa)

    closes = api.closes("none")
    assert closes == pytest.approx(
        {on: float(close) for on, close in case["expected"]["fixed_close"].items()}, abs=5e-6
    )
    gain = closes["2023-06-01"] / closes["2023-05-31"] - 1
    assert gain == pytest.approx(float(case["expected"]["return_2023-06-01"]), abs=1e-6)
    assert api.sync(shown, quote_unit="ZAc") == []
    assert api.closes("none") == closes


@pytest.mark.parametrize("name", ["unit-yf-abdp", "unit-yf-psh", "unit-yf-tem"])
def test_dividends_in_another_unit_than_prices(api: Api, rosa: User, name: str) -> None:
    given, expected = CASES[name]["inputs"], CASES[name]["expected"]
    closes, bad = {day(on): float(close) for on, close in given["close"].items()}, paid(given["bad_dividends"])

    held = api.sync(closes, quote_unit="GBP", dividends=bad)
    wrong = {
        on
        for on, amount in figures(given["bad_dividends"]).items()
        if figures(expected["fixed_dividends"]).get(on) != amount
    }
    assert (len(held), api.dividends().keys() & wrong) == (len(wrong), set())
    correct_all(rosa)

    assert figures(api.dividends()) == pytest.approx(figures(expected["fixed_dividends"]), abs=Decimal("0.0000005"))
    assert api.sync(closes, quote_unit="GBP", dividends=bad) == []
    assert api.dividends().keys() == expected["fixed_dividends"].keys()
