"""What a portfolio is worth on days: its parts in one currency, and the totals that are known.

A total is the sum of its parts in float64, rounded once to the currency's minor unit; net worth is assets less
liabilities as shown. A part that is not known leaves its totals unknown, beside the sum of what is known.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accounts.portfolio.inputs import Inputs
from accounts.portfolio.lines import Kind, Line
from finances.money import minor_digits
from finances.valuation.adjustment import Floats, Ints
from finances.valuation.positions import day_number
from finances.valuation.rounding import to_units
from finances.valuation.series import Values

Mask = NDArray[np.bool_]


class Column(NamedTuple):
    """One figure on each day (n_days,): whole minor units of what is known, and whether that is all of it."""

    units: Ints
    complete: Mask


@dataclass(frozen=True)
class Worth:
    inputs: Inputs
    days: Ints
    """(n_days,), ascending, since 1970-01-01."""

    @property
    def lines(self) -> list[Line]:
        return self.inputs.lines

    @cached_property
    def values(self) -> Values:
        return self.inputs.values_on(self.days)

    @cached_property
    def digits(self) -> int:
        return minor_digits(self.inputs.base)

    @cached_property
    def totals(self) -> dict[str, Column]:
        """By `names.TOTALS`. Cash, securities and recorded values are the parts of assets."""
        owed = self._owed
        found = {
            "assets": self.column(~owed, unrecorded=self._unrecorded(of_liabilities=False)),
            "liabilities": self.column(owed, sign=-1, unrecorded=self._unrecorded(of_liabilities=True)),
            "cash": self.column(~owed & self._of_kind(Kind.CASH)),
            "securities": self.column(~owed & self._of_kind(Kind.SECURITY)),
            "recorded": self.column(
                ~owed & self._of_kind(Kind.RECORDED), unrecorded=self._unrecorded(of_liabilities=False)
            ),
        }
        assets, liabilities = found["assets"], found["liabilities"]
        net = Column(assets.units - liabilities.units, assets.complete & liabilities.complete)
        return {"net_worth": net, **found}

    @cached_property
    def held(self) -> Mask:
        """(n_days, n_lines) the parts that there are."""
        return np.asarray(self.values.local != 0)

    @property
    def parts(self) -> Ints:
        """(n_days,) how many parts there are, accounts of unknown value among them."""
        return np.asarray(self.held.sum(axis=1) + self.unrecorded.sum(axis=1))

    @property
    def parts_known(self) -> Ints:
        return np.asarray((self.held & ~self.values.missing).sum(axis=1))

    @cached_property
    def accounts(self) -> list[uuid.UUID]:
        """Those in scope, by name."""
        return [key for key in self.inputs.accounts if key in self.inputs.scope]

    @cached_property
    def unrecorded(self) -> Mask:
        """(n_days, n_accounts) accounts that existed and of which nothing is recorded yet."""
        found = np.zeros((len(self.days), len(self.accounts)), dtype=np.bool_)
        for column, key in enumerate(self.accounts):
            span, existed = self.inputs.spans[key], day_number(self.inputs.existed_on(key))
            begun = self.days >= day_number(span.first) if span.first is not None else False
            ended = self.days > day_number(span.last) if span.last is not None else False
            found[:, column] = (self.days >= existed) & ~np.asarray(begun | np.asarray(ended))
        return found

    def account(self, key: uuid.UUID, kind: Kind | None = None) -> Column:
        """Of one account, or of one kind of its parts; of a liability, the positive amount owed."""
        own = np.array([line.account_id == key and kind in (None, line.kind) for line in self.lines], dtype=np.bool_)
        unrecorded = self.unrecorded[:, self.accounts.index(key)] if kind in (None, Kind.RECORDED) else None
        return self.column(own, sign=self.inputs.accounts[key].sign, unrecorded=unrecorded)

    def column(self, chosen: Mask, *, sign: int = 1, unrecorded: Any = None) -> Column:
        """The sum of the `chosen` lines (n_lines,)."""
        reporting = self.values.reporting
        parts = reporting if chosen.all() else reporting[:, chosen]
        sums = parts.sum(axis=1)
        complete: Mask = np.asarray(~np.isnan(sums))
        if not complete.all():
            sums = np.nansum(parts, axis=1)
        if unrecorded is not None:
            complete = np.asarray(complete & ~np.asarray(unrecorded))
        return Column(to_units(sign * sums, self.digits), complete)

    def line_column(self, column: int) -> Column:
        amounts: Floats = self.values.reporting[:, column]
        return Column(to_units(amounts, self.digits), ~np.isnan(amounts))

    def indexed_lines(self) -> Iterator[tuple[int, Line]]:
        return enumerate(self.lines)

    @cached_property
    def _owed(self) -> Mask:
        accounts = self.inputs.accounts
        return np.array([accounts[line.account_id].is_liability for line in self.lines], dtype=np.bool_)

    def _of_kind(self, kind: Kind) -> Mask:
        return np.array([line.kind == kind for line in self.lines], dtype=np.bool_)

    def _unrecorded(self, *, of_liabilities: bool) -> Mask:
        """(n_days,) whether any account of that side is of unknown value."""
        accounts = self.inputs.accounts
        side = np.array([accounts[key].is_liability == of_liabilities for key in self.accounts], dtype=np.bool_)
        return np.asarray(self.unrecorded[:, side].any(axis=1))
