"""An amount in another currency, as the API answers it."""

from datetime import date
from decimal import Decimal
from typing import Any

from currencies.api.figures import amount_text, rate_text
from currencies.api.serializers import LegSerializer
from currencies.conversion import Missing, rates_to
from currencies.models import Currency
from finances.money import major_currency


def conversion_body(amount: Decimal, base: str, quote: str, *, as_of: date) -> dict[str, Any]:
    """In the shape of ConversionSerializer; what cannot be known is null, with its cause."""
    rate = rates_to(quote, [base], as_of=as_of)[base]
    asked = {"from": base, "to": quote, "amount": f"{amount:f}"}
    if isinstance(rate, Missing):
        nothing = dict.fromkeys(["converted", "rate", "rate_date", "derivation"])
        cause = {"figure": "converted", "code": rate.code, "detail": rate.detail}
        return {**asked, **nothing, "legs": [], "missing": [cause]}
    return {
        **asked,
        "converted": amount_text(rate.convert(amount), places=_minor_digits(quote)),
        "rate": rate_text(rate.quote_per_base),
        "rate_date": rate.rate_date,
        "derivation": rate.derivation,
        "legs": LegSerializer(rate.legs, many=True).data,
        "missing": [],
    }


def _minor_digits(unit: str) -> int:
    """Decimals of the unit's smallest coin; hundredths have two fewer."""
    major, units = major_currency(unit)
    return max(0, Currency.objects.get(pk=major).minor_digits - len(str(units)) + 1)
