"""One history over what a renamed security was and became: FB until Wednesday, META from Thursday."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from currencies.tests.factories import CurrencyFactory
from finances.errors import YahooNotFound
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.batch import stale_symbols
from securities.models import Bar, Price, Security
from securities.succession import SuccessionCycle, SuccessorCurrency, check_successor
from securities.tests.factories import DividendFactory, SecurityFactory, SplitFactory, SyncRunFactory, store_closes

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = (date(2022, 6, day) for day in (7, 8, 9, 10))


@pytest.fixture
def meta() -> Security:
    security = SecurityFactory.create(symbol="META")
    store_closes(security, {THURSDAY: 40.0, FRIDAY: 50.0})
    return security


@pytest.fixture
def fb(meta: Security) -> Security:
    """It goes on trading on Thursday, as some providers still list it."""
    security = SecurityFactory.create(
        symbol="FB", successor=meta, is_active=False, inactive_reason=Security.InactiveReason.RENAMED
    )
    store_closes(security, {TUESDAY: 20.0, WEDNESDAY: 30.0, THURSDAY: 41.0})
    return security


def history(client: APIClient, symbol: str, **parameters: Any) -> list[tuple[str, float]]:
    response = client.get(f"/api/v1/securities/{symbol}/prices", {"order": "asc", **parameters})
    assert response.status_code == 200, response.json()
    return [(bar.get("date", bar.get("timestamp")), bar["close"]) for bar in response.json()]


WHOLE = [("2022-06-07", 20.0), ("2022-06-08", 30.0), ("2022-06-09", 40.0), ("2022-06-10", 50.0)]


@pytest.mark.parametrize("symbol", ["META", "FB"])
@pytest.mark.parametrize("adjusted", ["none", "splits", "all"])
def test_either_reads_one_history(alice_client: APIClient, fb: Security, symbol: str, adjusted: str) -> None:
    assert history(alice_client, symbol, adjusted=adjusted) == WHOLE
    assert history(alice_client, symbol, adjusted=adjusted, limit=3) == WHOLE[1:]
    assert history(alice_client, symbol, adjusted=adjusted, limit=1) == WHOLE[3:]
    assert history(alice_client, symbol, start_date="2022-06-08", end_date="2022-06-09") == WHOLE[1:3]
    assert history(alice_client, symbol, interval="1wk") == [("2022-06-06", 50.0)]


def test_each_alone(alice_client: APIClient, fb: Security) -> None:
    assert history(alice_client, "META", continuous="false") == WHOLE[2:]
    assert history(alice_client, "FB", continuous="false") == [*WHOLE[:2], ("2022-06-09", 41.0)]


def test_continuous_is_true_or_false(alice_client: APIClient, fb: Security) -> None:
    response = alice_client.get("/api/v1/securities/META/prices", {"continuous": "perhaps"})

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["query", "continuous"]]


def test_each_is_adjusted_by_its_own_splits_and_by_later_ones_of_the_successor(
    alice_client: APIClient, meta: Security, fb: Security
) -> None:
    SplitFactory.create(security=fb, ex_date=WEDNESDAY, numerator=2)
    SplitFactory.create(security=meta, ex_date=FRIDAY, numerator=5)
    SplitFactory.create(security=meta, ex_date=TUESDAY, numerator=7)  # before its first bar: FB's to know
    SplitFactory.create(security=fb, ex_date=FRIDAY, numerator=9)  # after FB's days

    assert history(alice_client, "META") == [
        ("2022-06-07", 2.0), ("2022-06-08", 6.0), ("2022-06-09", 8.0), ("2022-06-10", 50.0),
    ]  # fmt: skip


@pytest.mark.parametrize("listed_by", [["FB"], ["META"], ["FB", "META"]])
def test_a_split_on_the_day_of_the_change_counts_once(
    alice_client: APIClient, meta: Security, fb: Security, listed_by: list[str]
) -> None:
    for security in (fb, meta):
        if security.symbol in listed_by:
            SplitFactory.create(security=security, ex_date=THURSDAY, numerator=2)

    assert history(alice_client, "META") == [("2022-06-07", 10.0), ("2022-06-08", 15.0), *WHOLE[2:]]


def test_dividends_of_both(alice_client: APIClient, meta: Security, fb: Security) -> None:
    DividendFactory.create(security=fb, ex_date=WEDNESDAY, amount=Decimal(2))  # a tenth of 20
    DividendFactory.create(security=meta, ex_date=FRIDAY, amount=Decimal(20))  # half of 40

    assert history(alice_client, "FB", adjusted="all") == [
        ("2022-06-07", 9.0), ("2022-06-08", 15.0), ("2022-06-09", 20.0), ("2022-06-10", 50.0),
    ]  # fmt: skip


@pytest.mark.parametrize("paid_by", [["FB"], ["META"], ["FB", "META"]])
def test_a_dividend_on_the_day_of_the_change_follows_the_last_close_before_it(
    alice_client: APIClient, meta: Security, fb: Security, paid_by: list[str]
) -> None:
    """A tenth of Wednesday's 30, of which the first buyer of the new shares gets nothing."""
    for security in (fb, meta):
        if security.symbol in paid_by:
            DividendFactory.create(security=security, ex_date=THURSDAY, amount=Decimal(3))
    expected = [("2022-06-07", 18.0), ("2022-06-08", 27.0), *WHOLE[2:]]

    for symbol in ("FB", "META"):
        assert history(alice_client, symbol, adjusted="all") == expected
        assert history(alice_client, symbol, adjusted="all", known_at=timezone.now().isoformat()) == expected


def test_a_dividend_and_a_split_on_the_day_of_the_change(alice_client: APIClient, meta: Security, fb: Security) -> None:
    """Wednesday's 30 are 15 in new shares, a tenth of which is paid."""
    SplitFactory.create(security=meta, ex_date=THURSDAY, numerator=2)
    DividendFactory.create(security=meta, ex_date=THURSDAY, amount=Decimal("1.5"))

    assert history(alice_client, "META", adjusted="all") == [("2022-06-07", 9.0), ("2022-06-08", 13.5), *WHOLE[2:]]


def test_the_first_days_dividend_of_a_security_alone_adjusts_nothing(alice_client: APIClient, meta: Security) -> None:
    DividendFactory.create(security=meta, ex_date=THURSDAY, amount=Decimal(4))

    assert history(alice_client, "META", adjusted="all") == WHOLE[2:]


def test_a_chain_of_three(alice_client: APIClient, fb: Security) -> None:
    oldest = SecurityFactory.create(symbol="TFB", successor=fb)
    store_closes(oldest, {date(2022, 6, 6): 10.0, TUESDAY: 21.0})
    SplitFactory.create(security=fb, ex_date=WEDNESDAY, numerator=2)
    whole = [("2022-06-06", 5.0), ("2022-06-07", 10.0), *WHOLE[1:]]

    for symbol in ("TFB", "FB", "META"):
        assert history(alice_client, symbol) == whole


def test_shorter_bars_change_over_where_the_successors_begin(
    alice_client: APIClient, meta: Security, fb: Security
) -> None:
    def store(security: Security, closes: dict[int, float]) -> None:
        Price.objects.bulk_create(
            Price(security=security, interval=Bar.Interval.HOUR, ts=datetime(2022, 6, 9, hour, tzinfo=UTC), close=close,
                  run=SyncRunFactory.create())
            for hour, close in closes.items()
        )  # fmt: skip

    store(fb, {14: 1.0, 15: 2.0})
    store(meta, {15: 3.0, 16: 4.0})
    SplitFactory.create(security=meta, ex_date=FRIDAY, numerator=2)

    assert history(alice_client, "META", interval="1h") == [
        ("2022-06-09T14:00:00Z", 0.5), ("2022-06-09T15:00:00Z", 1.5), ("2022-06-09T16:00:00Z", 2.0),
    ]  # fmt: skip
    assert history(alice_client, "META", interval="1m") == []


def test_a_successor_without_bars(alice_client: APIClient) -> None:
    bare = SecurityFactory.create(symbol="BARE")
    old = SecurityFactory.create(symbol="OLD", successor=bare)
    assert history(alice_client, "BARE") == history(alice_client, "OLD") == []

    store_closes(old, {TUESDAY: 1.0})

    assert history(alice_client, "BARE") == history(alice_client, "OLD") == [("2022-06-07", 1.0)]


def test_as_it_was_known(alice_client: APIClient, fb: Security, meta: Security) -> None:
    """Then META's bars were not there, so FB's own of Thursday stands."""
    moment = datetime(2022, 6, 9, 22, tzinfo=UTC)
    SyncRun.objects.filter(symbol="FB").update(recorded_at=moment)

    assert history(alice_client, "META", known_at="2022-06-10T00:00:00Z") == [*WHOLE[:2], ("2022-06-09", 41.0)]
    assert history(alice_client, "META", known_at=timezone.now().isoformat()) == WHOLE


def test_prices_in_two_currencies_are_not_one_history(alice_client: APIClient, meta: Security, fb: Security) -> None:
    Security.objects.filter(pk=fb.pk).update(currency=CurrencyFactory.create(code="EUR"))

    assert history(alice_client, "META") == WHOLE[2:]


def test_the_link_in_the_bodies(alice_client: APIClient, fb: Security, meta: Security) -> None:
    def told(symbol: str) -> tuple[Any, ...]:
        body = alice_client.get(f"/api/v1/securities/{symbol}").json()
        return body["is_active"], body["inactive_reason"], body["successor_symbol"]

    assert told("FB") == (False, "RENAMED", "META")
    assert told("META") == (True, "", None)
    meta.delete()
    assert told("FB") == (False, "RENAMED", None)
    assert history(alice_client, "FB") == [*WHOLE[:2], ("2022-06-09", 41.0)]


def test_a_list_costs_the_same_queries_with_links(alice_client: APIClient) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alice_client.get("/api/v1/securities").status_code == 200
        return len(captured)

    SecurityFactory.create()
    one = queries()
    for _ in range(2):
        SecurityFactory.create(successor=SecurityFactory.create())

    assert queries() == one


def test_a_history_without_links_costs_nothing_more(alice_client: APIClient) -> None:
    store_closes(SecurityFactory.create(symbol="ACME"), {TUESDAY: 1.0})

    with CaptureQueriesContext(connection) as captured:
        history(alice_client, "ACME", adjusted="none")

    assert len(captured) == 4  # user, security, bars, the version once more


def test_inactive_ones_are_left_out_of_a_sync_of_all(fb: Security, meta: Security) -> None:
    assert stale_symbols(synced_before=None) == ["META"]
    assert stale_symbols(synced_before=timezone.now() + timedelta(days=1)) == ["META"]


@pytest.mark.django_db(transaction=True)
def test_a_symbol_that_yahoo_no_longer_knows_keeps_its_history(alice_client: APIClient, fake_yahoo: Script) -> None:
    security = SecurityFactory.create(symbol="GONE")
    store_closes(security, {TUESDAY: 1.0})
    fake_yahoo.fail("GONE", YahooNotFound())

    response = alice_client.post("/api/v1/securities/GONE/sync", {})

    assert (response.status_code, response.json()["code"]) == (404, "symbol_not_found")
    assert history(alice_client, "GONE") == [("2022-06-07", 1.0)]
    assert alice_client.get("/api/v1/securities/GONE").json()["is_active"] is True
    run = SyncRun.objects.order_by("pk").last()
    assert run is not None
    assert (run.symbol, run.status, run.error_code) == ("GONE", "FAILED", "symbol_not_found")


@transaction.atomic
def check(security: Security, successor: Security | None) -> None:
    check_successor(security, successor, currency_code=security.currency_id)


def test_cycles_are_refused(fb: Security, meta: Security) -> None:
    oldest = SecurityFactory.create(symbol="TFB", successor=fb)

    for security, successor in [(meta, fb), (meta, oldest), (meta, meta)]:
        with pytest.raises(SuccessionCycle):
            check(security, Security.objects.get(pk=successor.pk))
    check(oldest, None)
    check(oldest, Security.objects.get(pk=meta.pk))


def test_another_currency_is_refused(meta: Security) -> None:
    euro = SecurityFactory.create(currency=CurrencyFactory.create(code="EUR"))

    with pytest.raises(SuccessorCurrency):
        check(euro, meta)


def test_a_cycle_that_is_stored_all_the_same_ends(alice_client: APIClient, fb: Security, meta: Security) -> None:
    Security.objects.filter(pk=meta.pk).update(successor=fb)

    days = [day for day, _ in history(alice_client, "META")]

    assert days == sorted(set(days))
    assert len(days) >= 3


def test_what_the_database_refuses(alice: User, fb: Security, meta: Security) -> None:
    own = SecurityFactory.create(owner=alice)
    refused: list[tuple[Security, dict[str, Any]]] = [
        (meta, {"successor": meta}),
        (own, {"successor": meta}),
        (SecurityFactory.create(), {"successor": meta}),  # one predecessor each
        (meta, {"inactive_reason": "DELISTED"}),  # active
    ]
    for security, facts in refused:
        with pytest.raises(IntegrityError), transaction.atomic():
            Security.objects.filter(pk=security.pk).update(**facts)
