from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import factory
from django.utils import timezone

from accounts.holdings import add_holding
from accounts.models import Account, AccountValue, FinancialInstitution, Holding, Transaction
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


class TransactionFactory(factory.django.DjangoModelFactory[Transaction]):
    """A row by itself: a deposit of 100 unless told otherwise. Holdings are not counted; `post_transaction` does."""

    class Meta:
        model = Transaction

    account = factory.SubFactory(AccountFactory, account_type=Account.Type.INVESTMENT)
    type = Transaction.Type.DEPOSIT
    trade_date = date(2024, 1, 31)
    amount = Decimal("100.00")
    currency = factory.SelfAttribute("account.currency")
    sequence = factory.Sequence(lambda number: number)
    posted_at = factory.LazyFunction(timezone.now)
    recorded_at = factory.SelfAttribute("posted_at")


class HoldingFactory(factory.django.DjangoModelFactory[Holding]):
    class Meta:
        model = Holding

    account = factory.SubFactory(AccountFactory, account_type=Account.Type.INVESTMENT)
    security = factory.SubFactory(SecurityFactory)
    quantity = Decimal("12.5")
    average_cost = Decimal("8.00")
    acquired_on = None

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **facts: Any) -> Holding:
        """As people do: by stating it, so that the ledger says the same."""
        owner = facts["account"].owner
        holding = add_holding(**facts, user=owner, today=timezone.now().date() + timedelta(days=1))
        stored: Holding = Holding.objects.select_related("account", "security").get(pk=holding.pk)
        return stored
