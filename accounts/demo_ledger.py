"""The demo user's ledger: three years of a savings account and of a depot, at the stored closes of its securities."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from accounts.ledger.bulk import post_transactions
from accounts.ledger.posting import post_transaction
from accounts.ledger.proposals import propose_dividends
from accounts.models import Account, Transaction
from currencies.catalogue import ensure_currency
from finances.users.models import User
from securities.models import Bar, Price, Security

GROWTH, LONDON = "DEMO-GROWTH", "DEMO-LONDON.L"
UNBOOKED = timedelta(days=200)
"""Dividends of these last days are left to be proposed."""
Type = Transaction.Type
Facts = dict[str, Any]


def write_ledger(owner: User, *, savings: Account, depot: Account, days: list[date]) -> None:
    """`days`: month-ends, ascending, at least 36. The savings come to their recorded values."""
    post_transactions(savings, list(_savings(savings, depot, days)), by=owner, today=days[-1])
    post_transactions(depot, list(_trades(depot, days)), by=owner, today=days[-1])
    _book_dividends(owner, depot, until=days[-1] - UNBOOKED)


def _savings(account: Account, depot: Account, days: list[date]) -> Iterator[Facts]:
    yield _cash(account, Type.OPENING, days[0], "9000")
    for day in days[1:]:
        yield _cash(account, Type.INTEREST, day, "18", taxes=Decimal("3"))
        yield _cash(account, Type.DEPOSIT, day, "235", note="standing order", tags=["saving"])
    yield _cash(account, Type.DEPOSIT, days[12], "2000", note="bonus")
    yield _cash(account, Type.TRANSFER, days[12], "2000", counter_account=depot)


def _trades(depot: Account, days: list[date]) -> Iterator[Facts]:
    """Of a plan that invests each quarter; the rest is what happens in a depot's life."""
    growth, london = (Security.objects.listed().get(symbol=symbol) for symbol in (GROWTH, LONDON))
    usd_per_gbp = Decimal("1.27")
    bought = {"acquired_on": days[0] - timedelta(days=400), "unit_price": Decimal("81.25")}
    yield _units(Type.OPENING, growth, days[0], "60", **bought)
    yield _cash(depot, Type.DEPOSIT, days[0], "16000")
    yield _cash(depot, Type.DEPOSIT, days[1], "500", note="fee refund", external_id="demo-1")
    yield _trade(Type.BUY, london, days[1], "1500", fees=Decimal("9.50"), fx_rate=usd_per_gbp)
    for day in days[3::3]:
        yield _trade(Type.BUY, growth, day, "6", fees=Decimal("1"), tags=["plan"])
    yield _trade(Type.SELL, growth, days[20], "25", fees=Decimal("1"), taxes=Decimal("31.20"), note="new roof")
    yield _cash(depot, Type.WITHDRAWAL, days[20] + timedelta(days=3), "1500", note="new roof")
    yield _units(Type.RETURN_OF_CAPITAL, london, days[15], None, amount=Decimal("45"), fx_rate=usd_per_gbp)
    for day in days[11::12]:
        yield _cash(depot, Type.FEE, day, "24", note="custody")
    yield _cash(depot, Type.TAX, days[24], "12.80")
    yield _cash(depot, Type.ADJUSTMENT, days[30], "-0.01", note="the broker rounds otherwise")


def _cash(account: Account, type_: str, day: date, amount: str, **facts: Any) -> Facts:
    return {"type": type_, "trade_date": day, "amount": Decimal(amount), "currency": account.currency, **facts}


def _units(type_: str, security: Security, day: date, quantity: str | None, **facts: Any) -> Facts:
    held = {} if quantity is None else {"quantity": Decimal(quantity)}
    return {"type": type_, "security": security, "trade_date": day, "currency": security.currency, **held, **facts}


def _trade(type_: str, security: Security, day: date, quantity: str, **facts: Any) -> Facts:
    """At the last close of that day or before."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    bars = Price.objects.of(security, Bar.Interval.DAY).filter(ts__lte=midnight).order_by("-ts")
    close = bars.values_list("close", flat=True)[0]
    return _units(type_, security, day, quantity, unit_price=Decimal(repr(close)), **facts)


def _book_dividends(owner: User, depot: Account, *, until: date) -> None:
    for due in propose_dividends(owner, start=None, end=until, account_id=depot.pk, now=timezone.now()):
        post_transaction(
            depot, by=owner, today=until, type=Type.DIVIDEND, trade_date=due.ex_date, amount=due.amount,
            security=Security.objects.get(uuid=due.security_id), currency=ensure_currency(due.currency_code),
            external_id=due.external_id,
        )  # fmt: skip
