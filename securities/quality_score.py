"""How far a security's daily bars can be trusted, as one figure and its parts; free of the database."""

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

STALE_AFTER = 10
"""Trading days after which freshness is worth nothing."""
WEIGHTS = {"completeness": 50, "freshness": 25, "stability": 15, "review": 10}


@dataclass(frozen=True)
class Part:
    """`value` from 0 to 1, of which the score takes `weight` points; None where it cannot be known."""

    name: str
    weight: int
    value: Decimal | None


def share(part: int, whole: int) -> Decimal:
    """`part` of `whole` to four decimals, downwards: 1 is said of all and of nothing less."""
    return (Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_DOWN)


def parts_of(
    *, completeness: Decimal | None, staleness: int | None, changed: int, bars: int, open_reviews: int
) -> list[Part]:
    """completeness: trading days with a bar; freshness: 1 less a tenth for each trading day since the last bar;
    stability: bars that never changed after they were settled; review: nothing awaits staff's decision."""
    values = {
        "completeness": completeness,
        "freshness": None if staleness is None else share(max(0, STALE_AFTER - staleness), STALE_AFTER),
        "stability": share(bars - changed, bars) if bars else None,
        "review": Decimal(0) if open_reviews else Decimal(1),
    }
    return [Part(name, weight, values[name]) for name, weight in WEIGHTS.items()]


def score_of(parts: list[Part]) -> int | None:
    """0 to 100, downwards; None unless every part is known."""
    total = Decimal(0)
    for part in parts:
        if part.value is None:
            return None
        total += part.weight * part.value
    return int(total)
