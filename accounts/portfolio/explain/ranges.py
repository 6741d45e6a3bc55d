"""Ranges of days, and how long ones fall into shorter ones."""

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

AT_ONCE = 31
"""Stretches listed one by one; more are told by month, and months of more than two years by year."""


class Range(NamedTuple):
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first}..{self.last}"


def parts_of(whole: Range, stretches: Sequence[Range]) -> list[Range]:
    """What to add up or link for `whole`: its stretches one by one, or the months or years in which they end.

    A month or year begins where the one before it ended, so that the parts are the whole.
    """
    if len(stretches) <= AT_ONCE:
        return list(stretches)
    by_year = (whole.last - whole.first).days > 731
    groups = [list(own) for _, own in groupby(stretches, key=lambda each: each.last.timetuple()[: 1 if by_year else 2])]
    return [Range(own[0].first, own[-1].last) for own in groups]
