"""A recovered answer as JSON and back: the form in which a review keeps it."""

from datetime import date
from decimal import Decimal
from math import isfinite
from typing import Any

import numpy as np

from finances.valuation.adjustment import Floats
from finances.yahoo.types import SplitEvent
from securities.bars import BarColumns
from securities.recovery import RawDividend, RawHistory

PRICES = ("opens", "highs", "lows", "closes")


def to_json(raw: RawHistory) -> dict[str, Any]:
    """Numbers that are none become null."""
    return {
        "interval": raw.interval,
        "currency_code": raw.currency_code,
        "quote_unit": raw.quote_unit,
        "provisional_from": raw.provisional_from,
        "asked_from": raw.asked_from and raw.asked_from.isoformat(),
        "times": raw.bars.times.tolist(),
        **{name: _numbers(column) for name, column in zip(PRICES, raw.bars.prices, strict=True)},
        "volumes": raw.bars.volumes.tolist(),
        "payouts": None if raw.payouts is None else _numbers(raw.payouts),
        "splits": [[split.ex_date.isoformat(), split.numerator, split.denominator] for split in raw.splits],
        "dividends": [dividend_json(event) for event in raw.dividends],
        "duplicates": list(raw.duplicates),
    }


def from_json(held: dict[str, Any]) -> RawHistory:
    prices = np.array([held[name] for name in PRICES], dtype=np.float64).reshape(4, len(held["times"]))
    return RawHistory(
        interval=held["interval"],
        currency_code=held["currency_code"],
        bars=BarColumns(np.array(held["times"], dtype=np.int64), prices, np.array(held["volumes"], dtype=np.int64)),
        provisional_from=held["provisional_from"],
        splits=tuple(SplitEvent(date.fromisoformat(day), new, old) for day, new, old in held["splits"]),
        dividends=tuple(dividend_from_json(row) for row in held["dividends"]),
        quote_unit=held["quote_unit"],
        duplicates=tuple(held["duplicates"]),
        asked_from=held["asked_from"] and date.fromisoformat(held["asked_from"]),
        payouts=None if held["payouts"] is None else np.array(held["payouts"], dtype=np.float64),
    )


def dividend_json(event: RawDividend) -> list[str]:
    return [event.ex_date.isoformat(), str(event.amount), event.kind, event.currency_code, str(event.shares_since)]


def dividend_from_json(row: list[str]) -> RawDividend:
    day, amount, kind, currency_code, shares_since = row
    return RawDividend(date.fromisoformat(day), Decimal(amount), kind, currency_code, float(shares_since))


def evidence(raw: RawHistory, times: tuple[int, ...]) -> list[list[Any]]:
    """[time, close] of each of the bars named."""
    at = np.isin(raw.bars.times, list(times))
    return [list(row) for row in zip(raw.bars.times[at].tolist(), _numbers(raw.bars.closes[at]), strict=True)]


def _numbers(column: Floats) -> list[float | None]:
    return [value if isfinite(value) else None for value in column.tolist()]
