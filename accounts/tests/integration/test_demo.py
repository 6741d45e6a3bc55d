from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.demo import SYMBOLS, is_wanted, load_demo
from accounts.demo_books import month_ends
from accounts.models import Account, Holding
from currencies.catalogue import load_currencies
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities.models import Price, Security


def test_the_demo_can_be_logged_into_and_is_worth_something(anonymous: APIClient) -> None:
    load_currencies()
    person, _staff = load_demo()

    login = anonymous.post("/api/v1/auth/login", {"email": person.email, "password": person.password})
    client = APIClient(headers={"Authorization": f"Bearer {login.json()['access_token']}"})

    assert sorted(account["name"] for account in client.get("/api/v1/accounts").json()) == [
        "Depot", "Everyday", "Mortgage", "Rainy days",
    ]  # fmt: skip
    holdings = client.get("/api/v1/holdings").json()
    assert [(holding["symbol"], holding["missing"]) for holding in holdings] == [
        ("DEMO-GROWTH", []), ("DEMO-LONDON.L", []),
    ]  # fmt: skip
    for base in ("USD", "EUR"):
        worth = client.get("/api/v1/portfolio/net-worth", {"base": base}).json()
        assert (worth["missing"], worth["coverage"]) == ([], {"known": 7, "parts": 7})
    today = timezone.now().date()
    year = {"start_date": str(today - timedelta(days=365)), "end_date": str(today)}
    assert client.get("/api/v1/portfolio/performance", year).json()["missing"] == []
    assert sorted(Security.objects.values_list("symbol", flat=True)) == sorted(SYMBOLS)
    assert Price.objects.filter(security__symbol="AAPL").count() == 3270


def test_prepare_loads_the_demo_once(settings: Any) -> None:
    settings.EMBEDDED = True
    first, second = StringIO(), StringIO()

    call_command("prepare", stdout=first)
    call_command("prepare", "--port", "9000", stdout=second)

    assert "demo user: demo@finances.example  password: " in first.getvalue()
    assert "password" not in second.getvalue()
    assert "http://127.0.0.1:9000/api/docs" in second.getvalue()
    assert (User.objects.count(), Account.objects.count(), Holding.objects.count()) == (2, 4, 2)


@pytest.mark.parametrize(
    ("embedded", "production", "used"), [(False, False, False), (True, True, False), (True, False, True)]
)
def test_the_demo_is_never_mixed_into_anything(settings: Any, embedded: bool, production: bool, used: bool) -> None:
    settings.EMBEDDED, settings.PRODUCTION = embedded, production
    if used:
        UserFactory.create()

    assert is_wanted() is False


def test_month_ends() -> None:
    assert month_ends(date(2024, 3, 31), 3) == [date(2023, 12, 31), date(2024, 1, 31), date(2024, 2, 29)]
