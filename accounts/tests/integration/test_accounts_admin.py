from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, AccountValue, FinancialInstitution
from accounts.tests.factories import AccountFactory, AccountValueFactory, FinancialInstitutionFactory, HoldingFactory
from accounts.values import put_value
from finances.users.models import User
from finances.users.tests.factories import UserFactory

ACCOUNTS = "/admin/accounts/account/"
INSTITUTIONS = "/admin/accounts/financialinstitution/"


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


def form_of(account: Account, **changes: Any) -> dict[str, Any]:
    inlines = ("holdings", "transactions", "values", "revisions")
    management = {f"{prefix}-{count}_FORMS": 0 for prefix in inlines for count in ("TOTAL", "INITIAL")}
    return {"name": account.name, "account_type": account.account_type, "is_active": "on", **management, **changes}


def test_the_list_shows_latest_values_and_finds_names_and_owners(office: Client, alice: User) -> None:
    account = AccountFactory.create(name="Everyday", owner=alice)
    AccountValueFactory.create(account=account, value="50000")
    AccountFactory.create(name="Rainy days")
    for query in ("everyd", "alice@"):
        page = office.get(ACCOUNTS, {"q": query}).content.decode()
        assert "50000.00 USD" in page
        assert "Rainy days" not in page


@pytest.mark.parametrize("url", [ACCOUNTS, INSTITUTIONS])
def test_lists_cost_the_same_queries_for_three_rows_as_for_one(office: Client, url: str) -> None:
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            account = AccountFactory.create(financial_institution=FinancialInstitutionFactory.create())
            AccountValueFactory.create(account=account)
        with CaptureQueriesContext(connection) as captured:
            assert office.get(url).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_page_has_the_newest_values_and_a_chart_of_its_own_files(office: Client) -> None:
    account = AccountFactory.create()
    for back in range(60):
        day = date(2026, 1, 31) - timedelta(days=back)
        AccountValueFactory.create(account=account, value_date=day, value=1000 + back)
    put_value(account.pk, on=date(2026, 1, 31), value=Decimal(1))
    page = office.get(f"{ACCOUNTS}{account.pk}/change/").content.decode()
    assert f'data-url="{ACCOUNTS}{account.pk}/values"' in page
    assert ("1049.0" in page, "1050.0" in page) == (True, False)
    assert "1000.0" in page  # the value replaced
    assert 'src="http' not in page


def test_the_chart_reads_all_values_ascending(office: Client) -> None:
    account = AccountFactory.create()
    for day, value in ((2, "2.5"), (1, "1")):
        AccountValueFactory.create(account=account, value_date=date(1970, 1, day), value=value)
    response = office.get(f"{ACCOUNTS}{account.pk}/values")
    assert response.json() == {"times": [0, 86400], "values": [1.0, 2.5], "currency": "USD"}


def test_the_chart_is_for_those_who_may_see_accounts(rosa: User, alice: User) -> None:
    account, client = AccountFactory.create(), Client()
    client.force_login(rosa)
    assert client.get(f"{ACCOUNTS}{account.pk}/values").status_code == 403
    client.force_login(alice)
    assert client.get(f"{ACCOUNTS}{account.pk}/values").status_code == 302


def test_a_change_keeps_owner_currency_and_values(office: Client, alice: User) -> None:
    account = AccountFactory.create()
    value = AccountValueFactory.create(account=account)
    form = form_of(account, name="Renamed", owner=str(alice.pk), currency="EUR")
    form |= {"values-TOTAL_FORMS": 1, "values-INITIAL_FORMS": 1, "values-0-id": str(value.pk), "values-0-value": "5"}
    response = office.post(f"{ACCOUNTS}{account.pk}/change/", form)
    assert response.status_code == 302, response.context["errors"]
    stored = Account.objects.get()
    assert (stored.name, stored.owner, stored.currency_id) == ("Renamed", account.owner, "USD")
    assert AccountValue.objects.get().value == 100


def test_anothers_institution_is_refused(office: Client) -> None:
    account, foreign = AccountFactory.create(), FinancialInstitutionFactory.create()
    url, own = f"{ACCOUNTS}{account.pk}/change/", FinancialInstitutionFactory.create(owner=account.owner)
    refused = office.post(url, form_of(account, financial_institution=str(foreign.pk)))
    assert "This institution belongs to somebody else." in refused.content.decode()
    assert office.post(url, form_of(account, financial_institution=str(own.pk))).status_code == 302


def test_an_institution_in_use_is_not_deleted(office: Client, alice: User) -> None:
    bank = FinancialInstitutionFactory.create(owner=alice)
    AccountFactory.create(owner=alice, financial_institution=bank, name="Everyday")
    response = office.post(f"{INSTITUTIONS}{bank.pk}/delete/", {"post": "yes"})
    assert "Everyday" in response.content.decode()
    assert FinancialInstitution.objects.get() == bank


def test_an_account_with_securities_keeps_a_type_that_holds_them(office: Client) -> None:
    account = HoldingFactory.create(account__account_type="INVESTMENT").account
    response = office.post(f"{ACCOUNTS}{account.pk}/change/", form_of(account, account_type="CASH"))
    assert "The account holds securities, which accounts of this type do not." in response.content.decode()
    assert Account.objects.get().account_type == "INVESTMENT"
