from typing import Any

import factory

from currencies.catalogue import currency_of
from currencies.models import Currency


class CurrencyFactory(factory.django.DjangoModelFactory[Currency]):
    """The catalogue's own row for a code; asking twice gives the same."""

    class Meta:
        model = Currency
        django_get_or_create = ("code",)

    code = "USD"
    name = factory.LazyAttribute(lambda row: currency_of(row.code).name)
    symbol = factory.LazyAttribute(lambda row: currency_of(row.code).symbol)
    minor_digits = factory.LazyAttribute(lambda row: currency_of(row.code).minor_digits)
    last_valid_on: Any = factory.LazyAttribute(lambda row: currency_of(row.code).last_valid_on)
