"""Stating what is held: a short way to write the ledger for who keeps no transactions."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, localcontext
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.ledger.linked import Books, lock_linked
from accounts.ledger.posting import amend_transaction, post_transaction
from accounts.ledger.projection import holding_id, recount
from accounts.ledger.rules import HoldsNoSecurities
from accounts.models import Account, Holding, Transaction
from finances.errors import Conflict, NotFound, RuleViolation
from finances.sync.models import SyncRun
from finances.users.models import User
from finances.valuation.scale import EXACT
from securities.models import Security
from securities.sync import sync_security

STATED = frozenset({Transaction.Type.OPENING, Transaction.Type.ADJUSTMENT})


class AcquiredInFuture(RuleViolation):
    code = "acquired_in_future"
    message = "acquired_on is after today."


class HoldingExists(Conflict):
    code = "holding_exists"
    message = "The account holds this security already; change that holding instead."


class HoldingHasTransactions(Conflict):
    code = "holding_has_transactions"
    message = "This follows from the account's transactions; change or delete those instead."


def check_holding(account: Account, acquired_on: date | None, *, today: date) -> None:
    """What needs no security. Raises HoldsNoSecurities, AcquiredInFuture."""
    if not account.may_hold_securities:
        raise HoldsNoSecurities
    _check_day(acquired_on, today)


def security_of(symbol: str, *, user: User) -> Security:
    """One that is not stored, from Yahoo. Raises what sync_security raises."""
    return sync_security(symbol, trigger=SyncRun.Trigger.API, started_by=user).security


def add_holding(
    account: Account, *, security: Security, user: User, today: date, quantity: Decimal,
    average_cost: Decimal | None = None, acquired_on: date | None = None,
) -> Holding:  # fmt: skip
    """Post an OPENING of it.

    quantity: in today's units, average_cost per one of them in the security's currency. Raises HoldsNoSecurities,
    AcquiredInFuture, HoldingExists, and NotFound if the account has gone; then nothing is held.
    """
    check_holding(account, acquired_on, today=today)
    stated = _stated(security, quantity, average_cost, acquired_on, today)
    return _open(account, security, user, today, stated)


@transaction.atomic
def _open(account: Account, security: Security, user: User, today: date, stated: dict[str, Any]) -> Holding:
    lock_linked([account.pk], [security.pk])
    if Holding.objects.filter(account=account, security=security).exists():
        raise HoldingExists
    facts = {"type": Transaction.Type.OPENING, "security": security, "currency": security.currency, **stated}
    post_transaction(account, by=user, today=today, **facts)
    holding: Holding = Holding.objects.get(pk=holding_id((account.pk, security.pk)))
    return holding


@transaction.atomic
def change_holding(holding: Holding, changes: Mapping[str, Any], *, user: User, today: date) -> None:
    """Make its figures these: amend the OPENING where that is all there is, else post an ADJUSTMENT of the difference.

    Raises AcquiredInFuture, NotFound if it has gone, and HoldingHasTransactions where no adjustment can.
    """
    _check_day(changes.get("acquired_on"), today)
    _, current = lock_holding(holding)
    if not changes:
        return
    target = {name: getattr(current, name) for name in ("quantity", "average_cost", "acquired_on")} | dict(changes)
    if is_opened_alone(current):
        opening = _entries_of(current).get()
        day = opening.posted_at.astimezone(ZoneInfo(user.time_zone)).date()
        amend_transaction(opening, _stated(current.security, **target, today=day), by=user, today=today)
    else:
        _adjust(current, target, user, today)
    Holding.objects.filter(pk=current.pk).update(updated_at=timezone.now())


@transaction.atomic
def remove_holding(holding: Holding, *, user: User) -> None:
    """Void what stated it. Raises HoldingHasTransactions where other transactions made it, NotFound if it has gone."""
    books, current = lock_holding(holding)
    if not is_stated(current):
        raise HoldingHasTransactions
    _entries_of(current).update(voided_at=timezone.now(), voided_by=user)
    recount(books, now=timezone.now())


def _stated(
    security: Security, quantity: Decimal, average_cost: Decimal | None, acquired_on: date | None, today: date
) -> dict[str, Any]:
    """The OPENING that says so: of the day of acquisition, else of `today`, in the units of the market's own day."""
    return {
        "quantity": quantity,
        "unit_price": average_cost,
        "trade_date": acquired_on or today,
        "acquired_on": acquired_on,
        "units_as_of": timezone.now().astimezone(ZoneInfo(security.time_zone)).date(),
    }


def _adjust(current: Holding, target: Mapping[str, Any], user: User, today: date) -> None:
    """Cost keeps to the average that is wanted, or that there is, for all units."""
    if target["acquired_on"] != current.acquired_on or (current.cost is not None) != (
        target["average_cost"] is not None
    ):
        raise HoldingHasTransactions
    units, cost = target["quantity"] - current.quantity, _cost_change(current, target)
    if units or cost:
        post_transaction(
            current.account, by=user, today=today, type=Transaction.Type.ADJUSTMENT, security=current.security,
            currency=current.security.currency, trade_date=today, quantity=units or None, amount=cost,
        )  # fmt: skip


def _cost_change(current: Holding, target: Mapping[str, Any]) -> Decimal | None:
    if current.cost is None:
        return None
    with localcontext(EXACT):
        if target["average_cost"] == current.average_cost:
            wanted = current.cost * target["quantity"] / current.quantity
        else:
            wanted = target["average_cost"] * target["quantity"]
        change: Decimal = (wanted - current.cost).quantize(Decimal("1e-20"))
    return change


def lock_holding(holding: Holding) -> tuple[Books, Holding]:
    books, _ = lock_linked([holding.account_id], [holding.security_id])
    current = Holding.objects.select_related("account", "security").filter(pk=holding.pk).first()
    if current is None:
        raise NotFound("Not found.")
    return books, current


def _entries_of(holding: Holding) -> Any:
    security = Q(security=holding.security_id) | Q(new_security=holding.security_id)
    return Transaction.objects.live().in_account(holding.account).filter(security).exclude(
        # Cash that names a security is no entry of its book.
        type__in=[Transaction.Type.DIVIDEND, Transaction.Type.INTEREST, Transaction.Type.FEE, Transaction.Type.TAX]
    ).order_by("sequence")  # fmt: skip


def is_opened_alone(holding: Holding) -> bool:
    """Whether one OPENING is all there is of it, so that every figure can be stated otherwise."""
    return [row.type for row in _entries_of(holding)] == [Transaction.Type.OPENING]


def is_stated(holding: Holding) -> bool:
    """Whether people stated it, and no other transaction made it what it is."""
    return set(_entries_of(holding).values_list("type", flat=True)) <= STATED


def _check_day(acquired_on: date | None, today: date) -> None:
    if acquired_on is not None and acquired_on > today:
        raise AcquiredInFuture
