"""What one currency costs in another on a day, by the rates stored."""

from collections.abc import Iterable
from datetime import date

from currencies.fixings import MAX_AGE_DAYS, Fixing, Fixings, Missing, MissingRate, Rate
from currencies.models import Currency, ExchangeRate
from finances.money import MINOR_UNITS, major_currency

__all__ = ["Missing", "MissingRate", "Rate", "currency_unit", "quote_per_base", "rates_to"]


def quote_per_base(base: str, quote: str, *, as_of: date) -> Rate:
    """Units of `quote` for one of `base`; each a currency code or a minor unit such as GBp.

    Raises MissingRate where no stored rate of at most 7 days before `as_of` gives one.
    """
    found = rates_to(quote, [base], as_of=as_of)[base]
    if isinstance(found, Missing):
        raise MissingRate(found.detail)
    return found


def rates_to(base_code: str, codes: Iterable[str], *, as_of: date) -> dict[str, Rate | Missing]:
    """Units of `base_code` for one of each of `codes`, in two queries however many there are.

    Codes and the base may be minor units (GBp). Each code asked for is a key of the answer.
    """
    wanted = set(codes)
    majors = {major_currency(code)[0] for code in (*wanted, base_code)}
    fixings = _fixings(majors, as_of)
    return {code: fixings.quote_per_base(code, base_code, as_of=as_of) for code in wanted}


def currency_unit(text: str) -> str:
    """A currency or minor unit as it is stored: case counts only where it alone tells pence (GBp) from pounds."""
    return text if text in MINOR_UNITS else text.upper()


def _fixings(codes: set[str], as_of: date) -> Fixings:
    """What is stored of `codes` in the days that count, without currencies that had ended by then."""
    rows = ExchangeRate.objects.touching(codes).between(_earliest(as_of), as_of).preferred().order_by("day")
    found = [Fixing(*row) for row in rows.values_list("base_id", "quote_id", "day", "quote_per_base")]
    named = codes.union(*((fixing.base, fixing.quote) for fixing in found))
    ended = Currency.objects.ended_before(as_of).filter(code__in=named).values_list("code", flat=True)
    return Fixings(found, ended=ended)


def _earliest(as_of: date) -> date:
    return date.fromordinal(max(1, as_of.toordinal() - MAX_AGE_DAYS))
