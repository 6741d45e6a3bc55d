from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Any

import factory
from django.utils import timezone

from currencies.tests.factories import CurrencyFactory
from finances.sync.models import SyncRun
from securities.models import Bar, Dividend, Price, Review, Security, Split


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


def create_event(manager: Any, security: Security, *args: Any, **fields: Any) -> Any:
    """As every writer of events does."""
    security.step_version()
    return manager.create(*args, security=security, **fields)


class SplitFactory(factory.django.DjangoModelFactory[Split]):
    class Meta:
        model = Split

    security = factory.SubFactory(SecurityFactory)
    ex_date = date(2020, 8, 31)
    numerator = 4
    denominator = 1
    run = factory.SubFactory(SyncRunFactory)

    @classmethod
    def _create(cls, model_class: type[Split], *args: Any, **fields: Any) -> Any:
        return create_event(model_class._default_manager, *args, **fields)


class DividendFactory(factory.django.DjangoModelFactory[Dividend]):
    class Meta:
        model = Dividend

    security = factory.SubFactory(SecurityFactory)
    ex_date = date(2020, 8, 7)
    amount = "0.82"
    currency = factory.SelfAttribute("security.currency")
    run = factory.SubFactory(SyncRunFactory)

    @classmethod
    def _create(cls, model_class: type[Dividend], *args: Any, **fields: Any) -> Any:
        return create_event(model_class._default_manager, *args, **fields)


class ReviewFactory(factory.django.DjangoModelFactory[Review]):
    class Meta:
        model = Review

    security = factory.SubFactory(SecurityFactory)
    run = factory.SubFactory(SyncRunFactory)
    interval = Bar.Interval.DAY
    reason = Review.Reason.JUMP
    detail = "From 1 to 50."
    evidence = factory.LazyFunction(list)
    opened_at = factory.LazyFunction(timezone.now)
    last_seen_at = factory.LazyFunction(timezone.now)


def store_closes(security: Security, closes: Mapping[date, float], *, volume: int | None = 1000) -> None:
    """Daily bars with open, high, low and close alike."""
    security.step_version()
    run = SyncRunFactory.create(symbol=security.symbol)
    Price.objects.bulk_create(
        Price(
            security=security, interval=Bar.Interval.DAY, ts=datetime.combine(day, time(), UTC), run=run,
            open=close, high=close, low=close, close=close, volume=volume,
        )
        for day, close in closes.items()
    )  # fmt: skip
