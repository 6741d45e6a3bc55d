"""Units of money: currencies' minor digits, quotes in minor units, and the symbols' spelling of both.

A market may quote in a hundredth of its currency. Yahoo marks that by case alone (GBp is pence, GBP pounds), so a
quote unit is never upper-cased before it has been through `major_currency`.
"""

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from iso4217 import Currency as Iso4217

MINOR_UNITS: dict[str, tuple[str, int]] = {
    "GBp": ("GBP", 100),
    "GBX": ("GBP", 100),
    "ILA": ("ILS", 100),
    "ZAc": ("ZAR", 100),
    "ZAC": ("ZAR", 100),
    "USX": ("USD", 100),
    "EUX": ("EUR", 100),
    "KWF": ("KWD", 1000),
}
"""Quote unit -> (major currency, how many of the unit make one of it)."""


def major_currency(quote_unit: str) -> tuple[str, int]:
    """("GBP", 100) for "GBp" or "GBX"; ("USD", 1) for "USD"."""
    return MINOR_UNITS.get(quote_unit, (quote_unit, 1))


@lru_cache(maxsize=1024)
def minor_digits(code: str) -> int:
    """Decimal places of the currency's smallest unit; 2 where ISO gives none (metals, historic codes)."""
    currency = _iso4217(code)
    return 2 if currency is None or currency.exponent is None else int(currency.exponent)


def _iso4217(code: str) -> Iso4217 | None:
    try:
        return Iso4217(code)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def minor_unit(code: str) -> Decimal:
    """The currency's smallest unit: 0.01 for USD, 1 for JPY."""
    return Decimal(1).scaleb(-minor_digits(code))


def round_money(amount: Decimal, code: str) -> Decimal:
    """`amount` in whole minor units of `code`, half away from zero."""
    return amount.quantize(minor_unit(code), ROUND_HALF_UP)
