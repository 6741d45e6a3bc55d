"""The demo user's books: two institutions, four accounts with three years of month-end values, two with a ledger."""

from datetime import date, timedelta
from decimal import Decimal

from accounts.demo_ledger import write_ledger
from accounts.models import Account, FinancialInstitution
from accounts.values import put_values
from currencies.catalogue import ensure_currency
from finances.users.models import User

MONTHS = 36


def write_books(owner: User, *, today: date) -> None:
    bank = FinancialInstitution.objects.create(
        owner=owner, name="Demo Bank", institution_type=FinancialInstitution.Type.BANK, country="US"
    )
    broker = FinancialInstitution.objects.create(
        owner=owner, name="Demo Brokerage", institution_type=FinancialInstitution.Type.BROKERAGE, country="GB"
    )
    _account(owner, bank, "Everyday", Account.Type.CHECKING, first="4200", step="35", today=today)
    savings = _account(
        owner, bank, "Rainy days", Account.Type.SAVINGS, first="9000", step="250", today=today, rate="0.02"
    )
    _account(owner, bank, "Mortgage", Account.Type.MORTGAGE, first="182000", step="-640", today=today, rate="0.031")
    depot = _account(owner, broker, "Depot", Account.Type.INVESTMENT, first="11000", step="310", today=today)
    write_ledger(owner, savings=savings, depot=depot, days=month_ends(today, MONTHS))


def _account(
    owner: User,
    institution: FinancialInstitution,
    name: str,
    account_type: Account.Type,
    *,
    first: str,
    step: str,
    today: date,
    rate: str | None = None,
) -> Account:
    """An account in US dollars whose value goes up by `step` each month-end."""
    days = month_ends(today, MONTHS)
    account: Account = Account.objects.create(
        owner=owner,
        financial_institution=institution,
        name=name,
        account_type=account_type,
        currency=ensure_currency("USD"),
        interest_rate=None if rate is None else Decimal(rate),
        opened_on=days[0],
    )
    put_values(account.pk, {day: Decimal(first) + Decimal(step) * number for number, day in enumerate(days)})
    return account


def month_ends(today: date, count: int) -> list[date]:
    """The last `count` days that ended a month before `today`, ascending."""
    days = [today.replace(day=1) - timedelta(days=1)]
    while len(days) < count:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]
