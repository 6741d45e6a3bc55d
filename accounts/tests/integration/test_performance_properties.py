"""What holds for the performance of any portfolio, through the domain functions."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.ledger.posting import amend_transaction, post_transaction
from accounts.models import Account, Transaction
from accounts.portfolio.performance.figures import PARTS, Stage
from accounts.portfolio.performance.reading import Performance, PerformanceQuery, read_performance
from accounts.tests.factories import AccountFactory
from currencies.models import ExchangeRate
from currencies.tests.factories import CurrencyFactory, store_rate
from securities.models import Security
from securities.tests.factories import SecurityFactory, SplitFactory, store_closes

FIRST, DAYS = date(2024, 1, 25), 14
LAST = FIRST + timedelta(days=DAYS - 1)
Type = Transaction.Type
amounts = st.decimals(min_value="20", max_value="500", places=2)
closes = st.lists(st.integers(500, 5000), min_size=DAYS + 1, max_size=DAYS + 1)
rows = st.lists(
    st.tuples(
        st.sampled_from([Type.BUY, Type.SELL, Type.DIVIDEND, Type.DEPOSIT, Type.WITHDRAWAL, Type.FEE, Type.TAX]),
        st.integers(0, DAYS - 1), amounts, amounts, st.sampled_from(["0", "1.23"]),
    ),
    max_size=7,
)  # fmt: skip
books = st.tuples(rows, closes, st.lists(st.integers(900, 1300), min_size=DAYS + 1, max_size=DAYS + 1))
randomly = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
pytestmark = pytest.mark.django_db


def day(at: int) -> date:
    return FIRST + timedelta(days=at)


def market(prices: list[int], rates: list[int]) -> Security:
    """A dollar security; prices in cents and rates in thousandths, from the day before the first on."""
    security: Security = SecurityFactory.create()
    store_closes(security, {day(at - 1): price / 100 for at, price in enumerate(prices)})
    ExchangeRate.objects.all().delete()  # those of the example before
    for at, rate in enumerate(rates):
        store_rate("EUR/USD", day(at - 1), str(Decimal(rate) / 1000))
    return security


def account_of(security: Security, posted: Iterable[tuple[Any, ...]]) -> Account:
    """With 10,000 euros on the first day, so that there is capital all along."""
    eur = CurrencyFactory.create(code="EUR")
    account: Account = AccountFactory.create(account_type=Account.Type.INVESTMENT, allow_short=True, currency=eur)
    post(account, security, Type.DEPOSIT, 0, Decimal(10_000), Decimal(0), "0")
    for row in posted:
        post(account, security, *row)
    return account


def post(account: Account, security: Security, type_: str, at: int, one: Decimal, other: Decimal, fees: str) -> Any:
    facts: dict[str, Any] = {"currency": account.currency, "amount": one}
    if type_ in (Type.BUY, Type.SELL):
        facts = {"quantity": one / 10, "unit_price": other / 10, "fees": Decimal(fees)}
    elif type_ == Type.DIVIDEND:
        facts["fees"] = Decimal(fees)
    if type_ in (Type.BUY, Type.SELL, Type.DIVIDEND):
        facts |= {"security": security, "currency": security.currency}
    return post_transaction(account, by=account.owner, today=LAST, type=type_, trade_date=day(at), **facts)


def performance(account: Account, start: date = FIRST, end: date = LAST) -> Performance:
    query = PerformanceQuery(base="EUR", start=start, end=end)
    return read_performance(account.owner, query, today=LAST)


def figures(stage: Stage) -> dict[str, Any]:
    names = ("opening_value", "closing_value", "change", "gain", "twr")
    return {name: getattr(stage, name) for name in names} | dict(stage.parts)


def all_figures(account: Account) -> list[dict[str, Any]]:
    found = performance(account)
    return [figures(stage) for stage in (found.stage, *found.years, *found.months)]


@given(book=books)
@randomly
def test_the_parts_add_up_to_the_change(book: Any) -> None:
    posted, prices, rates = book
    found = performance(account_of(market(prices, rates), posted))

    assert len(found.months) == 2
    for stage in (found.stage, *found.years, *found.months):
        assert sum((stage.parts[name] or Decimal(0) for name in PARTS), Decimal(0)) == stage.change
    gains = [month.market + month.fx for month in found.months]
    assert np.isclose(sum(gains), found.stage.market + found.stage.fx, rtol=0, atol=1e-8)


@given(book=books, cut=st.integers(1, DAYS - 1))
@randomly
def test_returns_of_both_halves_link_to_the_whole(book: Any, cut: int) -> None:
    posted, prices, rates = book
    account = account_of(market(prices, rates), posted)
    whole, one, other = (
        performance(account, *both).stage for both in ((FIRST, LAST), (FIRST, day(cut - 1)), (day(cut), LAST))
    )

    assert one.closing_value == other.opening_value
    assert whole.change == one.change + other.change  # type: ignore[operator]
    if whole.twr.value is not None and one.twr.value is not None and other.twr.value is not None:
        assert np.isclose((1 + one.twr.value) * (1 + other.twr.value) - 1, whole.twr.value, rtol=0, atol=1e-12)
    else:
        assert {each.twr.cause for each in (whole, one, other)} - {None}


@given(book=books, which=st.integers(0, 100))
@randomly
def test_amended_and_reverted_nothing_has_changed(book: Any, which: int) -> None:
    posted, prices, rates = book
    account = account_of(market(prices, rates), posted)
    before = all_figures(account)
    transactions = list(account.transactions.order_by("sequence"))
    chosen = transactions[which % len(transactions)]
    name = "amount" if chosen.amount is not None else "quantity"
    stated = getattr(chosen, name)

    amend_transaction(chosen, {name: stated + 1}, by=account.owner, today=LAST)
    between = all_figures(account)
    amend_transaction(chosen, {name: stated}, by=account.owner, today=LAST)

    assert between != before
    assert all_figures(account) == before


def halves(row: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    type_, at, one, *rest = row
    return [(type_, at, one / 2, *rest)] * 2 if type_ in (Type.BUY, Type.SELL) else [row]


@given(book=books)
@randomly
def test_every_trade_in_two_halves_is_the_same(book: Any) -> None:
    posted, prices, rates = book
    security = market(prices, rates)
    half = [
        (type_, at, one / 2 if type_ in (Type.BUY, Type.SELL) else one, other, "0")
        for type_, at, one, other, _ in posted
    ]
    doubled = [row for row in half for _ in range(2 if row[0] in (Type.BUY, Type.SELL) else 1)]
    whole = [(type_, at, one, other, "0") for type_, at, one, other, _ in posted]

    one, other = performance(account_of(security, whole)), performance(account_of(security, doubled))

    assert figures(one.stage) | {"twr": None} == figures(other.stage) | {"twr": None}
    assert one.stage.twr.cause == other.stage.twr.cause
    assert np.isclose(one.stage.twr.value or 0, other.stage.twr.value or 0, rtol=0, atol=1e-12)


@given(book=books, on=st.integers(1, DAYS - 1), ratio=st.sampled_from([(2, 1), (1, 4), (5, 4)]))
@randomly
def test_a_split_changes_no_value(book: Any, on: int, ratio: tuple[int, int]) -> None:
    """Trades and closes from its day on are in the new units."""
    posted, prices, rates = book
    numerator, denominator = ratio
    plain = performance(account_of(market(prices, rates), posted)).stage
    security = SecurityFactory.create()
    store_closes(security, {
        day(at - 1): price / 100 * (denominator / numerator if at - 1 >= on else 1) for at, price in enumerate(prices)
    })  # fmt: skip
    SplitFactory.create(security=security, ex_date=day(on), numerator=numerator, denominator=denominator)
    account = account_of(security, [])
    for type_, at, one, other, fees in posted:
        factor = Decimal(numerator) / denominator if at >= on and type_ in (Type.BUY, Type.SELL) else Decimal(1)
        post(account, security, type_, at, one * factor, other / factor, fees)
    split = performance(account).stage

    for name, amount in figures(plain).items():
        if name != "twr":
            assert abs(figures(split)[name] - amount) <= Decimal("0.02"), name
    assert split.twr.cause == plain.twr.cause
    assert np.isclose(split.twr.value or 0, plain.twr.value or 0, rtol=0, atol=1e-9)
