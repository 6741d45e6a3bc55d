"""What the back office tells about something that was held back, prices and rates alike."""

from dataclasses import dataclass
from typing import NamedTuple


class Choice(NamedTuple):
    """One decision that staff can take."""

    decision: str
    meaning: str
    effect: str
    """What it would change of what is stored."""
    is_possible: bool = True


@dataclass(frozen=True)
class Figures:
    """A table of what it is about."""

    what: str
    headings: list[str]
    rows: list[list[str]]
    left_out: int = 0
    """Older rows that are not shown."""
