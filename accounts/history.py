"""An account's recorded values over time."""

from datetime import UTC, datetime, time
from typing import Any

from accounts.models import Account


def read_chart(account: Account) -> dict[str, Any]:
    """Columns for a chart, ascending: times in UTC seconds, and values, as doubles, in `currency`."""
    rows = list(account.values.order_by("value_date").values_list("value_date", "value"))
    return {
        "times": [int(datetime.combine(day, time(), UTC).timestamp()) for day, _ in rows],
        "values": [float(value) for _, value in rows],
        "currency": account.currency_id,
    }
