"""Books as hypothesis draws them: purchases, sales of a part of what is held, splits of odd ratios."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st

from finances.valuation.lots import Buy, Entry, Sell, Split

FIRST = date(2020, 1, 1)
RATIOS = [(2, 1), (3, 1), (1, 3), (3, 2), (7, 1), (1, 10), (10, 7)]
STEP = Decimal("1e-12")

some = settings(max_examples=50, deadline=None)
"""The machine that runs the tests may be busy."""

quantities = st.decimals("0.000001", "1000000", places=6)
amounts = st.decimals("0.01", "1000000", places=2)
fees = st.decimals("0", "50", places=2)
parts = st.one_of(st.just(Fraction(1)), st.fractions(Fraction(1, 100), Fraction(1), max_denominator=100))


@st.composite
def books(draw: st.DrawFn, *, splits: bool = True, longest: int = 14) -> list[Entry]:
    """Entries in the order in which they count; several may share a day, a split has its own."""
    entries: list[Entry] = []
    held, on = Fraction(0), FIRST
    for index in range(draw(st.integers(1, longest))):
        kind = draw(st.sampled_from(["buy", "buy", "sell", "sell", "split"] if splits else ["buy", "sell"]))
        on += timedelta(days=1 if kind == "split" else draw(st.integers(0, 3)))
        if kind == "split":
            numerator, denominator = draw(st.sampled_from(RATIOS))
            entries.append(Split(id=index, on=on, sequence=index, numerator=numerator, denominator=denominator))
            held *= Fraction(numerator, denominator)
            on += timedelta(days=1)
            continue
        quantity = draw(quantities) if kind == "buy" else _part_of(held, draw(parts))
        if quantity:
            entry = (Buy if kind == "buy" else Sell)(
                id=index, on=on, sequence=index, quantity=quantity, amount=draw(amounts), fees=draw(fees)
            )
            entries.append(entry)
            held += Fraction(quantity) * (1 if kind == "buy" else -1)
            held = held if held >= Fraction(STEP) else Fraction(0)
    return _adds_first(entries)


def _part_of(held: Fraction, part: Fraction) -> Decimal:
    exact = held * part
    return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(STEP, ROUND_DOWN)


def _adds_first(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: (entry.on, isinstance(entry, Sell), entry.sequence))


def halved(entries: Sequence[Entry]) -> list[Entry]:
    """Every trade as two of half its size, one entered after the other."""
    both: list[Entry] = []
    for entry in entries:
        if not isinstance(entry, Buy | Sell):
            both.append(replace(entry, sequence=entry.sequence * 2))
            continue
        half = replace(entry, quantity=entry.quantity / 2, amount=entry.amount / 2, fees=entry.fees / 2)
        both += [replace(half, id=(entry.id, part), sequence=entry.sequence * 2 + part) for part in (0, 1)]
    return both
