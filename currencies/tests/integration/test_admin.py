from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from currencies.models import ExchangeRate
from currencies.tests.factories import CurrencyFactory, ExchangeRateFactory, store_rate
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.factories import UserFactory

URL = "/admin/currencies"


@pytest.fixture
def office(client: Client) -> Client:
    client.force_login(UserFactory.create(email="root@example.test", is_staff=True, is_superuser=True))
    return client


def sync(office: Client, *codes: str) -> str:
    form = {"action": "sync_rates", "_selected_action": codes}
    return office.post(f"{URL}/currency/", form, follow=True).content.decode()


def test_currencies_are_searched_and_filtered(office: Client) -> None:
    for code in ("EUR", "HRK"):
        CurrencyFactory.create(code=code)

    pages = [office.get(f"{URL}/currency/", parameters).content.decode()
             for parameters in ({"q": "kuna"}, {"in_force": "yes"}, {"in_force": "no"})]  # fmt: skip

    assert [("Croatian Kuna" in page, ">Euro<" in page) for page in pages] == [
        (True, False), (False, True), (True, False),
    ]  # fmt: skip


def test_a_currencys_page_has_a_chart_and_keeps_the_code(office: Client) -> None:
    CurrencyFactory.create(code="USD")

    page = office.get(f"{URL}/currency/USD/change/").content.decode()

    assert 'data-url="/admin/currencies/currency/USD/rates"' in page
    assert 'name="code"' not in page


@pytest.mark.parametrize(("code", "pair"), [("USD", "USD per EUR"), ("EUR", "USD per EUR"), ("JPY", "JPY per USD")])
def test_the_charts_columns(office: Client, code: str, pair: str) -> None:
    store_rate("EUR/USD", date(2022, 12, 28), "1.25")
    store_rate("USD/JPY", date(2022, 12, 28), "1.25")

    assert office.get(f"{URL}/currency/{code}/rates").json() == {
        "times": [1672185600], "rates": [1.25], "pair": pair,
    }  # fmt: skip


def test_the_chart_is_for_those_who_may_see_the_page(client: Client, rosa: User) -> None:
    client.force_login(rosa)

    assert client.get(f"{URL}/currency/USD/rates").status_code == 403


@pytest.mark.parametrize("model", ["exchangerate", "exchangeraterevision"])
def test_rates_are_a_record(office: Client, model: str) -> None:
    rate = ExchangeRateFactory.create()

    page = office.get(f"{URL}/{model}/", {"base__code__exact": "EUR", "source": "ecb"})

    assert page.status_code == 200
    assert (model == "exchangerate") is ("1.064" in page.content.decode())
    assert office.post(f"{URL}/{model}/{rate.pk}/change/", {}).status_code in (302, 403)
    assert office.get(f"{URL}/{model}/add/").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_sync_rates_of_chosen_currencies(office: Client, fake_yahoo: Script) -> None:
    for code in ("EUR", "USD", "GBP"):
        CurrencyFactory.create(code=code)
    fake_yahoo.now = datetime(2022, 12, 29, 22, tzinfo=UTC)
    fake_yahoo.add("EURUSD=X", closes={date(2022, 12, 28): 1.06}, quote_unit="USD")

    page = sync(office, "EUR", "USD", "GBP")

    assert "EURUSD: 1 rates added, 0 changed." in page
    assert "EURGBP: symbol_not_found" in page
    assert ExchangeRate.objects.count() == 1


def test_sync_rates_takes_a_few_at_once(office: Client, fake_yahoo: Script) -> None:
    CurrencyFactory.create(code="EUR")

    assert "Choose 1 to 10 currencies other than EUR" in sync(office, "EUR")
    assert fake_yahoo.calls == []


def test_sync_rates_needs_the_permission_to_change(client: Client, rosa: User) -> None:
    CurrencyFactory.create(code="EUR")
    rosa.user_permissions.set(Permission.objects.filter(codename="view_currency"))
    client.force_login(rosa)

    assert "sync_rates" not in client.get(f"{URL}/currency/").content.decode()
