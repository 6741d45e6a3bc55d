from datetime import date
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from currencies.catalogue import currency_of
from currencies.models import Currency, ExchangeRate
from finances.sync.models import SyncRun


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


class RateRunFactory(factory.django.DjangoModelFactory[SyncRun]):
    class Meta:
        model = SyncRun

    symbol = "EURUSD=X"
    source = "ecb"
    trigger = SyncRun.Trigger.COMMAND
    started_at = factory.LazyFunction(timezone.now)
    finished_at = factory.LazyFunction(timezone.now)
    status = SyncRun.Status.SUCCEEDED


class ExchangeRateFactory(factory.django.DjangoModelFactory[ExchangeRate]):
    class Meta:
        model = ExchangeRate

    base = factory.SubFactory(CurrencyFactory, code="EUR")
    quote = factory.SubFactory(CurrencyFactory, code="USD")
    day = date(2022, 12, 28)
    quote_per_base = Decimal("1.064")
    source = "ecb"
    run = factory.SubFactory(RateRunFactory)


def store_rate(pair: str, day: date, quote_per_base: str, **facts: Any) -> ExchangeRate:
    """store_rate("EUR/USD", day, "1.1"): 1.1 dollars for one euro."""
    base, quote = (CurrencyFactory.create(code=code) for code in pair.split("/"))
    return ExchangeRateFactory.create(base=base, quote=quote, day=day, quote_per_base=Decimal(quote_per_base), **facts)
