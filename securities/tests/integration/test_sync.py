"""The sync of one symbol, against the scripted Yahoo."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from currencies.tests.factories import CurrencyFactory
from finances.errors import (
    FinancesError,
    YahooBadResponse,
    YahooNoData,
    YahooNotFound,
    YahooRateLimited,
    YahooUnavailable,
)
from finances.sync.leases import SyncInProgress, held_lease
from finances.sync.models import Lease, SyncRun
from finances.testing.yahoo import FakeYahoo, Script
from finances.yahoo.cached import CachedYahoo
from finances.yahoo.types import DividendEvent, Profile, SplitEvent
from securities.models import Dividend, Price, PriceRevision, Security, Split
from securities.sync import SecurityChanged, SyncResult, sync_security

DAYS = [date(2020, 8, 24) + timedelta(days=number) for number in range(12)]
RAW = {day: (500.0 if day < date(2020, 8, 31) else 125.0) + number for number, day in enumerate(DAYS)}
SPLIT = SplitEvent(date(2020, 8, 31), 4, 1)


def sync(symbol: str = "ACME", **options: Any) -> SyncResult:
    return sync_security(symbol, trigger=SyncRun.Trigger.COMMAND, **options)


def stored() -> dict[date, float]:
    return {ts.date(): close for ts, close in Price.objects.order_by("ts").values_list("ts", "close")}


@pytest.fixture
def acme(fake_yahoo: Script) -> Script:
    fake_yahoo.now = datetime(2020, 9, 10, 22, tzinfo=UTC)
    fake_yahoo.add("ACME", closes=RAW, splits=[SPLIT], name="Acme Corporation")
    return fake_yahoo


def test_the_first_sync_stores_everything_as_traded(acme: Script) -> None:
    result = sync("acme")

    assert stored() == RAW
    assert (result.bars_added, result.bars_changed, result.first_bar, result.last_bar) == (12, 0, DAYS[0], DAYS[-1])
    security, split, run = Security.objects.get(), Split.objects.get(), SyncRun.objects.get()
    assert (security.symbol, security.name, security.currency_id) == ("ACME", "Acme Corporation", "USD")
    assert (split.ex_date, split.numerator, split.denominator, split.changes_quantities) == (SPLIT.ex_date, 4, 1, True)
    assert (run.status, run.bars_added, run.splits_used) == ("SUCCEEDED", 12, [["2020-08-31", 4, 1]])
    assert security.last_synced_at is not None


def test_a_second_sync_adds_and_changes_nothing(acme: Script) -> None:
    sync()

    again = sync(refresh=True)

    assert (again.bars_added, again.bars_changed, PriceRevision.objects.count()) == (0, 0, 0)
    assert list(SyncRun.objects.values_list("status", flat=True)) == ["SUCCEEDED", "SUCCEEDED"]


def test_a_split_between_two_syncs_restates_nothing(acme: Script) -> None:
    acme.now = datetime(2020, 8, 28, 22, tzinfo=UTC)
    sync()
    assert max(stored()) == date(2020, 8, 28)

    acme.now = datetime(2020, 9, 10, 22, tzinfo=UTC)
    result = sync(refresh=True)

    assert (stored(), PriceRevision.objects.count()) == (RAW, 0)
    assert (result.bars_added, result.bars_changed) == (7, 0)


def test_later_syncs_ask_for_what_is_new(acme: Script) -> None:
    sync()
    sync()

    starts = [call[-1] for call in acme.calls if call[0] == "history"]
    assert starts == [None, DAYS[0]]


def test_a_corrected_bar_is_changed_and_kept(acme: Script) -> None:
    sync()
    acme.add("ACME", closes={**RAW, DAYS[-1]: 140.0}, splits=[SPLIT])

    result = sync(refresh=True)

    assert (result.bars_added, result.bars_changed) == (0, 1)
    assert (stored()[DAYS[-1]], PriceRevision.objects.get().close) == (140.0, RAW[DAYS[-1]])


def test_a_sync_asks_again_for_sixty_bars(fake_yahoo: Script) -> None:
    days = [date(2020, 1, 1) + timedelta(days=number) for number in range(100)]
    fake_yahoo.add("ACME", closes=dict.fromkeys(days, 10.0), now=datetime(2020, 5, 1, tzinfo=UTC))
    sync()
    sync()

    starts = [call[-1] for call in fake_yahoo.calls if call[0] == "history"]
    assert starts == [None, days[40]]


@pytest.mark.parametrize(
    ("factor", "reason"), [(0.25, "restated_history"), (100.0, "unit_flip"), (0.9, "restated_history")]
)
def test_a_history_that_contradicts_the_stored_one_is_held_back(acme: Script, factor: float, reason: str) -> None:
    sync()
    acme.add("ACME", closes={day: close * factor for day, close in RAW.items()}, splits=[SPLIT])

    result = sync(refresh=True)

    assert [review.reason for review in result.quarantined] == [reason]
    assert (stored(), PriceRevision.objects.count()) == (RAW, 0)
    run = SyncRun.objects.first()
    assert run is not None
    assert (run.status, run.bars_quarantined) == ("SUCCEEDED", 12)


def test_a_truncated_history_is_held_back(acme: Script) -> None:
    sync()
    acme.add("ACME", closes={date(2020, 9, 9): 1.0}, splits=[SPLIT])

    assert [review.reason for review in sync(refresh=True).quarantined] == ["truncated_history"]
    assert stored() == RAW


def test_pence_are_stored_as_pounds(fake_yahoo: Script) -> None:
    fake_yahoo.add("VOD.L", closes={date(2022, 1, 4): 115.75}, quote_unit="GBp", time_zone="Europe/London",
                   dividends=[DividendEvent(date(2022, 1, 4), Decimal("4.5"))])  # fmt: skip

    security = sync("VOD.L").security

    assert (security.currency_id, security.quote_unit) == ("GBP", "GBp")
    assert (stored(), Dividend.objects.get().amount) == ({date(2022, 1, 4): 1.1575}, Decimal("0.045"))


def test_a_changed_dividend_is_a_new_row(acme: Script) -> None:
    for amount in ("0.5", "0.5", "0.6"):
        acme.add("ACME", closes=RAW, splits=[SPLIT], dividends=[DividendEvent(DAYS[-2], Decimal(amount))])
        sync(refresh=True)

    rows = [(dividend.amount, dividend.superseded_at is None) for dividend in Dividend.objects.order_by("pk")]
    assert rows == [(Decimal("0.5"), False), (Decimal("0.6"), True)]


def test_odd_split_ratios_move_prices_but_not_holdings(fake_yahoo: Script) -> None:
    fake_yahoo.add("GE", closes=dict.fromkeys(DAYS, 100.0), splits=[SplitEvent(DAYS[5], 10_027_455, 10_000_000)])

    sync("GE")

    assert Split.objects.get().changes_quantities is False


@pytest.mark.parametrize(
    "error", [YahooNotFound(), YahooNoData(), YahooRateLimited(), YahooUnavailable(), YahooBadResponse()]
)
def test_a_failing_yahoo_leaves_everything_as_it_was(acme: Script, error: FinancesError) -> None:
    sync()
    before = Security.objects.values().get()
    acme.fail("ACME", error, method="history")

    with pytest.raises(type(error)):
        sync(refresh=True)

    run = SyncRun.objects.first()
    assert run is not None
    assert (stored(), Security.objects.values().get()) == (RAW, before)
    assert (run.status, run.error_code, Lease.objects.count()) == ("FAILED", error.code, 0)


def test_prices_go_on_without_a_profile(acme: Script) -> None:
    acme.now = datetime(2020, 8, 28, 22, tzinfo=UTC)
    sync()
    acme.now = datetime(2020, 9, 10, 22, tzinfo=UTC)
    acme.fail("ACME", YahooRateLimited(), method="profile")

    assert sync(refresh=True).bars_added == 7


def test_an_unknown_symbol_without_a_profile_is_not_created(acme: Script) -> None:
    acme.fail("ACME", YahooRateLimited(), method="profile")

    with pytest.raises(YahooRateLimited):
        sync()

    assert (Security.objects.count(), Price.objects.count()) == (0, 0)


def test_a_market_without_short_bars_has_none(acme: Script) -> None:
    result = sync(intervals=("1d", "1h"))

    assert (result.bars_added, Price.objects.filter(interval=60).count()) == (12, 0)


def test_a_held_lease_refuses_a_second_sync(acme: Script) -> None:
    with held_lease("sync:ACME"), pytest.raises(SyncInProgress):
        sync()

    assert sync().bars_added == 12


def test_a_lease_past_its_time_is_taken_over(acme: Script) -> None:
    with held_lease("sync:ACME") as lease:
        Lease.objects.filter(pk=lease.pk).update(expires_at=timezone.now() - timedelta(seconds=1))

        assert sync().bars_added == 12


@pytest.mark.django_db(transaction=True)
def test_of_two_syncs_at_once_one_is_refused(acme: Script) -> None:
    acme.gate = Event()
    results: list[SyncResult] = []

    def first() -> None:
        try:
            results.append(sync())
        finally:
            connections.close_all()

    thread = Thread(target=first)
    thread.start()
    deadline = timezone.now() + timedelta(seconds=10)
    while not acme.calls and timezone.now() < deadline:
        thread.join(0.01)
    with pytest.raises(SyncInProgress):
        sync()
    acme.gate.set()
    thread.join(10)

    assert [result.bars_added for result in results] == [12]
    assert stored() == RAW


class WhileStaffChangeIt(FakeYahoo):
    """Between what the answer is judged by and its write, the security is put into another currency."""

    def profile(self, symbol: str) -> Profile:
        Security.objects.filter(symbol=symbol).update(currency=CurrencyFactory.create(code="CHF"))
        return super().profile(symbol)


def test_a_security_that_changed_meanwhile_is_left_alone(acme: Script) -> None:
    acme.now = datetime(2020, 8, 28, 22, tzinfo=UTC)
    sync()
    before = stored()

    acme.now = datetime(2020, 9, 10, 22, tzinfo=UTC)
    with pytest.raises(SecurityChanged):
        sync(refresh=True, yahoo=CachedYahoo(WhileStaffChangeIt()))

    assert (stored(), Security.objects.get().currency_id) == (before, "CHF")
    failed = SyncRun.objects.values_list("error_code", "batch__status").get(status="FAILED")
    assert (failed, Lease.objects.count()) == (("security_changed", "FAILED"), 0)


class InAnotherUnit(FakeYahoo):
    def profile(self, symbol: str) -> Profile:
        return replace(super().profile(symbol), quote_unit="EUR")


def test_the_currency_is_the_prices_whatever_the_profile_says(acme: Script) -> None:
    security = sync(yahoo=CachedYahoo(InAnotherUnit())).security

    assert (security.currency_id, security.quote_unit, stored()) == ("USD", "USD", RAW)


def test_prices_go_on_when_only_the_profile_is_unknown(acme: Script) -> None:
    sync()
    acme.fail("ACME", YahooNotFound(), method="profile")

    assert sync(refresh=True).bars_added == 0


def test_the_rounding_of_a_dividend_after_a_split_is_no_change(fake_yahoo: Script) -> None:
    """2.65 a share is shown as 0.094643 after 28:1 and as 0.009464 after another 10:1."""
    closes = {day: 2800.0 if number < 5 else 100.0 if number < 6 else 10.0 for number, day in enumerate(DAYS)}
    splits = [SplitEvent(DAYS[5], 28, 1), SplitEvent(DAYS[6], 10, 1)]
    fake_yahoo.add("ACME", closes=closes, splits=splits, dividends=[DividendEvent(DAYS[2], Decimal("2.65"))])
    for day in (DAYS[5], DAYS[-1]):
        fake_yahoo.now = datetime.combine(day, time(22), UTC)
        sync(refresh=True)

    assert [row.amount for row in Dividend.objects.all()] == [Decimal("2.65")]
    assert stored() == closes
