"""Bodies made of rows are, byte for byte, what the serializers make of instances."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.api.holding_serializers import HoldingSerializer
from accounts.api.serializers import AccountSerializer, FinancialInstitutionSerializer
from accounts.api.value_serializers import AccountValueSerializer, LatestValuesSerializer
from accounts.holding_figures import Held, figures_of
from accounts.latest import read_latest
from accounts.models import Account, FinancialInstitution, Holding
from accounts.tests.factories import AccountFactory, AccountValueFactory, FinancialInstitutionFactory, HoldingFactory
from currencies.tests.factories import CurrencyFactory
from finances.testing.answers import serialized
from finances.users.models import User
from securities.tests.factories import SecurityFactory, SplitFactory, store_closes

ODD_NAMES = [
    'Österreichische "Bank" \\ / </script> 銀行 🏦',
    "tab\tnewline\nreturn\r\b\f\x1f\x7f\u2028 ",
    "é e\u0301 \u200f",
]
ODD_AMOUNTS = [
    ("USD", "0"), ("USD", "-0.005"), ("USD", "9999999999999999.99999999"), ("JPY", "-1234"), ("JPY", "0.00000001"),
    ("KWD", "1.5"), ("KWD", "1.2345"), ("BTC", "0.00000001"), ("CLF", "12.3456"), ("EUR", "100"),
]  # fmt: skip


@pytest.fixture
def _accounts(alice: User) -> None:
    bank = FinancialInstitutionFactory.create(owner=alice, name="Bank")
    for place, (code, amount) in enumerate(ODD_AMOUNTS):
        account = AccountFactory.create(
            owner=alice,
            name=ODD_NAMES[place % len(ODD_NAMES)],
            currency=CurrencyFactory.create(code=code),
            account_type=Account.Type.values[place],
            financial_institution=bank if place % 2 else None,
            interest_rate=[None, Decimal("-0.000001"), Decimal("999.5"), Decimal(0)][place % 4],
            opened_on=[None, date(1, 1, 1)][place % 2],
            closed_on=[None, date(9999, 12, 31)][place % 2],
            is_active=place != 3,
        )
        moment = datetime(2026, 1, 31, 9, 30, 5, place, tzinfo=UTC)
        AccountValueFactory.create(account=account, value=Decimal(amount), recorded_at=moment)
    AccountFactory.create(owner=alice, name="Without a value")
    AccountFactory.create(name="A stranger's")


@pytest.mark.usefixtures("_accounts")
def test_accounts(alice_client: APIClient, alice: User) -> None:
    accounts = Account.objects.for_user(alice).with_latest_value()
    expected = AccountSerializer(accounts, many=True)

    assert alice_client.get("/api/v1/accounts").content == serialized(expected)
    assert len(expected.data) == len(ODD_AMOUNTS) + 1
    for account in accounts:
        assert alice_client.get(f"/api/v1/accounts/{account.pk}").content == serialized(AccountSerializer(account))


@pytest.mark.usefixtures("_accounts")
def test_values(alice_client: APIClient, alice: User) -> None:
    for account in Account.objects.for_user(alice):
        AccountValueFactory.create(account=account, value_date=date(1, 1, 1), value=Decimal("-7.1"))
        rows = account.values.order_by("-value_date")
        for row in rows:
            row.currency_code = account.currency_id

        body = alice_client.get(f"/api/v1/accounts/{account.pk}/values").content

        assert body == serialized(AccountValueSerializer(rows, many=True))


@pytest.mark.usefixtures("_accounts")
@pytest.mark.parametrize("parameters", [{}, {"as_of": "2026-02-01"}, {"as_of": "2025-01-01"}, {"base": "EUR"}])
def test_latest_values(alice_client: APIClient, alice: User, parameters: dict[str, str]) -> None:
    as_of = parameters.get("as_of")
    latest = read_latest(
        alice,
        as_of=date.fromisoformat(as_of) if as_of else None,
        today=datetime.now(UTC).date(),
        base_code=parameters.get("base"),
    )

    body = alice_client.get("/api/v1/account-values/latest", parameters).content

    assert body == serialized(LatestValuesSerializer(latest))


@pytest.fixture
def _holdings(alice: User) -> None:
    depot = AccountFactory.create(owner=alice, name="Depot", account_type=Account.Type.INVESTMENT)
    quantities = ["12.5", "0.000000000001", "999999999999999999.999999999999", "3"]
    costs = [None, Decimal(0), Decimal("0.00000001"), Decimal("101.25")]
    for place, close in enumerate([None, 0.1, 1e-7, 1e22, 123456789.123, 499.2, 5e-324]):
        code = ["USD", "JPY", "KWD", "BTC"][place % 4]
        security = SecurityFactory.create(
            symbol=f"S{place}", name=ODD_NAMES[place % 3], currency=CurrencyFactory.create(code=code)
        )
        if close is not None:
            store_closes(security, {date(2020, 8, 28): close})
        if place % 2:
            SplitFactory.create(security=security, ex_date=date(2020, 8, 31), numerator=1, denominator=3)
            SplitFactory.create(security=security, ex_date=date(2021, 8, 31), numerator=7, denominator=2)
        HoldingFactory.create(
            account=depot,
            security=security,
            quantity=Decimal(quantities[place % 4]),
            average_cost=costs[place % 4],
            acquired_on=[None, date(2019, 3, 1)][place % 2],
        )


def valued(holding: Any) -> Any:
    """An instance with its figures, as attributes that the serializer names."""
    held = Held(
        holding.quantity, holding.cost, holding.currency_id, holding.security.time_zone,
        holding.last_close, holding.price_at, holding.splits,
    )  # fmt: skip
    figures = figures_of(held, now=datetime.now(UTC))._asdict()
    own = {name: getattr(holding, name) for name in (
        "id", "account_id", "security", "currency_id", "quantity", "average_cost", "acquired_on", "price_at",
        "created_at", "updated_at",
    )}  # fmt: skip
    return SimpleNamespace(**own, **figures)


@pytest.mark.usefixtures("_holdings")
def test_holdings(alice_client: APIClient, alice: User) -> None:
    holdings = Holding.objects.for_user(alice).select_related("security").with_price_and_splits()
    expected = HoldingSerializer([valued(holding) for holding in holdings], many=True)

    assert alice_client.get("/api/v1/holdings").content == serialized(expected)
    assert len(expected.data) == 7
    for holding in holdings:
        body = alice_client.get(f"/api/v1/holdings/{holding.pk}").content
        assert body == serialized(HoldingSerializer(valued(holding)))


def test_institutions(alice_client: APIClient, alice: User) -> None:
    for name in ODD_NAMES:
        FinancialInstitutionFactory.create(owner=alice, name=name, country="AT", url="https://bank.example/?a=1&b=ü")
    institutions = FinancialInstitution.objects.for_user(alice)

    body = alice_client.get("/api/v1/financial-institutions").content

    assert body == serialized(FinancialInstitutionSerializer(institutions, many=True))
    for row in institutions:
        shown = alice_client.get(f"/api/v1/financial-institutions/{row.pk}").content
        assert shown == serialized(FinancialInstitutionSerializer(row))


def test_days_that_are_not_known_come_last_in_both_directions(alice_client: APIClient, alice: User) -> None:
    for name, day in [("never", None), ("early", date(2019, 1, 1)), ("late", date(2021, 1, 1))]:
        AccountFactory.create(owner=alice, name=name, opened_on=day)

    def names(ordering: str) -> list[str]:
        return [row["name"] for row in alice_client.get("/api/v1/accounts", {"ordering": ordering}).json()]

    assert names("opened_on") == ["early", "late", "never"]
    assert names("-opened_on") == ["late", "early", "never"]
