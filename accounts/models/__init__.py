"""What people own and owe, and where."""

from accounts.models.account import Account
from accounts.models.holding import Holding
from accounts.models.institution import FinancialInstitution
from accounts.models.transaction import Transaction, TransactionRevision
from accounts.models.value import AccountValue, AccountValueRevision

__all__ = [
    "Account",
    "AccountValue",
    "AccountValueRevision",
    "FinancialInstitution",
    "Holding",
    "Transaction",
    "TransactionRevision",
]
