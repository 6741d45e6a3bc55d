"""What a portfolio was worth over time: totals on each day, or at the end of each week or month."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal

import numpy as np

from accounts.portfolio.gaps import Gap, gaps_of
from accounts.portfolio.inputs import Inputs, read_inputs
from accounts.portfolio.worth import Column, Worth
from finances.users.models import User
from finances.valuation.adjustment import Ints
from finances.valuation.positions import day_number
from finances.valuation.returns import periods_of

Interval = Literal["day", "week", "month"]


@dataclass(frozen=True)
class History:
    worth: Worth
    interval: Interval
    by_account: bool

    @property
    def inputs(self) -> Inputs:
        return self.worth.inputs

    @cached_property
    def accounts(self) -> dict[uuid.UUID, Column]:
        """Where asked for, each account's worth; of a liability, the positive amount owed."""
        return {key: self.worth.account(key) for key in self.worth.accounts} if self.by_account else {}

    @cached_property
    def missing(self) -> list[Gap]:
        return gaps_of(self.worth)


def read_history(
    owner: User,
    *,
    start: date,
    end: date,
    base: str,
    interval: Interval = "day",
    known_at: datetime | None = None,
    account_ids: Collection[uuid.UUID] | None = None,
    by_account: bool = False,
) -> History:
    inputs = read_inputs(owner, base=base, start=start, end=end, known_at=known_at, account_ids=account_ids)
    return History(Worth(inputs, days_of(start, end, interval)), interval, by_account)


def days_of(start: date, end: date, interval: Interval) -> Ints:
    """Every day; or the last day of each week (Sunday) or month, and `end`."""
    days = np.arange(day_number(start), day_number(end) + 1, dtype=np.int64)
    if interval == "day":
        return days
    periods = periods_of(days, interval)
    return np.asarray(days[np.append(np.diff(periods) != 0, True)])
