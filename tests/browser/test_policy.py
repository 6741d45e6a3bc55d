"""Every page works under its Content-Security-Policy: nothing that it does is refused by the browser."""

from datetime import date

from django.contrib.admin import site
from django.urls import reverse

from accounts.tests.factories import AccountFactory, HoldingFactory
from securities.tests.factories import SecurityFactory, store_closes
from tests.browser.office import Office

LOGO = "https://cdn.redoc.ly/redoc/logo-mini.svg"


def test_every_page_of_the_back_office(office: Office) -> None:
    security = SecurityFactory.create(symbol="ACME")
    store_closes(security, {date(2024, 1, day): float(day) for day in range(2, 31)})
    account = AccountFactory.create(account_type="INVESTMENT")
    HoldingFactory.create(account=account, security=security)

    for model, page in site._registry.items():
        named = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        office.page.goto(office.url + reverse(f"{named}_changelist"))
        if page.has_add_permission(_Everything()):  # type: ignore[arg-type]
            office.page.goto(office.url + reverse(f"{named}_add"))
    office.visit(f"securities/security/{security.pk}/change/")
    office.page.wait_for_selector("canvas")
    office.visit(f"accounts/account/{account.pk}/change/")


def test_docs(office: Office) -> None:
    office.page.goto(f"{office.url}/api/docs")
    office.page.wait_for_selector(".opblock")
    office.page.goto(f"{office.url}/api/redoc")
    office.page.wait_for_selector("h1")

    # Redoc asks for its maker's logo, and the policy keeps it away.
    office.complaints[:] = [told for told in office.complaints if LOGO not in told]


class _Everything:
    """A request of somebody who may do all."""

    class user:  # noqa: N801 - as a request calls it
        @staticmethod
        def has_perm(name: str) -> bool:
            return True
