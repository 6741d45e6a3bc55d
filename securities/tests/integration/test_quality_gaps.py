"""Gaps that a sync asks for again."""

import subprocess
import sys
from concurrent.futures import Future
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from securities import calendars
from securities.calendar_codes import BY_EXCHANGE, BY_SUFFIX
from securities.calendars import UnknownCalendar, trading_days
from securities.models import Price, Security
from securities.quality import first_gap
from securities.sync import sync_security
from securities.tests.factories import SecurityFactory, store_closes

TODAY = date(2023, 1, 4)


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "WAIT_SECONDS", 60.0)


def security_without(*lacking: date, first: date = date(2022, 12, 1), **facts: Any) -> Security:
    """With a bar on every trading day from `first` to 2023-01-03 but those."""
    security: Security = SecurityFactory.create(**facts)
    days = [day for day in trading_days(security, first, date(2023, 1, 3)).tolist() if day not in lacking]
    store_closes(security, dict.fromkeys(days, 10.0))
    return security


def test_the_first_gap_is_the_earliest_trading_day_without_a_bar() -> None:
    assert first_gap(security_without(date(2022, 12, 27), date(2022, 12, 30))) == date(2022, 12, 27)


def test_holidays_are_no_gap() -> None:
    assert first_gap(security_without()) is None


def test_a_gap_may_be_any_time_ago() -> None:
    assert first_gap(security_without(date(2022, 3, 1), first=date(2022, 1, 3))) == date(2022, 3, 1)


@pytest.mark.parametrize("facts", [{"exchange": "Moon"}, {"exchange": ""}])
def test_without_a_known_calendar_there_is_no_gap(facts: dict[str, Any]) -> None:
    security = SecurityFactory.create(**facts)
    store_closes(security, {date(2022, 12, 1): 1.0, date(2023, 1, 3): 1.0})

    assert first_gap(security) is None
    with pytest.raises(UnknownCalendar):
        trading_days(security, date(2022, 12, 1), TODAY)


def test_nothing_stored_has_no_gap() -> None:
    assert first_gap(SecurityFactory.create()) is None


def test_the_calendar_is_not_asked_where_every_weekday_has_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    security = SecurityFactory.create()
    store_closes(security, {date(2022, 12, 5) + timedelta(days=offset): 1.0 for offset in range(5)})
    monkeypatch.setattr(calendars, "_loading", None)

    assert first_gap(security) is None


def test_a_calendar_that_is_loading_gives_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    security = security_without(date(2022, 12, 27))
    monkeypatch.setattr(calendars, "_loading", lambda code, year: Future())
    monkeypatch.setattr(calendars, "WAIT_SECONDS", 0.0)

    assert first_gap(security) is None


@pytest.mark.parametrize(
    ("facts", "holiday", "session"),
    [
        ({"symbol": "ACME", "exchange": "NYQ"}, date(2022, 11, 24), date(2022, 11, 25)),
        ({"symbol": "ACME.L", "exchange": "LSE"}, date(2022, 9, 19), date(2022, 9, 20)),
        ({"symbol": "ACME.DE", "exchange": "XETRA"}, date(2022, 4, 15), date(2022, 10, 3)),
        ({"symbol": "7203.T", "exchange": "Tokyo"}, date(2022, 5, 3), date(2022, 5, 2)),
        ({"symbol": "2330.TW", "exchange": "Taiwan"}, date(2022, 2, 28), date(2022, 2, 25)),
        ({"symbol": "ACME.HK", "exchange": "HKSE"}, date(2022, 10, 4), date(2022, 10, 3)),
    ],
    ids=lambda value: value["symbol"] if isinstance(value, dict) else "",
)
def test_markets_have_their_own_holidays(facts: dict[str, Any], holiday: date, session: date) -> None:
    security = SecurityFactory.create(**facts)

    assert trading_days(security, holiday, holiday).tolist() == []
    assert trading_days(security, session, session).tolist() == [session]


# One test each, so that workers share them: reckoning all holidays since 1960 takes a tenth of a second a market.
@pytest.mark.parametrize("code", sorted({*BY_EXCHANGE.values(), *BY_SUFFIX.values()}))
def test_every_market_of_the_table_has_a_calendar_with_holidays(code: str) -> None:
    sessions = calendars._sessions(code, 2026)

    assert 2 * 235 <= (sessions >= np.datetime64("2025-01-01")).sum() <= 2 * 257


def test_beyond_the_known_holidays_there_is_no_verdict() -> None:
    security = SecurityFactory.create(symbol="7203.T")

    with pytest.raises(UnknownCalendar, match=r"The trading calendar of 7203\.T is not known up to 2300-01-01\."):
        trading_days(security, date(2022, 5, 2), date(2300, 1, 1))


def test_nothing_imports_the_library_before_it_is_needed() -> None:
    code = (
        "import django, sys; django.setup(); import config.urls, securities.management.commands.sync_prices; "
        "sys.exit('exchange_calendars' in sys.modules or 'pandas' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own interpreter


def test_a_refresh_fills_a_gap_older_than_the_overlap(fake_yahoo: Script) -> None:
    days = trading_days(SecurityFactory.build(exchange="NasdaqGS"), date(2022, 6, 1), date(2023, 1, 3)).tolist()
    fake_yahoo.now = datetime(2023, 1, 4, 22, tzinfo=UTC)
    fake_yahoo.add("ACME", closes=dict.fromkeys(days, 10.0), exchange="NasdaqGS")
    sync_security("ACME", trigger=SyncRun.Trigger.COMMAND)
    Price.objects.filter(ts__date=date(2022, 6, 6)).delete()

    again = sync_security("ACME", trigger=SyncRun.Trigger.COMMAND)
    refreshed = sync_security("ACME", trigger=SyncRun.Trigger.COMMAND, refresh=True)

    assert (again.bars_added, refreshed.bars_added, refreshed.bars_changed) == (0, 1, 0)
