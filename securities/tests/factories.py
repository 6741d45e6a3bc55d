from collections.abc import Mapping
from datetime import UTC, date, datetime, time

import factory
from django.utils import timezone

from currencies.tests.factories import CurrencyFactory
from finances.sync.models import SyncRun
from securities.models import Bar, Dividend, Price, Security, Split


class SyncRunFactory(factory.django.DjangoModelFactory[SyncRun]):
    class Meta:
        model = SyncRun

    symbol = "ACME"
    trigger = SyncRun.Trigger.COMMAND
    started_at = factory.LazyFunction(timezone.now)
    status = SyncRun.Status.SUCCEEDED


class SecurityFactory(factory.django.DjangoModelFactory[Security]):
    class Meta:
        model = Security

    symbol = factory.Sequence(lambda number: f"ACME{number}")
    name = factory.LazyAttribute(lambda row: f"{row.symbol} Corporation")
    security_type = Security.Type.STOCK
    exchange = "NasdaqGS"
    currency = factory.SubFactory(CurrencyFactory)
    quote_unit = "USD"
    time_zone = "America/New_York"


class SplitFactory(factory.django.DjangoModelFactory[Split]):
    class Meta:
        model = Split

    security = factory.SubFactory(SecurityFactory)
    ex_date = date(2020, 8, 31)
    numerator = 4
    denominator = 1
    run = factory.SubFactory(SyncRunFactory)


class DividendFactory(factory.django.DjangoModelFactory[Dividend]):
    class Meta:
        model = Dividend

    security = factory.SubFactory(SecurityFactory)
    ex_date = date(2020, 8, 7)
    amount = "0.82"
    currency = factory.SelfAttribute("security.currency")
    run = factory.SubFactory(SyncRunFactory)


def store_closes(security: Security, closes: Mapping[date, float], *, volume: int | None = 1000) -> None:
    """Daily bars with open, high, low and close alike."""
    run = SyncRunFactory.create(symbol=security.symbol)
    Price.objects.bulk_create(
        Price(
            security=security, interval=Bar.Interval.DAY, ts=datetime.combine(day, time(), UTC), run=run,
            open=close, high=close, low=close, close=close, volume=volume,
        )
        for day, close in closes.items()
    )  # fmt: skip
