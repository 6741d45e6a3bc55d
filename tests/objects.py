"""One of each kind of object that the API writes, made for its owner; the URL at which it is found."""

from datetime import date

from accounts.tests.factories import (
    AccountFactory,
    AccountValueFactory,
    FinancialInstitutionFactory,
    HoldingFactory,
    TransactionFactory,
)
from currencies.tests.factories import CurrencyFactory
from finances.users.models import Session, User
from finances.users.tests.factories import PersonalTokenFactory, UserFactory
from finances.users.tokens import issue_tokens
from securities.tests.factories import SecurityFactory, store_closes

V1 = "/api/v1"
DAY = date(2024, 1, 31)


def institution_url(owner: User) -> str:
    return f"{V1}/financial-institutions/{FinancialInstitutionFactory.create(owner=owner).pk}"


def account_url(owner: User) -> str:
    return f"{V1}/accounts/{AccountFactory.create(owner=owner).pk}"


def value_url(owner: User) -> str:
    account = AccountFactory.create(owner=owner)
    AccountValueFactory.create(account=account, value_date=DAY)
    return f"{V1}/accounts/{account.pk}/values/{DAY}"


def holding_url(owner: User) -> str:
    return f"{V1}/holdings/{HoldingFactory.create(account__owner=owner).pk}"


def transaction_url(owner: User) -> str:
    return f"{V1}/transactions/{TransactionFactory.create(account__owner=owner).pk}"


def security_url(owner: User) -> str:
    return f"{V1}/securities/{SecurityFactory.create(owner=owner).uuid}"


def price_url(owner: User) -> str:
    security = SecurityFactory.create(owner=owner)
    store_closes(security, {DAY: 5.0})
    return f"{V1}/securities/{security.uuid}/prices/{DAY}"


def currency_url(_owner: User) -> str:
    """Written by staff alone."""
    return f"{V1}/currencies/{CurrencyFactory.create(code='QQQ').pk}"


def user_url(_owner: User) -> str:
    """Written by staff alone."""
    return f"{V1}/users/{UserFactory.create().pk}"


def session_url(owner: User) -> str:
    issue_tokens(owner)
    return f"{V1}/auth/sessions/{Session.objects.for_user(owner).latest('created_at').pk}"


def token_url(owner: User) -> str:
    return f"{V1}/auth/tokens/{PersonalTokenFactory.create(user=owner).pk}"
