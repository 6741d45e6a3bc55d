from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.holding_figures import Held, HoldingFigures, columns_of_figures, figures_of
from accounts.models import Holding
from accounts.tests.factories import HoldingFactory
from currencies.tests.factories import CurrencyFactory
from finances.users.models import User
from securities.tests.factories import SecurityFactory, SplitFactory, store_closes

FRIDAY, MONDAY = date(2020, 8, 28), date(2020, 8, 31)


def hold(alice: User, close: float | None, code: str = "USD", **facts: Any) -> Holding:
    security = SecurityFactory.create(symbol="ACME", currency=CurrencyFactory.create(code=code))
    if close is not None:
        store_closes(security, {FRIDAY: close})
    return HoldingFactory.create(account__owner=alice, security=security, **facts)


def read(client: APIClient, *names: str) -> list[Any]:
    [body] = client.get("/api/v1/holdings").json()
    return [body[name] for name in names]


def causes(client: APIClient) -> list[tuple[str, str, str]]:
    [missing] = read(client, "missing")
    return [(cause["figure"], cause["code"], cause["detail"]) for cause in missing]


NO_PRICE = [
    (figure, "missing_price", "No price is stored yet.")
    for figure in ("current_price", "market_value", "unrealized_gain")
]
NO_COST = [(figure, "missing_cost", "No average cost is recorded.") for figure in ("cost", "unrealized_gain")]
FIGURES = ("current_price", "price_at", "market_value", "cost", "unrealized_gain")


def test_without_a_price(alice_client: APIClient, alice: User) -> None:
    hold(alice, None)

    assert read(alice_client, *FIGURES) == [None, None, None, "100.00", None]
    assert causes(alice_client) == NO_PRICE


def test_without_a_cost(alice_client: APIClient, alice: User) -> None:
    hold(alice, 10.0, average_cost=None)

    assert read(alice_client, *FIGURES) == [10.0, "2020-08-28T00:00:00Z", "125.00", None, None]
    assert causes(alice_client) == NO_COST


def test_without_price_and_cost(alice_client: APIClient, alice: User) -> None:
    hold(alice, None, average_cost=None)

    assert read(alice_client, *FIGURES) == [None, None, None, None, None]
    assert causes(alice_client) == NO_PRICE + NO_COST


@pytest.mark.parametrize(
    ("code", "close", "quantity", "cost", "figures"),
    [
        ("USD", 0.1, "3", "0", ["0.30", "0.00", "0.30"]),
        ("USD", 1.005, "1", "1", ["1.01", "1.00", "0.01"]),  # 1.005 is a double just below
        ("USD", 1.0, "1", "1.004", ["1.00", "1.00", "0.00"]),  # and not -0.00
        ("USD", 1.0, "1", "1.005", ["1.00", "1.01", "-0.01"]),
        ("JPY", 1234.5, "1", "1000", ["1235", "1000", "235"]),
        ("KWD", 0.0005, "1", "0.0004", ["0.001", "0.000", "0.000"]),
        ("USD", 1e9, "999999999999999999.999999999999", "1",
         ["1000000000000000000000000000.00", "1000000000000000000.00", "999999999000000000000000000.00"]),
        ("USD", 3.0, "123456789012345678.123456789012", "0",
         ["370370367037037034.37", "0.00", "370370367037037034.37"]),
    ],
)  # fmt: skip
def test_figures_are_exact_and_rounded_once(
    alice_client: APIClient, alice: User, code: str, close: float, quantity: str, cost: str, figures: list[str]
) -> None:
    hold(alice, close, code, quantity=Decimal(quantity), average_cost=Decimal(cost))

    assert read(alice_client, "quantity", *FIGURES[2:]) == [quantity, *figures]


@pytest.mark.parametrize(
    ("split", "expected"),
    [
        ({}, [124.8, "1560.00", "1460.00"]),
        ({"numerator": 1, "denominator": 3}, [1497.6, "18720.00", "18620.00"]),
        ({"ex_date": FRIDAY}, [499.2, "6240.00", "6140.00"]),
        ({"ex_date": date.today() + timedelta(days=5)}, [499.2, "6240.00", "6140.00"]),
        ({"is_void": True}, [499.2, "6240.00", "6140.00"]),
        ({"superseded_at": datetime(2021, 1, 1, tzinfo=UTC)}, [499.2, "6240.00", "6140.00"]),
        ({"changes_quantities": False}, [499.2, "6240.00", "6140.00"]),
    ],
)
def test_a_split_after_the_last_close(
    alice_client: APIClient, alice: User, split: dict[str, Any], expected: list[Any]
) -> None:
    """Quantities are today's, so the price is per unit of today."""
    holding = hold(alice, 499.2)
    SplitFactory.create(**{"security": holding.security, "ex_date": MONDAY, **split})

    assert read(alice_client, "current_price", "market_value", "unrealized_gain") == expected


def test_splits_multiply_and_stay_with_their_security(alice_client: APIClient, alice: User) -> None:
    holding = hold(alice, 9.0, quantity=Decimal(7), average_cost=None)
    for day, numerator, denominator in [(MONDAY, 3, 1), (date(2021, 1, 4), 7, 2)]:
        SplitFactory.create(security=holding.security, ex_date=day, numerator=numerator, denominator=denominator)
    other = HoldingFactory.create(account=holding.account, security=SecurityFactory.create(symbol="BOLT"))
    store_closes(other.security, {FRIDAY: 9.0})

    bodies = alice_client.get("/api/v1/holdings").json()

    # 9 / 10.5 a unit is no finite decimal; seven of them are 6.
    assert [(body["current_price"], body["market_value"]) for body in bodies] == [
        (0.8571428571428571, "6.00"), (9.0, "112.50"),
    ]  # fmt: skip


def test_a_split_takes_effect_with_the_day_of_its_market() -> None:
    held = Held(
        quantity=Decimal("12.5"), cost=None, currency_code="USD", time_zone="America/New_York",
        last_close=499.2, price_at=datetime(2020, 8, 28, tzinfo=UTC), splits=[("2020-08-31", 4, 1)],
    )  # fmt: skip

    # 23:00 on Sunday and 00:00 on Monday in New York
    prices = [figures_of(held, now=datetime(2020, 8, 31, hour, tzinfo=UTC)).current_price for hour in (3, 4)]

    assert prices == [499.2, 124.8]


def test_figures_of_many_are_those_of_each() -> None:
    now, friday = datetime(2026, 1, 31, tzinfo=UTC), datetime(2020, 8, 28, tzinfo=UTC)
    splits = [("2020-08-31", 4, 1), ("2021-08-31", 1, 3)]
    holdings = [
        Held(Decimal("12.5"), Decimal("100.005"), "USD", "America/New_York", 499.2, friday, splits),
        Held(Decimal("-3"), Decimal("-1.5"), "JPY", "Asia/Tokyo", 0.5, friday, None),
        Held(Decimal("1"), Decimal("0.0005"), "KWD", "Asia/Kuwait", 1e-7, friday, []),
        Held(Decimal("999999999999999999.999999999999"), None, "CLF", "UTC", 1e22, friday, None),
        Held(Decimal("0.000000000001"), Decimal(0), "BTC", "UTC", None, None, splits),
        Held(Decimal("1"), None, "USD", "UTC", None, None, None),
    ]

    columns = columns_of_figures(*zip(*holdings, strict=True), now=now)

    assert [HoldingFigures(*each) for each in zip(*columns, strict=True)] == [
        figures_of(held, now=now) for held in holdings
    ]


@pytest.mark.parametrize(
    ("code", "cost", "figures"),
    [
        ("USD", "0.125", ("1.00", "0.13", "0.88")),
        ("USD", "-0.125", ("1.00", "-0.13", "1.13")),
        ("JPY", "0.5", ("1", "1", "1")),
        ("JPY", "-0.49", ("1", "0", "1")),
        ("KWD", "0.0005", ("1.000", "0.001", "1.000")),
        ("CLF", "1.00004", ("1.0000", "1.0000", "0.0000")),
        ("USD", None, ("1.00", None, None)),
    ],
)
def test_figures_are_rounded_half_away_from_zero(code: str, cost: str | None, figures: tuple[str | None, ...]) -> None:
    held = Held(Decimal(1), None if cost is None else Decimal(cost), code, "UTC", 1.0, None, None)

    found = figures_of(held, now=datetime(2026, 1, 31, tzinfo=UTC))

    shown = (found.market_value, found.cost, found.unrealized_gain)
    assert tuple(None if figure is None else str(figure) for figure in shown) == figures
