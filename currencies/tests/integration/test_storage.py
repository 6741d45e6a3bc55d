"""The same behaviour on every engine: run on SQLite and on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection, connections, transaction

from currencies import storage_orm
from currencies.models import Currency, ExchangeRate, ExchangeRateRevision
from currencies.quarantine import lease_name
from currencies.screening import DayClose
from currencies.storage import store_rates
from currencies.tests.factories import CurrencyFactory, RateRunFactory
from finances.sync.leases import confirm, held_lease
from finances.sync.models import Lease, SyncRun
from finances.sync.runs import stamp

MONDAY, TUESDAY, WEDNESDAY = date(2022, 12, 26), date(2022, 12, 27), date(2022, 12, 28)
Store = Callable[[Currency, Currency, list[DayClose], SyncRun], tuple[int, int]]


def store(
    rates: dict[date, str], *, source: str = "yahoo", quote: str = "USD", by: Store = store_rates
) -> tuple[int, int]:
    euro, other = CurrencyFactory.create(code="EUR"), CurrencyFactory.create(code=quote)
    with transaction.atomic():
        run = RateRunFactory.create(source=source)
        return by(euro, other, [DayClose(day, Decimal(rate)) for day, rate in rates.items()], run)


def stored(model: Any = ExchangeRate, **facts: Any) -> list[tuple[date, str]]:
    rows = model.objects.filter(**facts).order_by("day", "pk").values_list("day", "quote_per_base")
    return [(day, f"{rate.normalize():f}") for day, rate in rows]


def test_new_rates_are_added() -> None:
    assert store({MONDAY: "1.0625", TUESDAY: "1.064"}) == (2, 0)
    assert stored() == [(MONDAY, "1.0625"), (TUESDAY, "1.064")]


def test_equal_rates_are_not_written() -> None:
    store({MONDAY: "1.25"})
    first_run = ExchangeRate.objects.get().run_id

    assert store({MONDAY: "1.25000125"}) == (0, 0)
    assert (ExchangeRate.objects.get().run_id, stored()) == (first_run, [(MONDAY, "1.25")])


def test_a_changed_rate_keeps_its_predecessor() -> None:
    store({MONDAY: "1.25"})
    first_run = ExchangeRate.objects.get().run_id

    assert store({MONDAY: "1.25000126", TUESDAY: "1.5"}) == (1, 1)

    kept = ExchangeRateRevision.objects.get()
    assert (kept.day, kept.quote_per_base, kept.source, kept.run_id) == (MONDAY, Decimal("1.25"), "yahoo", first_run)
    assert kept.superseded_at == ExchangeRate.objects.get(day=MONDAY).run.recorded_at
    assert stored() == [(MONDAY, "1.25000126"), (TUESDAY, "1.5")]


def test_other_sources_and_pairs_are_untouched() -> None:
    store({MONDAY: "1.25"}, source="ecb")
    store({MONDAY: "0.88"}, quote="GBP")

    assert store({MONDAY: "1.5"}) == (1, 0)
    assert stored(source="ecb") == [(MONDAY, "1.25")]
    assert stored(quote="GBP") == [(MONDAY, "0.88")]
    assert stored(ExchangeRateRevision) == []


def test_nothing_to_store() -> None:
    assert store({}) == (0, 0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the ORM path is the only one here")
def test_both_paths_store_alike() -> None:
    first = {MONDAY: "1.25", TUESDAY: "0.000000123456789012"}
    second = {MONDAY: "1.5", TUESDAY: "0.000000123456789012", WEDNESDAY: "18345.123456789"}
    for rates in (first, second):
        assert store(rates) == store(rates, quote="GBP", by=storage_orm.upsert)

    for model in (ExchangeRate, ExchangeRateRevision):
        assert stored(model, quote="USD") == stored(model, quote="GBP")
    assert stored(ExchangeRateRevision, quote="USD") == [(MONDAY, "1.25")]


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_lose_no_predecessor() -> None:
    """Each writer changes every rate; what each stored must be a revision or the current rate in the end."""
    days = [MONDAY + timedelta(days=n) for n in range(20)]
    store(dict.fromkeys(days, "1"))

    def write(number: int, lease: Lease) -> tuple[int, int]:
        try:
            euro, dollar = Currency.objects.get(pk="EUR"), Currency.objects.get(pk="USD")
            run = RateRunFactory.create(source="yahoo")
            with transaction.atomic():
                confirm(lease)
                stamp(run)
                run.save(update_fields=["recorded_at"])
                return store_rates(euro, dollar, [DayClose(day, Decimal(number)) for day in days], run)
        finally:
            connections.close_all()

    with held_lease(lease_name("EUR", "USD", "yahoo")) as lease, ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda number: write(number, lease), range(2, 10)))

    assert counts == [(0, 20)] * 8
    for day in days:
        kept: list[Any] = list(ExchangeRateRevision.objects.filter(day=day).order_by("superseded_at"))
        current: Any = ExchangeRate.objects.get(day=day)
        assert sorted([row.quote_per_base for row in kept] + [current.quote_per_base]) == list(range(1, 10))
        assert [row.superseded_at for row, _ in pairwise([*kept, current])] == [
            later.run.recorded_at for _, later in pairwise([*kept, current])
        ]
