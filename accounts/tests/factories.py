from datetime import date
from decimal import Decimal

import factory
from django.utils import timezone

from accounts.models import Account, AccountValue, FinancialInstitution, Holding
from currencies.tests.factories import CurrencyFactory
from finances.users.tests.factories import UserFactory
from securities.tests.factories import SecurityFactory


class FinancialInstitutionFactory(factory.django.DjangoModelFactory[FinancialInstitution]):
    class Meta:
        model = FinancialInstitution

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Institution {number}")
    institution_type = FinancialInstitution.Type.BANK


class AccountFactory(factory.django.DjangoModelFactory[Account]):
    class Meta:
        model = Account

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Account {number}")
    account_type = Account.Type.CHECKING
    currency = factory.SubFactory(CurrencyFactory)


class AccountValueFactory(factory.django.DjangoModelFactory[AccountValue]):
    class Meta:
        model = AccountValue

    account = factory.SubFactory(AccountFactory)
    value_date = date(2026, 1, 31)
    value = Decimal("100.00")
    recorded_at = factory.LazyFunction(timezone.now)


class HoldingFactory(factory.django.DjangoModelFactory[Holding]):
    class Meta:
        model = Holding

    account = factory.SubFactory(AccountFactory, account_type=Account.Type.INVESTMENT)
    security = factory.SubFactory(SecurityFactory)
    quantity = Decimal("12.5")
    average_cost = Decimal("8.00")
