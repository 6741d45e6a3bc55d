"""The same behaviour on every engine: run on SQLite and on PostgreSQL."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from securities import storage_orm
from securities.models import Bar, Price, PriceRevision, Security
from securities.recovery import RawHistory
from securities.storage import Stored, store_bars
from securities.tests.factories import SecurityFactory, SyncRunFactory
from securities.tests.histories import raw

MONDAY, TUESDAY, WEDNESDAY = date(2022, 12, 26), date(2022, 12, 27), date(2022, 12, 28)


@pytest.fixture
def security() -> Security:
    return SecurityFactory.create()


def store(security: Security, history: RawHistory) -> Stored:
    with transaction.atomic():
        return store_bars(security, history, SyncRunFactory.create())


def closes() -> list[tuple[date, float, bool]]:
    rows = Price.objects.order_by("ts").values_list("ts", "close", "provisional")
    return [(ts.date(), close, provisional) for ts, close, provisional in rows]


def test_new_bars_are_added(security: Security) -> None:
    assert store(security, raw({MONDAY: 10.0, TUESDAY: 11.0})) == Stored(added=2, changed=0)
    assert closes() == [(MONDAY, 10.0, False), (TUESDAY, 11.0, False)]


def test_equal_bars_are_not_written(security: Security) -> None:
    store(security, raw({MONDAY: 10.0}))
    first_run = Price.objects.get().run_id

    assert store(security, raw({MONDAY: 10.000009})) == Stored(0, 0)
    assert (Price.objects.get().run_id, Price.objects.get().close) == (first_run, 10.0)


def test_a_changed_settled_bar_keeps_its_predecessor(security: Security) -> None:
    store(security, raw({MONDAY: 10.0}))
    first_run = Price.objects.get().run_id

    assert store(security, raw({MONDAY: 10.5, TUESDAY: 11.0})) == Stored(added=1, changed=1)

    kept = PriceRevision.objects.get()
    assert (kept.ts, kept.close, kept.volume) == (datetime(2022, 12, 26, tzinfo=UTC), 10.0, 1000)
    assert kept.run_id == first_run
    assert closes() == [(MONDAY, 10.5, False), (TUESDAY, 11.0, False)]


def test_a_provisional_bar_is_replaced_without_one(security: Security) -> None:
    store(security, raw({MONDAY: 10.0}, provisional_from=MONDAY))

    assert store(security, raw({MONDAY: 10.5})) == Stored(added=0, changed=1)
    assert (closes(), PriceRevision.objects.count()) == ([(MONDAY, 10.5, False)], 0)


def test_a_provisional_bar_settles_without_a_change(security: Security) -> None:
    store(security, raw({MONDAY: 10.0}, provisional_from=MONDAY))

    assert store(security, raw({MONDAY: 10.0})) == Stored(0, 0)
    assert closes() == [(MONDAY, 10.0, False)]


def test_a_changed_volume_is_a_change(security: Security) -> None:
    store(security, raw({MONDAY: 10.0}, volume=1000))

    assert store(security, raw({MONDAY: 10.0}, volume=1001)) == Stored(0, 0)
    assert store(security, raw({MONDAY: 10.0}, volume=-1)) == Stored(0, 1)
    assert Price.objects.get().volume is None


def test_other_securities_and_intervals_are_untouched(security: Security) -> None:
    other = SecurityFactory.create()
    store(other, raw({MONDAY: 99.0}))
    hourly = RawHistory(**{**vars(raw({MONDAY: 5.0})), "interval": Bar.Interval.HOUR})
    store(security, hourly)

    assert store(security, raw({MONDAY: 10.0})) == Stored(1, 0)
    assert sorted(Price.objects.values_list("interval", "close")) == [(60, 5.0), (1440, 10.0), (1440, 99.0)]


def test_nothing_to_store(security: Security) -> None:
    assert store(security, raw({})) == Stored(0, 0)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the ORM path is the only one here")
def test_both_paths_store_alike(security: Security) -> None:
    twin = SecurityFactory.create()
    first = raw({MONDAY: 10.0, TUESDAY: 11.0, WEDNESDAY: 12.0}, provisional_from=WEDNESDAY)
    second = raw({MONDAY: 10.5, TUESDAY: 11.0, WEDNESDAY: 12.5})
    for history in (first, second):
        with transaction.atomic():
            copied = store_bars(security, history, SyncRunFactory.create())
            assert storage_orm.upsert(twin, history, SyncRunFactory.create())[:2] == tuple(copied)

    def rows(model: Any, owner: Security) -> list[Any]:
        fields = ["interval", "ts", "open", "high", "low", "close", "volume"]
        return list(model.objects.filter(security=owner).order_by("ts").values_list(*fields))

    assert rows(Price, security) == rows(Price, twin)
    assert rows(PriceRevision, security) == rows(PriceRevision, twin)
    assert len(rows(PriceRevision, twin)) == 1


def test_a_settled_bar_is_not_taken_back_by_an_open_session(security: Security) -> None:
    store(security, raw({MONDAY: 10.0}))

    assert store(security, raw({MONDAY: 9.0}, provisional_from=MONDAY)) == Stored(0, 0)
    assert closes() == [(MONDAY, 10.0, False)]
