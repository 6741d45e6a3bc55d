"""The sync of one pair, against the scripted Yahoo."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from currencies.models import ExchangeRate, ExchangeRateRevision
from currencies.sync import PairResult, UnknownCurrency, default_quotes, sync_pair
from currencies.tests.factories import CurrencyFactory, store_rate
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
from finances.testing.yahoo import Script

DAYS = [date(2022, 12, 5) + timedelta(days=number) for number in range(20)]
CLOSES = {day: 1.05 + number / 1000 for number, day in enumerate(DAYS)}
RATES = {day: Decimal(1050 + number) / 1000 for number, day in enumerate(DAYS)}


def sync(**options: Any) -> PairResult:
    return sync_pair("EUR", "USD", trigger=SyncRun.Trigger.COMMAND, **options)


def stored() -> dict[date, Decimal]:
    return dict(ExchangeRate.objects.order_by("day").values_list("day", "quote_per_base"))


def answer(yahoo: Script, closes: dict[date, float], symbol: str = "EURUSD=X") -> None:
    yahoo.add(symbol, closes=closes, quote_unit=symbol[3:6], time_zone="Europe/London", security_type="CURRENCY")


@pytest.fixture
def euro(fake_yahoo: Script) -> Script:
    for code in ("EUR", "USD"):
        CurrencyFactory.create(code=code)
    fake_yahoo.now = datetime(2022, 12, 28, 22, tzinfo=UTC)
    answer(fake_yahoo, CLOSES)
    return fake_yahoo


def test_the_first_sync_stores_everything(euro: Script) -> None:
    assert sync() == PairResult("EURUSD", added=20, changed=0)

    assert stored() == RATES
    row, run = ExchangeRate.objects.first(), SyncRun.objects.get()
    assert (row.base_id, row.quote_id, row.source, row.run) == ("EUR", "USD", "yahoo", run)  # type: ignore[union-attr]
    assert (run.symbol, run.status, run.bars_added, run.bars_changed) == ("EURUSD=X", "SUCCEEDED", 20, 0)


def test_a_second_sync_adds_and_changes_nothing(euro: Script) -> None:
    sync()

    assert sync(refresh=True) == PairResult("EURUSD", added=0, changed=0)
    assert (stored(), ExchangeRateRevision.objects.count()) == (RATES, 0)


def test_today_is_left_out_until_it_is_over(euro: Script) -> None:
    euro.now = datetime(2022, 12, 24, 12, tzinfo=UTC)
    assert sync().added == 19

    euro.now = datetime(2022, 12, 25, 1, tzinfo=UTC)
    assert sync(refresh=True).added == 1


def test_later_syncs_ask_for_what_is_new(euro: Script) -> None:
    sync()
    sync()
    sync(since=date(2022, 12, 1))

    assert [call[-1] for call in euro.calls] == [None, date(2022, 12, 14), date(2022, 12, 1)]


def test_the_first_sync_may_begin_later(euro: Script) -> None:
    assert sync(since=DAYS[15]).added == 5


def test_a_corrected_rate_is_changed_and_kept(euro: Script) -> None:
    sync()
    first_run = SyncRun.objects.get()
    answer(euro, CLOSES | {DAYS[-1]: 1.08})

    assert sync(refresh=True) == PairResult("EURUSD", added=0, changed=1)

    kept, current = ExchangeRateRevision.objects.get(), ExchangeRate.objects.get(day=DAYS[-1])
    assert (kept.day, kept.quote_per_base, kept.source, kept.run) == (DAYS[-1], RATES[DAYS[-1]], "yahoo", first_run)
    assert (current.quote_per_base, current.run.pk > first_run.pk) == (Decimal("1.08"), True)


def test_noise_is_no_change(euro: Script) -> None:
    sync()
    answer(euro, {day: close * (1 + 0.9e-6) for day, close in CLOSES.items()})

    assert sync(refresh=True).changed == 0


@pytest.mark.parametrize("factor", [100.0, 0.01, 0.9])
def test_another_series_is_refused(euro: Script, factor: float) -> None:
    sync()
    answer(euro, {day: close * factor for day, close in CLOSES.items()})

    with pytest.raises(YahooBadResponse, match=r"Yahoo's rates of EURUSD contradict the stored ones\."):
        sync(refresh=True)

    assert (stored(), ExchangeRateRevision.objects.count()) == (RATES, 0)


def test_a_correction_of_the_overlaps_first_days_is_checked_against_the_whole(euro: Script) -> None:
    sync()
    answer(euro, CLOSES | {date(2022, 12, 14): 1.08})

    assert sync(refresh=True).changed == 1


def test_a_truncated_answer_is_refused(euro: Script) -> None:
    sync()
    answer(euro, {DAYS[-1] + timedelta(days=1): 1.07})

    with pytest.raises(YahooBadResponse):
        sync(refresh=True)

    assert stored() == RATES


def test_another_unit_is_refused(euro: Script) -> None:
    euro.add("EURUSD=X", closes=CLOSES, quote_unit="USX")

    with pytest.raises(YahooBadResponse, match="in USX, not in USD"):
        sync()


def test_other_sources_rates_stand_beside(euro: Script) -> None:
    theirs = store_rate("EUR/USD", DAYS[5], "9.9", source="ecb")

    assert sync() == PairResult("EURUSD", added=20, changed=0)
    assert sync(refresh=True) == PairResult("EURUSD", added=0, changed=0)

    theirs.refresh_from_db()
    assert theirs.quote_per_base == Decimal("9.9")
    assert dict(ExchangeRate.objects.filter(source="yahoo").values_list("day", "quote_per_base")) == RATES


def test_nothing_is_stored_after_a_currencys_last_day(euro: Script) -> None:
    CurrencyFactory.create(code="HRK", last_valid_on=DAYS[9])
    answer(euro, CLOSES, "EURHRK=X")

    assert sync_pair("EUR", "HRK", trigger=SyncRun.Trigger.COMMAND).added == 10
    assert sync_pair("EUR", "HRK", trigger=SyncRun.Trigger.COMMAND, refresh=True).added == 0


def test_unknown_currencies_are_not_asked_for(euro: Script) -> None:
    with pytest.raises(UnknownCurrency, match=r"XXY is not a known currency\."):
        sync_pair("EUR", "XXY", trigger=SyncRun.Trigger.COMMAND)

    assert euro.calls == []


@pytest.mark.parametrize(
    "error", [YahooNotFound(), YahooNoData(), YahooRateLimited(), YahooUnavailable(), YahooBadResponse()]
)
def test_a_failing_yahoo_leaves_everything_as_it_was(euro: Script, error: FinancesError) -> None:
    sync()
    euro.fail("EURUSD=X", error)

    with pytest.raises(type(error)):
        sync(refresh=True)

    run = SyncRun.objects.first()
    assert run is not None
    assert (stored(), run.status, run.error_code, Lease.objects.count()) == (RATES, "FAILED", error.code, 0)


def test_a_held_lease_refuses_a_second_sync(euro: Script) -> None:
    with held_lease("rates:EURUSD"), pytest.raises(SyncInProgress):
        sync()

    assert sync().added == 20


@pytest.mark.django_db(transaction=True)
def test_of_two_syncs_at_once_one_is_refused(euro: Script) -> None:
    euro.gate = Event()
    results: list[PairResult] = []

    def first() -> None:
        try:
            results.append(sync())
        finally:
            connections.close_all()

    thread = Thread(target=first)
    thread.start()
    deadline = timezone.now() + timedelta(seconds=10)
    while not euro.calls and timezone.now() < deadline:
        thread.join(0.01)
    with pytest.raises(SyncInProgress):
        sync()
    euro.gate.set()
    thread.join(10)

    assert results == [PairResult("EURUSD", added=20, changed=0)]
    assert stored() == RATES


def test_default_quotes_are_known_current_and_wanted() -> None:
    for code in ("EUR", "USD", "GBP", "HRK", "ALL", "AMD"):
        CurrencyFactory.create(code=code)
    store_rate("EUR/ALL", date(2022, 12, 28), "114")

    assert default_quotes("EUR", today=date(2023, 1, 5)) == ["ALL", "GBP", "USD"]
    assert default_quotes("USD", today=date(2023, 1, 5)) == ["ALL", "EUR", "GBP"]
