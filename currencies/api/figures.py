"""Decimals as the API writes them: plain digits, no exponent, no idle zeros."""

from decimal import Context, Decimal

SIGNIFICANT = Context(prec=16)


def amount_text(amount: Decimal, *, places: int = 0) -> str:
    """All digits of `amount`, with `places` decimals at least."""
    whole, _point, decimals = f"{amount:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(places, "0")
    return f"{whole}.{decimals}" if decimals else whole


def rate_text(rate: Decimal) -> str:
    """A stored rate as it is; a quotient to 16 significant digits."""
    return amount_text(SIGNIFICANT.plus(rate))
