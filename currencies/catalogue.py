"""The currencies of the world: ISO 4217's list in force, English names and symbols from CLDR, and historic codes."""

from datetime import date

from babel.numbers import get_currency_name, get_currency_symbol
from iso4217 import Currency as Iso4217

from currencies.models import Currency
from finances.money import minor_digits

# ISO lists drop a currency once it ends, yet old books and rates are kept in it. The last day on which each was a
# unit of account (the eve of the euro, or of the new unit): ECB, "Use of the euro", and the national central banks.
LAST_DAYS: dict[str, date] = {
    **dict.fromkeys(("ATS", "BEF", "DEM", "ESP", "FIM", "FRF", "IEP", "ITL", "LUF", "NLG", "PTE"), date(1998, 12, 31)),
    "GRD": date(2000, 12, 31),
    "TRL": date(2004, 12, 31),
    "ROL": date(2005, 6, 30),
    "SIT": date(2006, 12, 31),
    "CYP": date(2007, 12, 31),
    "MTL": date(2007, 12, 31),
    "SKK": date(2008, 12, 31),
    "EEK": date(2010, 12, 31),
    "LVL": date(2013, 12, 31),
    "LTL": date(2014, 12, 31),
    "HRK": date(2022, 12, 31),
    "BGN": date(2025, 12, 31),
}


def load_currencies() -> int:
    """Add what is missing; what staff have edited stays. Returns how many were added. Safe to repeat."""
    before = Currency.objects.count()
    Currency.objects.bulk_create([currency_of(code) for code in all_codes()], ignore_conflicts=True)
    return Currency.objects.count() - before


def ensure_currency(code: str) -> Currency:
    """The row of `code`, added if the database lacks it: market data name currencies before staff do."""
    new = currency_of(code)
    facts = {"name": new.name, "symbol": new.symbol, "minor_digits": new.minor_digits}
    return Currency.objects.get_or_create(code=code, defaults={**facts, "last_valid_on": new.last_valid_on})[0]


def all_codes() -> list[str]:
    return sorted({currency.code for currency in Iso4217} | LAST_DAYS.keys())


def currency_of(code: str) -> Currency:
    """An unsaved row for `code`; a code that no list knows carries itself as its name."""
    symbol = get_currency_symbol(code, locale="en")
    return Currency(
        code=code,
        name=get_currency_name(code, locale="en"),
        symbol="" if symbol == code else symbol,
        minor_digits=minor_digits(code),
        last_valid_on=LAST_DAYS.get(code),
    )
