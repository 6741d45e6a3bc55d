"""Positions in securities that were renamed: priced by their successors' closes from those's first day on.

The rules are those of `securities.succession`. A unit of the old security has become one of the new, and what later
splits of the new one have made of that: closes are per unit held.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from accounts.ledger.splits import KnownSplit, Splits
from accounts.portfolio.facts import SecurityFacts, read_securities
from accounts.portfolio.lines import DayCloses, Stretch
from finances.valuation.positions import day_number


def read_successors(securities: Mapping[int, SecurityFacts]) -> dict[int, SecurityFacts]:
    """What `securities` have become, and these in turn; a statement for each step, none where none was renamed."""
    found = dict(securities)
    while wanted := {each.successor_id for each in found.values() if each.successor_id is not None} - found.keys():
        found |= read_securities(wanted)
    return {key: facts for key, facts in found.items() if key not in securities}


def continued(
    key: int, facts: Mapping[int, SecurityFacts], closes: Mapping[int, DayCloses], splits: Mapping[int, Splits]
) -> DayCloses:
    """The closes of a security and then of what it became."""
    if facts[key].successor_id is None:
        return closes[key]
    newest_first, until = [], np.iinfo(np.int64).max
    for member in reversed(list(_chain(key, facts))):
        days = closes[member].days
        if len(days) and days[0] < until:
            newest_first.append((member, int(days[0]), int(np.searchsorted(days, until))))
            until = int(days[0])
    if [member for member, _, _ in newest_first] in ([], [key]):
        return closes[key]
    counted: list[KnownSplit] = []
    stretches = []
    for member, since, kept in reversed(newest_first):
        if member != key:
            counted = [*counted, *_later(splits[member], since, [*splits[key].effective, *counted])]
        stretches.append((member, kept, Stretch(since, member, tuple(counted))))
    return _joined(closes, stretches)


def _chain(key: int, facts: Mapping[int, SecurityFacts]) -> Iterator[int]:
    """It, and what follows it in the same currency."""
    seen: list[int] = []
    at: int | None = key
    while at is not None and at not in seen and facts[at].currency_code == facts[key].currency_code:
        seen.append(at)
        at = facts[at].successor_id
    yield from seen


def _later(splits: Splits, since: int, counted: list[KnownSplit]) -> list[KnownSplit]:
    """Those from the day of the changeover on; one on a day that counts already is the same one."""
    days = {split.ex_date for split in counted}
    return [split for split in splits.effective if day_number(split.ex_date) >= since and split.ex_date not in days]


def _joined(closes: Mapping[int, DayCloses], stretches: list[tuple[int, int, Stretch]]) -> DayCloses:
    days = np.concatenate([closes[member].days[:kept] for member, kept, _ in stretches])
    own = np.concatenate([closes[member].closes[:kept] * 1.0 for member, kept, _ in stretches])
    at = 0
    for _, kept, stretch in stretches:
        for split in stretch.splits:
            place = np.arange(at, at + kept)[days[at : at + kept] >= day_number(split.ex_date)]
            own[place] *= split.numerator / split.denominator
        at += kept
    return DayCloses(days, own, tuple(stretch for _, _, stretch in stretches))
