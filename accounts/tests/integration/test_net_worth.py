"""What all accounts together are worth on a day."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account
from accounts.tests.factories import AccountFactory, AccountValueFactory, TransactionFactory
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, assert_unauthenticated
from securities.models import Security
from securities.tests.factories import SecurityFactory, SplitFactory, store_closes

URL = "/api/v1/portfolio/net-worth"
DAY = date(2024, 1, 31)
NOTHING = dict.fromkeys(("net_worth", "assets", "liabilities", "cash", "securities", "recorded"), "0.00")


@pytest.fixture
def acme() -> Security:
    security = SecurityFactory.create(symbol="ACME")
    store_closes(security, {date(2024, 1, 30): 8.01})
    return security


@pytest.fixture
def depot(alice: User) -> Account:
    return AccountFactory.create(owner=alice, name="Depot", account_type=Account.Type.INVESTMENT)


def bought(account: Account, security: Security, quantity: str = "12.5", on: date = date(2024, 1, 2)) -> None:
    facts = {"security": security, "quantity": Decimal(quantity), "unit_price": Decimal(8), "amount": None}
    TransactionFactory.create(account=account, type="BUY", trade_date=on, **facts)


def refused(response: Any) -> list[tuple[list[str], str]]:
    assert response.status_code == 422
    return [(violation["loc"], violation["type"]) for violation in response.json()["detail"]]


def net_worth(client: APIClient, day: date = DAY, **parameters: Any) -> Any:
    response = client.get(URL, {"as_of": day, **parameters})
    assert response.status_code == 200, response.json()
    return response.json()


def totals(body: Any) -> dict[str, Any]:
    return {name: body[name] for name in NOTHING}


def test_a_ledger_a_recorded_value_and_a_debt(
    alice_client: APIClient, alice: User, depot: Account, acme: Security
) -> None:
    TransactionFactory.create(account=depot, trade_date=date(2024, 1, 1), amount=Decimal("1000"))
    bought(depot, acme)
    house = AccountFactory.create(owner=alice, name="House", account_type=Account.Type.REAL_ESTATE)
    AccountValueFactory.create(account=house, value_date=date(2023, 1, 1), value=Decimal("300000"))
    loan = AccountFactory.create(owner=alice, name="Loan", account_type=Account.Type.MORTGAGE)
    AccountValueFactory.create(account=loan, value_date=date(2024, 1, 31), value=Decimal("120000.50"))

    position, cash = f"position:{depot.pk}:{acme.uuid}", f"cash:{depot.pk}:USD"
    no_security = {"security_id": None, "symbol": None, "quantity": None, "price": None, "price_date": None}
    expected = {
        "net_worth": "180999.63",
        "assets": "301000.13",
        "liabilities": "120000.50",
        "cash": "900.00",
        "securities": "100.13",
        "recorded": "300000.00",
    }
    assert net_worth(alice_client) == {
        "as_of": "2024-01-31",
        "known_at": None,
        "base_currency": "USD",
        **expected,
        "coverage": {"known": 4, "parts": 4},
        "sum_of_known": expected,
        "accounts": [
            {
                "figure": f"account:{depot.pk}", "account_id": str(depot.pk), "account_name": "Depot",
                "account_type": "INVESTMENT", "classification": "ASSET", "basis": "ledger", "value": "1000.13",
                "cash": "900.00", "securities": "100.13",
            },
            {
                "figure": f"account:{house.pk}", "account_id": str(house.pk), "account_name": "House",
                "account_type": "REAL_ESTATE", "classification": "ASSET", "basis": "recorded", "value": "300000.00",
                "cash": None, "securities": None,
            },
            {
                "figure": f"account:{loan.pk}", "account_id": str(loan.pk), "account_name": "Loan",
                "account_type": "MORTGAGE", "classification": "LIABILITY", "basis": "recorded",
                "value": "120000.50", "cash": None, "securities": None,
            },
        ],
        "parts": [
            {
                "figure": position, "kind": "security", "account_id": str(depot.pk),
                "security_id": str(acme.uuid), "symbol": "ACME", "quantity": "12.5", "price": 8.01,
                "price_date": "2024-01-30", "currency_code": "USD", "local_value": "100.13", "value": "100.13",
            },
            {
                "figure": cash, "kind": "cash", "account_id": str(depot.pk), **no_security,
                "currency_code": "USD", "local_value": "900.00", "value": "900.00",
            },
            {
                "figure": f"recorded:{house.pk}", "kind": "recorded", "account_id": str(house.pk), **no_security,
                "currency_code": "USD", "local_value": "300000.00", "value": "300000.00",
            },
            {
                "figure": f"recorded:{loan.pk}", "kind": "recorded", "account_id": str(loan.pk), **no_security,
                "currency_code": "USD", "local_value": "-120000.50", "value": "-120000.50",
            },
        ],
        "figures": [
            *NOTHING, f"account:{depot.pk}", f"account:{house.pk}", f"account:{loan.pk}", position, cash,
            f"recorded:{house.pk}", f"recorded:{loan.pk}",
        ],
        "missing": [],
    }  # fmt: skip


def test_without_accounts_it_is_nothing(alice_client: APIClient) -> None:
    body = alice_client.get(URL).json()

    assert totals(body) == NOTHING
    assert body["coverage"] == {"known": 0, "parts": 0}


def test_by_default_today_in_ones_own_currency_and_time_zone(alice_client: APIClient, alice: User) -> None:
    alice.change(base_currency="JPY", time_zone="Pacific/Kiritimati")
    account = AccountFactory.create(owner=alice, currency=CurrencyFactory.create(code="JPY"))
    AccountValueFactory.create(account=account, value=Decimal("1500"), value_date=date(2020, 1, 1))

    body = alice_client.get(URL).json()

    assert body["as_of"] == (timezone.now() + timedelta(hours=14)).date().isoformat()
    assert (body["base_currency"], body["net_worth"]) == ("JPY", "1500.00")


def test_an_account_counts_once(alice_client: APIClient, depot: Account) -> None:
    """By recorded values before its first transaction, by its ledger from then on."""
    AccountValueFactory.create(account=depot, value_date=date(2023, 12, 1), value=Decimal("70"))
    AccountValueFactory.create(account=depot, value_date=date(2024, 1, 20), value=Decimal("99999"))
    TransactionFactory.create(account=depot, trade_date=date(2024, 1, 10), amount=Decimal("50"))

    worth = {day: net_worth(alice_client, date(2024, 1, day))["net_worth"] for day in (9, 10, 25)}
    assert worth == {9: "70.00", 10: "50.00", 25: "50.00"}
    assert net_worth(alice_client, date(2023, 11, 30))["net_worth"] == "0.00"


def test_a_missing_rate(alice_client: APIClient, alice: User, depot: Account) -> None:
    TransactionFactory.create(account=depot, amount=Decimal("100"), trade_date=date(2024, 1, 1))
    euros = AccountFactory.create(owner=alice, name="Euros", currency=CurrencyFactory.create(code="EUR"))
    AccountValueFactory.create(account=euros, value_date=date(2024, 1, 1), value=Decimal("40"))
    store_rate("EUR/USD", date(2024, 1, 23), "1.1")

    body = net_worth(alice_client)
    assert totals(body) == {**NOTHING, "net_worth": None, "assets": None, "cash": "100.00", "recorded": None}
    assert body["sum_of_known"] == {**NOTHING, "net_worth": "100.00", "assets": "100.00", "cash": "100.00"}
    assert body["coverage"] == {"known": 1, "parts": 2}
    assert body["missing"] == [
        {
            "figure": f"recorded:{euros.pk}",
            "code": "missing_rate",
            "detail": "No EUR/USD rate on 2024-01-31 or in the 7 days before it.",
            "since": "2024-01-31",
            "until": "2024-01-31",
            "account_id": str(euros.pk),
            "security_id": None,
            "currency_code": "EUR",
        }
    ]
    assert net_worth(alice_client, date(2024, 1, 30))["net_worth"] == "144.00"


def test_a_missing_and_a_stale_price(alice_client: APIClient, depot: Account, acme: Security) -> None:
    bought(depot, acme, "10")

    gaps = {day: net_worth(alice_client, day)["missing"] for day in (date(2024, 1, 29), date(2024, 2, 14))}
    assert [(gap["code"], gap["since"], gap["detail"]) for gap in gaps[date(2024, 1, 29)]] == [
        ("missing_price", "2024-01-02", "No price of ACME is stored on or before 2024-01-29.")
    ]
    assert [(gap["code"], gap["since"], gap["detail"]) for gap in gaps[date(2024, 2, 14)]] == [
        ("stale_price", "2024-02-14", "The last price of ACME is of 2024-01-30; it counts for 14 days.")
    ]
    stale = net_worth(alice_client, date(2024, 2, 14))
    assert (stale["securities"], stale["cash"], stale["net_worth"]) == (None, "-80.00", None)
    assert stale["parts"][0] | {"price": 8.01, "price_date": "2024-01-30", "value": None} == stale["parts"][0]
    assert net_worth(alice_client, date(2024, 2, 13))["securities"] == "80.10"


def test_a_manual_security_s_price_counts_until_the_next(alice_client: APIClient, alice: User, depot: Account) -> None:
    own = SecurityFactory.create(symbol="FUND", owner=alice)
    store_closes(own, {date(2010, 1, 4): 7.0})
    bought(depot, own, "2")

    assert net_worth(alice_client)["securities"] == "14.00"


def test_an_account_of_which_nothing_is_recorded(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice, name="New")

    today = alice_client.get(URL).json()
    assert (today["net_worth"], today["sum_of_known"]["net_worth"]) == (None, "0.00")
    assert today["coverage"] == {"known": 0, "parts": 1}
    assert [(gap["figure"], gap["code"]) for gap in today["missing"]] == [(f"account:{account.pk}", "missing_value")]
    assert net_worth(alice_client)["net_worth"] == "0.00"  # before it was entered


def test_a_split_on_the_way(alice_client: APIClient, depot: Account, acme: Security) -> None:
    """The close from before the split still fits the day after it, and the quantity is in units of the day."""
    bought(depot, acme, "10")
    SplitFactory.create(security=acme, ex_date=date(2024, 2, 1), numerator=4)

    for day, quantity in ((DAY, "10"), (date(2024, 2, 1), "40")):
        body = net_worth(alice_client, day)
        assert (body["securities"], body["parts"][0]["quantity"]) == ("80.10", quantity)


@pytest.mark.parametrize(("closed_on", "last"), [(date(2024, 3, 5), date(2024, 3, 5)), (None, date(2024, 2, 1))])
def test_an_archived_account_counts_to_its_end(
    alice_client: APIClient, alice: User, closed_on: date | None, last: date
) -> None:
    account = AccountFactory.create(owner=alice, is_active=False, closed_on=closed_on)
    for day in (date(2024, 1, 1), date(2024, 2, 1)):
        AccountValueFactory.create(account=account, value_date=day, value=Decimal("5"))

    assert net_worth(alice_client, last)["net_worth"] == "5.00"
    assert net_worth(alice_client, last + timedelta(days=1))["net_worth"] == "0.00"


def test_only_some_accounts(alice_client: APIClient, alice: User, depot: Account) -> None:
    other = AccountFactory.create(owner=alice, name="Other", account_type=Account.Type.INVESTMENT)
    TransactionFactory.create(account=depot, amount=Decimal("100"))
    TransactionFactory.create(
        account=depot, type="TRANSFER", counter_account=other, amount=Decimal("30"), trade_date=date(2024, 1, 31)
    )

    found = {name: net_worth(alice_client, accounts=keys)["net_worth"] for name, keys in {
        "depot": str(depot.pk), "other": str(other.pk), "both": f"{depot.pk},{other.pk}",
    }.items()}  # fmt: skip
    assert found == {"depot": "70.00", "other": "30.00", "both": "100.00"}


def test_another_s_account_is_as_good_as_none(alice_client: APIClient, charlie: User, depot: Account) -> None:
    stranger = AccountFactory.create(owner=charlie)
    AccountValueFactory.create(account=stranger, value_date=DAY)
    TransactionFactory.create(account=depot, amount=Decimal("7"))

    assert net_worth(alice_client)["net_worth"] == "7.00"
    for keys in (str(stranger.pk), f"{depot.pk},{stranger.pk}", "52c5b1a0-8f5c-4b53-b1ef-0d7b0f8f8e11", "mine"):
        response = alice_client.get(URL, {"accounts": keys})
        assert response.status_code == 422
        assert refused(response) == [(["query", "accounts"], "does_not_exist")]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("as_of", "2024-13-01", "invalid"),
        ("base", "XXQ", "unknown_currency"),
        ("known_at", "2999-01-01T00:00:00Z", "future"),
    ],
)
def test_bad_parameters(alice_client: APIClient, name: str, text: str, code: str) -> None:
    response = alice_client.get(URL, {name: text})

    assert response.status_code == 422
    assert refused(response) == [(["query", name], code)]


def test_unauthenticated() -> None:
    assert_unauthenticated(APIClient().get(URL), NOT_AUTHENTICATED)


def queries(client: APIClient) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        net_worth(client, base="EUR")
    return len(captured)


def test_statements_do_not_grow_with_rows(alice_client: APIClient, alice: User) -> None:
    CurrencyFactory.create(code="EUR")

    def add() -> None:
        security = SecurityFactory.create()
        store_closes(security, {date(2024, 1, 30): 8.0})
        account = AccountFactory.create(owner=alice, account_type=Account.Type.INVESTMENT)
        AccountValueFactory.create(account=account, value_date=date(2023, 1, 1))
        TransactionFactory.create(account=account, trade_date=date(2024, 1, 1))
        bought(account, security)

    add()
    net_worth(alice_client)
    one = queries(alice_client)
    add()
    add()
    net_worth(alice_client)
    assert queries(alice_client) == one
