"""The arithmetic of the table."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median
from typing import Self


@dataclass(frozen=True)
class Ratio:
    """Of two targets' costs, round by round: both halves of a round were measured side by side."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, above: Sequence[float], below: Sequence[float]) -> Self:
        """Raises ValueError unless both have the same rounds, and at least one."""
        ratios = [over / under for over, under in zip(above, below, strict=True)]
        if not ratios:
            raise ValueError("No rounds.")
        return cls(median(ratios), min(ratios), max(ratios))

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.least:.2f}-{self.most:.2f})"


def percentile(figures: Sequence[float], share: float) -> float:
    """The smallest figure that at least `share` of all are not above (nearest rank)."""
    ordered = sorted(figures)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
