from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from currencies.answers import settled_closes
from currencies.screening import DayClose, Screened, Suspect
from finances.errors import YahooBadResponse
from finances.yahoo.types import Bars, History

MONDAY, TUESDAY = date(2022, 12, 26), date(2022, 12, 27)


def answer(closes: Mapping[date, float], **changes: Any) -> History:
    column = tuple(closes.values())
    times = tuple(int(datetime.combine(day, time(), UTC).timestamp()) for day in closes)
    facts: dict[str, Any] = {
        "symbol": "EURUSD=X", "interval": "1d", "quote_unit": "USD", "time_zone": "Europe/London",
        "fetched_at": datetime(2022, 12, 28, 22, tzinfo=UTC),
        "bars": Bars(times, column, column, column, column, (0,) * len(column)),
    }  # fmt: skip
    return History(**{**facts, **changes})


def test_closes_are_exact_to_eight_digits() -> None:
    history = answer({MONDAY: 1.0640000104904175, TUESDAY: 0.007123456789})

    assert settled_closes(history, quote="USD") == Screened(
        [DayClose(MONDAY, Decimal("1.0640000")), DayClose(TUESDAY, Decimal("0.0071234568"))], []
    )


def test_a_day_counts_once_it_is_over_on_the_market() -> None:
    fetched_at = datetime(2022, 12, 27, 23, 30, tzinfo=UTC)

    assert settled_closes(answer({MONDAY: 1.0, TUESDAY: 2.0}, fetched_at=fetched_at), quote="USD") == Screened(
        [DayClose(MONDAY, Decimal(1))], []
    )


@pytest.mark.parametrize("close", [0.0, -1.0, float("inf"), float("nan"), 1e11, 1e-11])
def test_an_impossible_rate_is_set_apart(close: float) -> None:
    assert settled_closes(answer({MONDAY: 1.0, TUESDAY: close}), quote="USD") == Screened(
        [DayClose(MONDAY, Decimal(1))], [Suspect(TUESDAY, str(close), "impossible")]
    )


def test_a_day_to_come_is_set_apart() -> None:
    days = {MONDAY: 1.0, date(2022, 12, 28): 1.0, date(2022, 12, 29): 1.0, date(2022, 12, 30): 1.25}

    assert settled_closes(answer(days), quote="USD") == Screened(
        [DayClose(MONDAY, Decimal(1))], [Suspect(date(2022, 12, 30), "1.25", "future")]
    )


def test_another_quote_is_refused() -> None:
    with pytest.raises(YahooBadResponse, match="in GBp, not in GBP"):
        settled_closes(answer({MONDAY: 1.0}, quote_unit="GBp"), quote="GBP")
