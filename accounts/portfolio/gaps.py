"""What keeps figures from being known: which part, since when, and why."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from accounts.portfolio.inputs import Inputs
from accounts.portfolio.lines import Line
from accounts.portfolio.names import account_figure, line_figure
from accounts.portfolio.worth import Worth
from currencies.fixings import Missing
from finances.valuation.adjustment import Ints
from finances.valuation.positions import EPOCH, day_number
from finances.valuation.series import Holding

KNOWN, NO_PRICE, STALE_PRICE, NO_RATE, NO_VALUE = range(5)
CODES = {
    NO_PRICE: "missing_price", STALE_PRICE: "stale_price", NO_RATE: "missing_rate", NO_VALUE: "missing_value",
}  # fmt: skip


@dataclass(frozen=True)
class Gap:
    """A part that is not known.

    since: the first day of that for a price or value, of a rate the first that was asked for; until: the last day that
    was asked for.
    """

    figure: str
    code: str
    detail: str
    since: date
    until: date
    account_id: uuid.UUID
    security_id: uuid.UUID | None = None
    currency_code: str | None = None


def gaps_of(worth: Worth) -> list[Gap]:
    """By part, and within one by day."""
    found = [gap for column, line in worth.indexed_lines() for gap in _of_line(worth, column, line)]
    return found + [gap for column, key in enumerate(worth.accounts) for gap in _of_account(worth, column, key)]


def _of_line(worth: Worth, column: int, line: Line) -> Iterator[Gap]:
    if not worth.values.missing[:, column].any():
        return
    codes = _codes(worth, column, line)
    for code, first, last in _runs(codes):
        yield _gap(worth.inputs, line, code, _day(worth.days[first]), _day(worth.days[last]))


def _codes(worth: Worth, column: int, line: Line) -> NDArray[np.int64]:
    """(n_days,) why the line is not known."""
    codes = np.where(worth.values.missing[:, column], NO_RATE, KNOWN)
    unpriced = np.isnan(worth.values.local[:, column])
    if unpriced.any() and isinstance(line.valued, Holding):
        first = line.valued.close_days[0] if len(line.valued.close_days) else np.iinfo(np.int64).max
        codes = np.where(unpriced, np.where(worth.days < first, NO_PRICE, STALE_PRICE), codes)
    return codes


def _runs(codes: NDArray[np.int64]) -> Iterator[tuple[int, int, int]]:
    """(code, first index, last index) of each stretch of one cause."""
    starts = np.flatnonzero(np.append(True, np.diff(codes) != 0))
    for first, end in zip(starts, np.append(starts[1:], len(codes)), strict=True):
        if codes[first] != KNOWN:
            yield int(codes[first]), int(first), int(end) - 1


def _gap(inputs: Inputs, line: Line, code: int, first: date, until: date) -> Gap:
    """`first`: of the days asked for, the first on which it is not known."""
    security = None if line.security_id is None else inputs.securities[line.security_id]
    since, detail = first, _no_rate(inputs, line, first)
    if code != NO_RATE and security is not None and isinstance(line.valued, Holding):
        since, detail = _without_price(security.symbol, line.valued, first)
    return Gap(
        figure=line_figure(line, security),
        code=CODES[code],
        detail=detail,
        since=since,
        until=until,
        account_id=line.account_id,
        security_id=security and security.uuid,
        currency_code=line.currency_code,
    )


def _no_rate(inputs: Inputs, line: Line, day: date) -> str:
    rate = inputs.rates.on(day).quote_per_base(line.currency_code, inputs.base, as_of=day)
    return rate.detail if isinstance(rate, Missing) else ""


def _without_price(symbol: str, holding: Holding, day: date) -> tuple[date, str]:
    """Since when `day` has no price that counts, and why."""
    held_since = _held_since(holding, day)
    earlier = holding.close_days[holding.close_days <= day_number(day)]
    if not len(earlier):
        return held_since, f"No price of {symbol} is stored on or before {day}."
    last = _day(earlier[-1])
    ended = last + timedelta(days=holding.max_age + 1)
    return max(ended, held_since), f"The last price of {symbol} is of {last}; it counts for {holding.max_age} days."


def _held_since(holding: Holding, day: date) -> date:
    """When the position that is held on `day` was opened."""
    steps = holding.steps
    reached = int(np.searchsorted(steps.days, day_number(day), side="right"))
    empty = np.flatnonzero(steps.quantities[:reached] == 0)
    return _day(steps.days[int(empty[-1]) + 1 if len(empty) else 0])


def _of_account(worth: Worth, column: int, key: uuid.UUID) -> Iterator[Gap]:
    name = worth.inputs.accounts[key].name
    for code, first, last in _runs(np.where(worth.unrecorded[:, column], NO_VALUE, KNOWN)):
        detail = f"Of {name} neither a transaction nor a value is recorded on or before {_day(worth.days[first])}."
        yield Gap(account_figure(key), CODES[code], detail, _day(worth.days[first]), _day(worth.days[last]), key)


def _day(number: "Ints | np.int64") -> date:
    return date.fromordinal(int(number) + EPOCH)
