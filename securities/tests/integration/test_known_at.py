"""History by system time: what was answered then is answered again."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from finances.sync.models import SyncRun
from finances.sync.runs import stamp, succeed
from finances.yahoo.types import SplitEvent
from securities.actions import store_dividends, store_splits
from securities.api.price_bodies import ordered_bars, price_data
from securities.history import PriceQuery
from securities.models import PriceRevision, Security, Split
from securities.recovery import RawDividend
from securities.storage import store_bars
from securities.tests.factories import SecurityFactory, SyncRunFactory
from securities.tests.histories import raw

URL = "/api/v1/securities/ACME/prices"
FRIDAY, MONDAY, TUESDAY = date(2020, 8, 28), date(2020, 8, 31), date(2020, 9, 1)
TODAY = date(2026, 1, 5)


@pytest.fixture
def acme() -> Security:
    return SecurityFactory.create(symbol="ACME")


def record(security: Security, closes: dict[date, float], *events: Any, **options: Any) -> datetime:
    """Store as a sync does; answers the moment from which on it counts."""
    run: SyncRun = SyncRunFactory.create(symbol="ACME", status=SyncRun.Status.RUNNING)
    with transaction.atomic():
        stamp(run)
        store_splits(security, [event for event in events if isinstance(event, SplitEvent)], run)
        store_dividends(security, [event for event in events if isinstance(event, RawDividend)], run)
        store_bars(security, raw(closes, **options), run)
        succeed(run, bars_added=0, bars_changed=0, splits_used=[])
    return run.recorded_at


def dividend(amount: str, ex_date: date = MONDAY) -> RawDividend:
    return RawDividend(ex_date, Decimal(amount), kind="ordinary", currency_code="USD", shares_since=1.0)


def closes(client: APIClient, **parameters: Any) -> dict[str, float]:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.json()
    return {bar["date"]: bar["close"] for bar in response.json()}


def at(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_a_changed_bar_reads_as_it_was(alice_client: APIClient, acme: Security) -> None:
    first = record(acme, {FRIDAY: 10.0, MONDAY: 11.0})
    second = record(acme, {MONDAY: 11.5, TUESDAY: 12.0})
    before = second - timedelta(microseconds=1)

    assert closes(alice_client, known_at=at(first - timedelta(microseconds=1))) == {}
    for moment in (first, before):
        response = alice_client.get(URL, {"known_at": at(moment), "order": "asc"})
        assert response.json() == [
            {"date": "2020-08-28", "open": 10.0, "high": 10.0, "low": 10.0, "close": 10.0, "volume": 1000},
            {"date": "2020-08-31", "open": 11.0, "high": 11.0, "low": 11.0, "close": 11.0, "volume": 1000},
        ]
    now = {"2020-08-28": 10.0, "2020-08-31": 11.5, "2020-09-01": 12.0}
    assert closes(alice_client, known_at=at(second)) == closes(alice_client) == now


def test_predecessors_end_where_their_successors_begin(acme: Security) -> None:
    record(acme, {MONDAY: 11.0})
    second, third = record(acme, {MONDAY: 11.5}), record(acme, {MONDAY: 12.5})

    ends = PriceRevision.objects.order_by("superseded_at").values_list("superseded_at", "run__recorded_at")
    assert [superseded for superseded, _recorded in ends] == [second, third]
    assert [recorded for _superseded, recorded in ends][1] == second


def test_range_and_limit_are_of_what_was_known(alice_client: APIClient, acme: Security) -> None:
    first = record(acme, {FRIDAY: 10.0, MONDAY: 11.0})
    record(acme, {FRIDAY: 10.5, TUESDAY: 12.0})

    assert closes(alice_client, known_at=at(first), limit=1) == {"2020-08-31": 11.0}
    assert closes(alice_client, known_at=at(first), end_date="2020-08-28") == {"2020-08-28": 10.0}
    assert closes(alice_client, known_at=at(first), interval="1wk") == {"2020-08-31": 11.0, "2020-08-24": 10.0}


def test_events_count_from_when_they_were_recorded(alice_client: APIClient, acme: Security) -> None:
    first = record(acme, {FRIDAY: 400.0, MONDAY: 100.0})
    second = record(acme, {}, SplitEvent(MONDAY, 5, 1))
    third = record(acme, {}, SplitEvent(MONDAY, 4, 1))

    def friday(moment: datetime) -> float:
        return closes(alice_client, known_at=at(moment))["2020-08-28"]

    assert [friday(moment) for moment in (first, second, third)] == [400.0, 80.0, 100.0]
    assert closes(alice_client)["2020-08-28"] == 100.0
    assert list(Split.objects.order_by("pk").values_list("superseded_at", flat=True)) == [third, None]


def test_dividends_use_the_close_before_them_as_known(alice_client: APIClient, acme: Security) -> None:
    first = record(acme, {FRIDAY: 10.0, MONDAY: 10.0}, dividend("1"))
    second = record(acme, {FRIDAY: 20.0}, dividend("4"))

    assert closes(alice_client, known_at=at(first), adjusted="all") == {"2020-08-31": 10.0, "2020-08-28": 9.0}
    assert closes(alice_client, known_at=at(second), adjusted="all") == {"2020-08-31": 10.0, "2020-08-28": 16.0}
    assert closes(alice_client, adjusted="all")["2020-08-28"] == 16.0


def test_an_open_sessions_bar_is_known_from_its_last_writing(alice_client: APIClient, acme: Security) -> None:
    first = record(acme, {FRIDAY: 10.0, MONDAY: 11.0}, provisional_from=MONDAY)
    second = record(acme, {MONDAY: 11.5})

    assert closes(alice_client, known_at=at(first)) == {"2020-08-28": 10.0}
    assert closes(alice_client, known_at=at(second)) == {"2020-08-28": 10.0, "2020-08-31": 11.5}


def test_a_period_ends_on_the_day_of_known_at(alice_client: APIClient, acme: Security) -> None:
    long_ago = timezone.now() - timedelta(days=400)
    record(acme, {(long_ago - timedelta(days=2)).date(): 10.0})
    SyncRun.objects.update(recorded_at=long_ago)

    assert closes(alice_client, period="5d") == {}
    assert len(closes(alice_client, period="5d", known_at=at(long_ago))) == 1


@pytest.mark.parametrize(
    ("known_at", "kind"),
    [("yesterday", "invalid"), ("2020-08-28", "date"), ("9999-01-01T00:00:00Z", "future"),
     ("0001-01-01T00:00:00+14:00", "overflow")],
)  # fmt: skip
def test_moments_that_cannot_be_are_refused(alice_client: APIClient, acme: Security, known_at: str, kind: str) -> None:
    response = alice_client.get(URL, {"known_at": known_at})

    assert response.status_code == 422
    assert [(each["loc"], each["type"]) for each in response.json()["detail"]] == [(["query", "known_at"], kind)]


def test_known_at_needs_a_login_and_a_security_of_ones_own(anonymous: APIClient, alice_client: APIClient) -> None:
    now = at(timezone.now())

    assert anonymous.get(URL, {"known_at": now}).status_code == 401
    assert alice_client.get(URL, {"known_at": now}).status_code == 404


def test_bars_are_read_by_one_statement(alice_client: APIClient, acme: Security) -> None:
    record(acme, {FRIDAY: 10.0, MONDAY: 11.0})
    moment = record(acme, {MONDAY: 11.5})

    with CaptureQueriesContext(connection) as captured:
        closes(alice_client, known_at=at(moment), adjusted="none")

    assert len(captured) == 3  # user, security, bars
    assert "UNION ALL" in captured[2]["sql"]


DAYS = [date(2025, 1, 6) + timedelta(days=number) for number in range(5)]
SYNCS = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(DAYS), st.sampled_from([10.0, 11.0, 12.5]), max_size=5),
        st.sampled_from([(), (SplitEvent(DAYS[2], 2, 1),), (SplitEvent(DAYS[2], 3, 1),), (SplitEvent(DAYS[4], 5, 1),)]),
        st.sampled_from(["", "1", "2"]),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(syncs=SYNCS)
def test_whatever_was_answered_is_answered_again(acme: Security, syncs: list[Any]) -> None:
    with transaction.atomic():
        answered = []
        for bars, splits, amount in syncs:
            events = [*splits, *([dividend(amount, DAYS[3])] if amount else [])]
            moment = record(acme, dict(sorted(bars.items())), *events)
            answered.append((moment, everything(acme)))
        for moment, answer in answered:
            assert everything(acme, known_at=moment) == answer
        transaction.set_rollback(True)


def everything(security: Security, **options: Any) -> list[Any]:
    queries = [PriceQuery(adjusted=each, **options) for each in ("none", "splits", "all")]
    return [price_data(ordered_bars(security, query, today=TODAY), "1d", "rows") for query in queries]
