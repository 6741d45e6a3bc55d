"""How much data there is."""

from dataclasses import dataclass
from typing import Self

DAYS = 2609
"""Weekdays of the ten years 2016 to 2025: the bars of one security."""
MOST_BARS = 20_000_000


@dataclass(frozen=True)
class Size:
    users: int
    securities: int
    with_history: int
    """So many securities have daily bars of ten years."""

    @classmethod
    def scaled(cls, scale: int, securities: int | None = None) -> Self:
        """`scale` times the first size; bars up to MOST_BARS. `securities` overrides how many there are."""
        with_history = min(200 * scale, MOST_BARS // DAYS)
        return cls(1000 * scale, max(securities or 2000 * scale, with_history), with_history)

    @property
    def name(self) -> str:
        return f"{self.users}_{self.securities}_{self.with_history}"
