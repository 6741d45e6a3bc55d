"""Real splits and dividends, right and wrong ones, through a sync and read back through the API.

docs/numbers.md lists the cases and says of those that are not here why not.
"""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from finances.testing.yahoo import Script
from finances.users.models import User
from finances.yahoo.types import Bars, DividendEvent, SplitEvent
from securities.models import Review
from securities.reviews import correct_review
from securities.tests.histories import answer

CASES: dict[str, Any] = json.loads((Path(__file__).parents[1] / "data" / "corporate_actions.json").read_text())
NOW = datetime(2026, 1, 5, 22, tzinfo=UTC)
ONE_SPLIT = ["ca-aapl-2020", "ca-amzn-2022", "ca-googl-2022"]
RETURNS = [name for name in CASES if name.startswith("ca-bk-")]


@pytest.fixture
def api(alice_client: APIClient, fake_yahoo: Script) -> "Api":
    fake_yahoo.now = NOW
    return Api(alice_client, fake_yahoo)


class Api:
    def __init__(self, client: APIClient, yahoo: Script) -> None:
        self.client, self.yahoo = client, yahoo

    def sync(self, shown: dict[date, float], **facts: Any) -> list[str]:
        """Let Yahoo show these closes, and sync. Returns the reasons for which anything was held back."""
        profile = {name: facts[name] for name in ("quote_unit",) if name in facts}
        self.yahoo.add("CASE", closes={date(2020, 1, 1): 1.0}, **profile)
        self.yahoo.answer(answer(dict(sorted(shown.items())), symbol="CASE", fetched_at=NOW, **facts))
        response = self.client.post("/api/v1/securities/CASE/sync", {"refresh": True})
        assert response.status_code == 200
        return [held["reason"] for held in response.json()["sync"]["quarantined"]]

    def bars(self, adjusted: str) -> dict[str, dict[str, Any]]:
        response = self.client.get(f"/api/v1/securities/CASE/prices?adjusted={adjusted}")
        return {bar["date"]: bar for bar in response.json()}

    def closes(self, adjusted: str) -> dict[str, float]:
        return {day: bar["close"] for day, bar in self.bars(adjusted).items()}

    def actions(self) -> dict[str, Any]:
        actions: dict[str, Any] = self.client.get("/api/v1/securities/CASE/actions").json()
        return actions

    def dividends(self) -> dict[str, str]:
        return {event["ex_date"]: event["amount"] for event in self.actions()["dividends"]}


def day(text: str) -> date:
    return date.fromisoformat(text)


def eve(text: str) -> date:
    return day(text) - timedelta(days=1)


def paid(amounts: dict[str, str], kind: Any = "ordinary") -> tuple[DividendEvent, ...]:
    return tuple(DividendEvent(day(on), Decimal(amount), kind) for on, amount in amounts.items())


def correct_all(by: User) -> None:
    for review in Review.objects.open().order_by("pk"):
        correct_review(review, by=by)


@pytest.mark.parametrize("name", ONE_SPLIT)
def test_a_split(api: Api, name: str) -> None:
    given, expected = CASES[name]["inputs"], CASES[name]["expected"]
    (before, raw_before), ratio = next(iter(given["raw_close_before"].items())), float(given["numerator"])
    traded = {before: float(raw_before), **{on: float(c) for on, c in (given["raw_close_on_ex_date"] or {}).items()}}
    shown = {day(on): close / (ratio if on == before else 1) for on, close in traded.items()}
    split = SplitEvent(day(given["ex_date"]), int(given["numerator"]), int(given["denominator"]))

    assert api.sync(shown, splits=(split,)) == []

    assert api.closes("none") == traded
    adjusted = api.closes("splits")
    assert adjusted[before] == pytest.approx(float(expected["pre_split_close_in_new_units"]), abs=1e-6)
    if "return_on_ex_day" in expected:
        gain = adjusted[given["ex_date"]] / adjusted[before] - 1
        assert gain == pytest.approx(float(expected["return_on_ex_day"]), abs=5e-7)
    assert api.actions()["splits"] == [
        {"ex_date": given["ex_date"], "numerator": int(ratio), "denominator": 1, "changes_quantities": True}
    ]


def test_two_splits_in_a_row(api: Api) -> None:
    case = CASES["ca-tsla-cumulative"]
    splits = tuple(SplitEvent(day(s["ex_date"]), int(s["numerator"]), 1) for s in case["inputs"]["splits"])
    shown = float(case["expected"]["close_2020-08-31_after_both"])

    api.sync({day("2020-08-31"): shown}, splits=splits)

    between = float(case["expected"]["close_2020-08-31_between_splits"])
    assert api.closes("none")["2020-08-31"] == pytest.approx(between, rel=1e-7)
    assert api.closes("splits")["2020-08-31"] == pytest.approx(shown, rel=1e-7)


@pytest.mark.parametrize("name", RETURNS)
def test_a_return_over_an_event(api: Api, name: str) -> None:
    given, expected = CASES[name]["inputs"], CASES[name]["expected"]
    (before, raw_before), (on, raw_on) = ((d, float(c)) for d, c in given["close"].items())
    is_split = given["kind"] == "split"
    shown = {day(before): raw_before / (float(given["value"]) if is_split else 1), day(on): raw_on}
    split = (SplitEvent(day(on), int(given["value"]), 1),) if is_split else ()

    held = api.sync(shown, splits=split, dividends=() if is_split else paid({on: given["value"]}))

    assert held == []
    assert api.closes("none") == {before: raw_before, on: raw_on}
    closes = api.closes("all")
    assert closes[on] / closes[before] - 1 == pytest.approx(
        float(expected["total_return_from_raw_and_event"]), abs=1e-6
    )


@pytest.mark.parametrize(("name", "amounts"), [("ca-aapl-div-2023", {"2023-02-10": "0.23"}), ("ca-aapl-2020-adj", {})])
def test_returns_with_and_without_dividends(api: Api, name: str, amounts: dict[str, str]) -> None:
    given, expected = CASES[name]["inputs"], CASES[name]["expected"]
    api.sync({day(on): float(close) for on, close in given["close"].items()}, dividends=paid(amounts))

    before, on = given["close"]
    prices, all_in = api.closes("splits"), api.closes("all")
    assert prices[on] / prices[before] - 1 == pytest.approx(float(expected["price_return"]), abs=5e-7)
    assert all_in[on] / all_in[before] - 1 == pytest.approx(float(expected["adjusted_return"]), abs=2e-5)


def test_a_consolidation_listed_and_not_applied(api: Api, rosa: User) -> None:
    """The case's week as days: its bar, the return of capital, the consolidation, neither of which moves the price
    otherwise."""
    case = CASES["ca-yf-av-2022"]
    given, fixed = case["inputs"], case["expected"]["fixed"]
    bad = {name: float(figure) for name, figure in given["bad"].items()}
    ex_capital = bad["close"] - float(given["dividend_pence"])
    last = ex_capital / float(given["split"])
    history = answer({day("2022-05-13"): bad["close"], day("2022-05-16"): ex_capital, day("2022-05-17"): last})
    prices = [(bad[name], ex_capital, last) for name in ("open", "high", "low", "close")]
    volumes, adjusted = (int(bad["volume"]), -1, -1), (bad["adj_close"], ex_capital, last)
    columns: Any = (history.bars.timestamps, *prices, volumes, adjusted)
    bars = Bars(*columns)
    events: Any = {"splits": (SplitEvent(day("2022-05-17"), 19, 25),), "dividends": paid({"2022-05-16": "101.69"})}

    assert api.sync({}, bars=bars, quote_unit="GBp", **events) == ["unapplied_split"]
    assert api.bars("none") == {}
    correct_all(rosa)

    bar = api.bars("splits")["2022-05-13"]
    for name in ("open", "high", "low", "close"):
        assert bar[name] * 100 == pytest.approx(float(fixed[name]), rel=1e-7)
    assert bar["volume"] == pytest.approx(float(fixed["volume"]), abs=1)
    assert api.closes("all")["2022-05-13"] * 100 == pytest.approx(float(fixed["adj_close"]), rel=5e-4)
    assert Decimal(api.dividends()["2022-05-16"]) == pytest.approx(Decimal("1.0169"), abs=Decimal("0.00005"))


def test_adjusted_closes_carry_every_dividend(api: Api) -> None:
    """The closes on the eves follow from the case's own factors: P = D / (1 - factor)."""
    case = CASES["ca-yf-1398"]
    closes = {day(on): float(close) for on, close in case["inputs"]["close_on_ex_date"].items()}
    eves = {eve("2022-07-04"): 4.68, eve("2023-07-06"): 4.11, eve("2024-07-08"): 4.83}

    assert api.sync({**closes, **eves}, quote_unit="HKD", dividends=paid(case["inputs"]["dividends"])) == []

    adjusted = api.closes("all")
    for on, close in case["expected"]["fixed_adj_close"].items():
        assert adjusted[on] == pytest.approx(float(close), abs=5e-5)


def test_a_capital_gain_listed_twice(api: Api, rosa: User) -> None:
    """The closes on the eves: 120.10 follows from the fixed adjusted close, 112.30 is the close plus what was paid."""
    case = CASES["ca-yf-vwilx"]
    given, later = case["inputs"], case["inputs"]["later"]
    closes = {
        day(given["ex_date"]): float(given["close_on_ex_date"]),
        day(later["ex_date"]): float(later["close_on_ex_date"] if "close_on_ex_date" in later else later["close"]),
    }
    eves = {eve(given["ex_date"]): 112.298, eve(later["ex_date"]): 120.1}
    both = {row["ex_date"]: row for row in (given, later)}
    dividends = paid({on: row["dividends"] for on, row in both.items()})
    gains = paid({on: row["capital_gains"] for on, row in both.items()}, "capital_gain")

    assert api.sync({**closes, **eves}, dividends=dividends + gains) == ["phantom_dividend", "phantom_dividend"]
    correct_all(rosa)

    assert api.closes("all")["2024-12-18"] == pytest.approx(float(case["expected"]["fixed_adj_close"]), abs=5e-3)
    assert [event["kind"] for event in api.actions()["dividends"]] == ["ordinary", "ordinary"]


def test_one_dividend_on_two_days(api: Api, rosa: User) -> None:
    case = CASES["ca-yf-ken-duplicate"]
    closes = {day("2022-01-17"): 105.0, day("2022-01-18"): 104.0, day("2022-01-19"): 101.0}

    assert api.sync(closes, quote_unit="ILS", dividends=paid(case["inputs"]["rows"])) == ["phantom_dividend"]
    assert api.dividends() == case["expected"]["true_dividends"]
    correct_all(rosa)

    assert api.dividends() == case["expected"]["true_dividends"]
    assert api.sync(closes, quote_unit="ILS", dividends=paid(case["inputs"]["rows"])) == []
    assert api.dividends() == case["expected"]["true_dividends"]
