"""What refuses a transaction before any book is counted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from accounts.ledger.kinds import MOVES_UNITS
from accounts.models import Account, Transaction
from finances.errors import Conflict, RuleViolation


class TradedInFuture(RuleViolation):
    code = "traded_in_future"
    message = "trade_date is after today."


class SettledBeforeTraded(RuleViolation):
    code = "settled_before_traded"
    message = "settlement_date is before trade_date."


class HoldsNoSecurities(RuleViolation):
    code = "account_holds_no_securities"
    message = "Only investment, retirement and crypto accounts hold securities."


class ExternalIdExists(Conflict):
    code = "external_id_exists"
    message = "This account has a transaction with this external_id already."


def check_days(facts: Mapping[str, Any], today: date) -> None:
    """Raises TradedInFuture, SettledBeforeTraded."""
    if facts["trade_date"] > today:
        raise TradedInFuture
    settled = facts.get("settlement_date")
    if settled is not None and settled < facts["trade_date"]:
        raise SettledBeforeTraded


def moves_units(type_: str, security_id: int | None) -> bool:
    """Whether it is an entry of a security's book."""
    return security_id is not None and type_ in MOVES_UNITS


def check_accounts(type_: str, security_id: int | None, *accounts: Account | None) -> None:
    """Raises HoldsNoSecurities."""
    if moves_units(type_, security_id) and any(a is not None and not a.may_hold_securities for a in accounts):
        raise HoldsNoSecurities


def check_external_id(account: Account, external_id: str, *, but: Transaction | None = None) -> None:
    """Call it with the account locked. Raises ExternalIdExists, which tells the existing id."""
    if not external_id:
        return
    same = account.transactions.live().filter(external_id=external_id)
    existing = same.exclude(pk=but.pk).first() if but else same.first()
    if existing is not None:
        raise ExternalIdExists(id=existing.pk)
