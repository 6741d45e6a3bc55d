"""Many transactions at once: all or none, and every violation told by the row that it is of."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction as database
from django.utils import timezone

from accounts.ledger.linked import lock_linked
from accounts.ledger.posting import stamp, touched
from accounts.ledger.projection import recount_each
from accounts.ledger.rules import ExternalIdExists, check_accounts, check_days
from accounts.ledger.splits import check_split_unknown
from accounts.models import Account, Transaction
from finances.errors import FinancesError
from finances.users.models import User

BATCH = 1000


class Refused(Exception):  # noqa: N818 - as finances.errors names them
    """`violations`: by position in the batch, what refuses it; by None what is of no row of it."""

    def __init__(self, violations: Mapping[int | None, list[FinancesError]]) -> None:
        super().__init__("Some rows are refused.")
        self.violations = violations


@database.atomic
def post_transactions(
    account: Account, rows: Sequence[Mapping[str, Any]], *, by: User, today: date
) -> list[Transaction]:
    """Book all of them, in the order given. Raises Refused, and NotFound when an account is gone."""
    new = [Transaction(account=account, posted_by=by, **facts) for facts in rows]
    accounts, securities = {account.pk}, set[int]()
    for row in new:
        sides, books = touched(row)
        accounts.update(sides)
        securities.update(books)
    linked, locked = lock_linked(accounts, securities)
    _check(new, locked, today)
    now = timezone.now()
    for position, row in enumerate(new):
        stamp(row, now, position)
    Transaction.objects.bulk_create(new, batch_size=BATCH)
    refused = recount_each(linked, now=now)
    if refused:
        raise Refused(_by_row(new, refused))
    return new


def _check(new: Sequence[Transaction], accounts: Mapping[Any, Account], today: date) -> None:
    """Raises Refused with all that needs no counting."""
    found: dict[int | None, list[FinancesError]] = defaultdict(list)
    ids = _external_ids(new)
    for position, row in enumerate(new):
        sides = (accounts[row.account_id], accounts.get(row.counter_account_id))
        for check in (
            lambda row=row: check_days(vars(row), today),
            lambda row=row, sides=sides: check_accounts(row.type, row.security_id, *sides),
            lambda row=row: check_split_unknown(row),
            lambda row=row: _check_external_id(row, ids),
        ):
            try:
                check()  # type: ignore[no-untyped-call]
            except FinancesError as error:
                found[position].append(error)
    if found:
        raise Refused(found)


def _external_ids(new: Sequence[Transaction]) -> dict[str, Any]:
    """Those of the batch that the account has already, with the transactions that have them."""
    wanted = {row.external_id for row in new if row.external_id}
    if not wanted:
        return {}
    live = new[0].account.transactions.live().exclude(external_id="").order_by()
    return {text: pk for text, pk in live.values_list("external_id", "pk") if text in wanted}


def _check_external_id(row: Transaction, ids: dict[str, Any]) -> None:
    if not row.external_id:
        return
    if row.external_id in ids:
        raise ExternalIdExists(id=ids[row.external_id])
    ids[row.external_id] = row.pk


def _by_row(new: Sequence[Transaction], refused: Sequence[FinancesError]) -> dict[int | None, list[FinancesError]]:
    positions: dict[Any, int | None] = {row.pk: position for position, row in enumerate(new)}
    found: dict[int | None, list[FinancesError]] = defaultdict(list)
    for error in refused:
        found[positions.get(error.facts.get("transaction_id"))].append(error)
    return found
