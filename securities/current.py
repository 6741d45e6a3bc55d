"""Bars and events as they are now, from the series that `securities.series` keeps; `securities.known` is their
counterpart for a moment of the past."""

from datetime import date, datetime

import numpy as np

from finances.yahoo.types import SplitEvent
from securities.bars import COLUMNS, BarColumns, moment, opening_of, seconds
from securities.known import PaidDividend
from securities.models import Bar, Security
from securities.series import WHOLE, read_closes, read_events, read_series


def bars_now(
    security: Security, interval: int, start: datetime | None, end: datetime | None, *, limit: int
) -> BarColumns:
    """The newest `limit` bars from `start` to before `end`."""
    if interval not in WHOLE:
        rows = security.prices.of(security, interval).between(start, end).newest_first()
        return BarColumns.from_rows(list(rows.values_list(*COLUMNS)[:limit])[::-1])
    bars = read_series({security.pk: security.data_version}, interval)[security.pk]
    first = 0 if start is None else int(np.searchsorted(bars.times, seconds(start)))
    last = len(bars) if end is None else int(np.searchsorted(bars.times, seconds(end)))
    return bars.where(slice(max(first, last - limit), max(first, last)))


def splits_now(security: Security) -> tuple[SplitEvent, ...]:
    """The splits that count, by ex-date, those only announced among them."""
    return read_events({security.pk: security.data_version})[security.pk].splits


def dividends_now(security: Security, today: date) -> list[PaidDividend]:
    """In the security's currency, gone ex by `today`."""
    version = {security.pk: security.data_version}
    times, closes = read_closes(version)[security.pk]
    found = []
    for ex_date, amount, currency_code in read_events(version)[security.pk].dividends:
        if ex_date <= today and currency_code == security.currency_id:
            before = int(np.searchsorted(times, opening_of(ex_date, Bar.Interval.DAY, "UTC"))) - 1
            last = (None, None) if before < 0 else (float(closes[before]), moment(times[before]))
            found.append(PaidDividend(ex_date, amount, *last))
    return found
