"""Rates by system time."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from currencies.models import Currency
from currencies.screening import DayClose
from currencies.storage import store_rates
from currencies.tests.factories import CurrencyFactory, RateRunFactory
from finances.sync.runs import stamp
from finances.testing.plugin import client_of
from finances.users.tests.factories import UserFactory

MONDAY, TUESDAY, WEDNESDAY = date(2022, 12, 26), date(2022, 12, 27), date(2022, 12, 28)


@pytest.fixture(autouse=True)
def _currencies() -> None:
    for code in ("EUR", "USD", "GBP"):
        CurrencyFactory.create(code=code)


def record(pair: str, rates: dict[date, str], source: str = "yahoo") -> datetime:
    """Store as a sync does; answers the moment from which on it counts."""
    base, quote = (Currency.objects.get(pk=code) for code in pair.split("/"))
    run = RateRunFactory.create(symbol=f"{base.pk}{quote.pk}=X", source=source)
    with transaction.atomic():
        stamp(run)
        closes = [DayClose(day, Decimal(rate)) for day, rate in sorted(rates.items())]
        store_rates(base, quote, closes, run)
        run.save(update_fields=["recorded_at"])
    return run.recorded_at


def rates(client: APIClient, code: str, **parameters: Any) -> Any:
    response = client.get(f"/api/v1/currencies/{code}/rates", parameters)
    assert response.status_code == 200, response.json()
    return response.json()


def at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def brief(rows: Any) -> list[tuple[str, str, str]]:
    return [(row["date"], row["quote"], row["rate"]) for row in rows]


def test_a_changed_rate_reads_as_it_was(alice_client: APIClient) -> None:
    first = record("EUR/USD", {MONDAY: "1.25", TUESDAY: "1.6"})
    second = record("EUR/USD", {TUESDAY: "2", WEDNESDAY: "4"})
    was = {
        "date": "2022-12-27", "base": "EUR", "quote": "USD", "rate": "1.6", "source": "yahoo", "derived": False,
        "derivation": "direct",
    }  # fmt: skip

    assert rates(alice_client, "EUR", known_at=at(first - timedelta(microseconds=1))) == []
    for moment in (first, second - timedelta(microseconds=1)):
        assert rates(alice_client, "EUR", known_at=at(moment)) == [was, {**was, "date": "2022-12-26", "rate": "1.25"}]
        assert rates(alice_client, "EUR", quote="USD", known_at=at(moment), limit=1) == [was]
        assert brief(rates(alice_client, "USD", known_at=at(moment))) == [
            ("2022-12-27", "EUR", "0.625"), ("2022-12-26", "EUR", "0.8"),
        ]  # fmt: skip
    assert rates(alice_client, "EUR", known_at=at(second)) == rates(alice_client, "EUR")
    assert brief(rates(alice_client, "EUR"))[:2] == [("2022-12-28", "USD", "4"), ("2022-12-27", "USD", "2")]


def test_a_cross_needs_both_legs_known(alice_client: APIClient) -> None:
    first = record("EUR/USD", {MONDAY: "1.25"})
    second = record("EUR/GBP", {MONDAY: "0.5"})
    third = record("EUR/GBP", {MONDAY: "0.625"})

    answers = [brief(rates(alice_client, "GBP", quote="USD", known_at=at(each))) for each in (first, second, third)]

    assert answers == [[], [("2022-12-26", "USD", "2.5")], [("2022-12-26", "USD", "2")]]


def test_a_pair_stored_the_other_way_later_changes_nothing_then(alice_client: APIClient) -> None:
    first = record("EUR/USD", {MONDAY: "1.25"})
    record("USD/EUR", {MONDAY: "0.79"})

    assert brief(rates(alice_client, "USD", known_at=at(first))) == [("2022-12-26", "EUR", "0.8")]
    assert brief(rates(alice_client, "USD")) == [("2022-12-26", "EUR", "0.79")]


def test_a_preferred_source_that_came_later_changes_nothing_then(alice_client: APIClient, settings: Any) -> None:
    settings.RATE_SOURCES = ["ecb", "yahoo"]
    first = record("EUR/USD", {MONDAY: "1.25"}, "yahoo")
    record("EUR/GBP", {MONDAY: "0.5"}, "yahoo")
    second = record("EUR/GBP", {MONDAY: "0.625"}, "yahoo")
    record("EUR/USD", {MONDAY: "1.5"}, "ecb")

    for parameters in ({}, {"quote": "USD"}):
        was = rates(alice_client, "EUR", known_at=at(first), **parameters)
        now = [row for row in rates(alice_client, "EUR", **parameters) if row["quote"] == "USD"]
        assert [(row["rate"], row["source"]) for row in was] == [("1.25", "yahoo")]
        assert [(row["rate"], row["source"]) for row in now] == [("1.5", "ecb")]
    crossed = rates(alice_client, "GBP", quote="USD", known_at=at(second))
    assert [(row["rate"], row["source"]) for row in crossed] == [("2", "yahoo")]


def test_a_preferred_source_counts_then_as_it_was_then(alice_client: APIClient, settings: Any) -> None:
    settings.RATE_SOURCES = ["ecb", "yahoo"]
    record("EUR/USD", {MONDAY: "1.25"}, "yahoo")
    first = record("EUR/USD", {MONDAY: "1.5"}, "ecb")
    record("EUR/USD", {MONDAY: "1.6"}, "ecb")

    assert brief(rates(alice_client, "EUR", known_at=at(first))) == [("2022-12-26", "USD", "1.5")]


@pytest.mark.parametrize(
    ("known_at", "kind"), [("soon", "invalid"), ("2022-12-28", "date"), ("9999-01-01T00:00:00Z", "future")]
)
def test_moments_that_cannot_be_are_refused(alice_client: APIClient, known_at: str, kind: str) -> None:
    response = alice_client.get("/api/v1/currencies/EUR/rates", {"known_at": known_at})

    assert response.status_code == 422
    assert [(each["loc"], each["type"]) for each in response.json()["detail"]] == [(["query", "known_at"], kind)]


def test_known_at_needs_a_login(anonymous: APIClient) -> None:
    assert anonymous.get("/api/v1/currencies/EUR/rates", {"known_at": "2022-12-28T00:00:00Z"}).status_code == 401


def test_known_at_costs_no_further_queries(alice_client: APIClient) -> None:
    moment = record("EUR/USD", {MONDAY: "1.25", TUESDAY: "1.6"})
    record("EUR/USD", {MONDAY: "2"})
    counts = []
    for parameters in ({}, {"known_at": at(moment)}, {"known_at": at(moment), "limit": 1}):
        with CaptureQueriesContext(connection) as captured:
            rates(alice_client, "EUR", **parameters)
        counts.append(len(captured))

    assert counts == [2, 4, 4]  # user, page with its count; of the past also the currency, and the count by itself


STORED = st.tuples(
    st.sampled_from(["EUR/USD", "EUR/GBP", "USD/EUR", "USD/GBP"]),
    st.dictionaries(st.sampled_from([MONDAY, TUESDAY]), st.sampled_from(["0.5", "1.25", "2"]), min_size=1),
    st.sampled_from(["yahoo", "ecb"]),
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(syncs=st.lists(STORED, min_size=1, max_size=5))
def test_whatever_was_answered_is_answered_again(syncs: list[Any]) -> None:
    with transaction.atomic():
        client = client_of(UserFactory.create())
        answered = []
        for pair, stored, source in syncs:
            moment = record(pair, stored, source)
            answered.append((moment, everything(client)))
        for moment, answer in answered:
            assert everything(client, known_at=at(moment)) == answer
        transaction.set_rollback(True)


def everything(client: APIClient, **parameters: Any) -> list[Any]:
    asked = [("EUR", {}), ("USD", {}), ("GBP", {"quote": "USD"}), ("EUR", {"quote": "USD"})]
    return [rates(client, code, **more, **parameters) for code, more in asked]
