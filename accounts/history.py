"""What an account was worth over time, for a chart."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Min

from accounts.models import Account, Transaction
from accounts.portfolio.history import read_history
from finances.money import minor_digits
from finances.valuation.positions import dates_of

Point = tuple[date, float | None]


def read_chart(account: Account, *, today: date) -> dict[str, Any]:
    """Columns for a chart, ascending: times in UTC seconds, and values, as doubles, in `currency`.

    The values recorded before the account's first transaction; from then on what its ledger comes to, day by day, None
    where that is not known. Of a liability the positive amount owed.
    """
    started = Transaction.objects.live().in_account(account).aggregate(on=Min("trade_date"))["on"]
    points: list[Point] = list(_recorded(account, started))
    if started is not None:
        points += _by_ledger(account, started, max(started, today))
    return {
        "times": [int(datetime.combine(day, time(), UTC).timestamp()) for day, _ in points],
        "values": [value for _, value in points],
        "currency": account.currency_id,
    }


def _recorded(account: Account, before: date | None) -> Iterator[Point]:
    rows = account.values.order_by("value_date").values_list("value_date", "value")
    if before is not None:
        rows = rows.filter(value_date__lt=before)
    return ((day, float(value)) for day, value in rows)


def _by_ledger(account: Account, start: date, end: date) -> Iterator[Point]:
    history = read_history(account.owner, start=start, end=end, base=account.currency_id, account_ids=[account.pk])
    last, column = history.inputs.spans[account.pk].last or end, history.worth.account(account.pk)
    one = 10 ** minor_digits(account.currency_id)
    rows = zip(dates_of(history.worth.days), column.units.tolist(), column.complete.tolist(), strict=True)
    return ((day, units / one if known else None) for day, units, known in rows if day <= last)
