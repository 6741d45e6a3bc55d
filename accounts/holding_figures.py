"""What holdings are worth: exact products of stated quantities and stored closes, rounded once, at the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from zoneinfo import ZoneInfo

from accounts.models import Holding
from finances.money import round_money
from securities.models import Security, Split

EXACT = Context(prec=400)
"""Digits for any product of a double (309 before the point at most) and a quantity (30)."""
NO_PRICE = ("missing_price", "No price is stored yet.")
NO_COST = ("missing_cost", "No average cost is recorded.")
UNSPLIT = Fraction(1)


@dataclass(frozen=True)
class HoldingFigures:
    """In the security's currency; `current_price` is the last close in today's shares."""

    current_price: float | None
    market_value: Decimal | None
    cost: Decimal | None
    unrealized_gain: Decimal | None
    missing: list[dict[str, str]]


def add_figures(holdings: Sequence[Holding], *, now: datetime) -> None:
    """Give each its `figures`. They come through with_latest_price; one query for all of them."""
    shares = _shares_since_closes([holding for holding in holdings if holding.price_at is not None], now)
    with localcontext(EXACT):
        for holding in holdings:
            holding.figures = _figures(holding, shares.get(holding.security_id, UNSPLIT))


def _figures(holding: Holding, shares: Fraction) -> HoldingFigures:
    """`shares` is how many of today's shares one share of the last close has become."""
    code, price, value, cost = holding.currency_id, None, None, None
    if holding.last_close is not None:
        price = Decimal(repr(holding.last_close)) * shares.denominator / shares.numerator
        value = price * holding.quantity
    if holding.average_cost is not None:
        cost = holding.average_cost * holding.quantity
    gain = None if value is None or cost is None else value - cost
    return HoldingFigures(
        current_price=None if price is None else float(price),
        market_value=_rounded(value, code),
        cost=_rounded(cost, code),
        unrealized_gain=_rounded(gain, code),
        missing=_missing(value, cost),
    )


def _rounded(amount: Decimal | None, code: str) -> Decimal | None:
    # A loss of less than half a minor unit rounds to a zero without its sign.
    return None if amount is None else round_money(amount, code) + 0


def _missing(value: Decimal | None, cost: Decimal | None) -> list[dict[str, str]]:
    causes: list[tuple[str, tuple[str, str]]] = []
    if value is None:
        causes += [(figure, NO_PRICE) for figure in ("current_price", "market_value", "unrealized_gain")]
    if cost is None:
        causes += [(figure, NO_COST) for figure in ("cost", "unrealized_gain")]
    return [{"figure": figure, "code": code, "detail": detail} for figure, (code, detail) in causes]


def _shares_since_closes(priced: Iterable[Holding], now: datetime) -> dict[int, Fraction]:
    """By security, today's shares for one of its last close, where splits have become effective since."""
    spans = {holding.security_id: (_last_day(holding), _today(holding.security, now)) for holding in priced}
    if not spans:
        return {}
    first, last = min(closed for closed, _ in spans.values()), max(today for _, today in spans.values())
    splits = Split.objects.effective_by(last).filter(
        security__in=spans, changes_quantities=True, ex_date__gt=first
    ).order_by("pk")  # fmt: skip
    shares: dict[int, Fraction] = {}
    for key, ex_date, numerator, denominator in splits.values_list(
        "security_id", "ex_date", "numerator", "denominator"
    ):
        closed, today = spans[key]
        if closed < ex_date <= today:
            shares[key] = shares.get(key, UNSPLIT) * Fraction(numerator, denominator)
    return shares


def _last_day(holding: Holding) -> date:
    assert holding.price_at is not None
    return holding.price_at.date()


def _today(security: Security, now: datetime) -> date:
    """A split becomes effective with the day of the security's own market."""
    return now.astimezone(ZoneInfo(security.time_zone)).date()
