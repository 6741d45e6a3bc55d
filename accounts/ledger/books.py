"""The ledger as books: its transactions as entries of the lots engine, one book for each account and security."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.ledger.entries import LedgerEntry, entries_of_securities
from accounts.ledger.kinds import MOVES_UNITS
from accounts.ledger.linked import Books
from accounts.ledger.splits import Splits, read_splits
from accounts.ledger.writing import Key, write_books
from accounts.models import Account, Transaction
from finances.api.fields import decimal_text
from finances.errors import Conflict
from finances.valuation import lots

Type = Transaction.Type
ZERO = Decimal(0)


class Oversold(Conflict):
    """`facts`: date, held and wanted in units of that day, transaction_id."""

    code = "oversold"


class NothingHeld(Conflict):
    """A spin-off, return of capital or change of cost without a position. `facts`: date, transaction_id."""

    code = "nothing_held"


@dataclass(frozen=True)
class Counted:
    """A book, and of which lots nobody knows the cost (their cost in the book is meaningless)."""

    book: lots.Book
    unpriced: frozenset[Any]
    """The origins of lots that came in without a cost."""
    undated: frozenset[Any]
    """The origins of lots that came in without a day of acquisition."""
    pooled: bool
    """One average cost for all: a single lot without a cost leaves none with one."""

    def costs_known(self, origin: Any) -> bool:
        return not self.unpriced if self.pooled else origin not in self.unpriced

    def acquired_on(self, lot: lots.Lot) -> date | None:
        return None if lot.origin in self.undated else lot.acquired_on

    @property
    def cost(self) -> Decimal | None:
        """Of all open lots, in the security's currency; None where one of them came in without."""
        return self.book.cost if all(self.costs_known(lot.origin) for lot in self.book.lots) else None

    @property
    def held_since(self) -> date | None:
        days = [self.acquired_on(lot) for lot in self.book.lots]
        known = [day for day in days if day is not None]
        return min(known) if known and len(known) == len(days) else None


class Material(NamedTuple):
    """What books are counted from."""

    entries: list[LedgerEntry]
    splits: dict[int, Splits]
    accounts: dict[uuid.UUID, Account]


def read_material(books: Books, *, now: datetime, known_at: datetime | None = None) -> Material:
    """Of linked books, in four statements however many."""
    entries = entries_of_securities(books.account_ids, books.security_ids, known_at=known_at)
    splits = read_splits(books.security_ids, now=now, known_at=known_at)
    return Material(entries, splits, Account.objects.in_bulk(books.account_ids))


def separate(entries: Iterable[LedgerEntry]) -> list[list[LedgerEntry]]:
    """By security; securities that a spin-off links stay together."""
    group_of: dict[int, list[LedgerEntry]] = {}
    for entry in entries:
        keys = [key for key in (entry.security_id, entry.new_security_id) if key is not None]
        groups = [group_of.setdefault(key, []) for key in keys]
        if len(groups) == 2 and groups[0] is not groups[1]:
            groups[0].extend(groups[1])
            for key in [key for key, group in group_of.items() if group is groups[1]]:
                group_of[key] = groups[0]
        if groups:
            groups[0].append(entry)
    return list({id(group): group for group in group_of.values()}.values())


def count_entries(
    entries: Iterable[LedgerEntry],
    splits: Mapping[int, Splits],
    accounts: Mapping[uuid.UUID, Account],
    *,
    lenient: bool = False,
) -> dict[Key, Counted]:
    """Every book of `entries`, which must hold all that is linked with them.

    Raises Oversold, NothingHeld, LotUnavailable; `lenient` counts a sale of more than is held as short instead, which
    a correction of the market's splits may have made of one that was none.
    """
    listed = [entry for entry in entries if entry.security_id is not None and entry.type in MOVES_UNITS]
    written = write_books(listed, splits)
    rules = {key: _rules(accounts[key[0]], lenient) for key in written}
    counted = _count(written, rules)
    unpriced = frozenset(e.id for e in listed if e.type == Type.OPENING and e.unit_price is None)
    undated = frozenset(e.id for e in listed if e.type == Type.OPENING and e.acquired_on is None)
    return {
        key: Counted(
            book,
            unpriced and unpriced & _origins(written[key], book),
            undated,
            rules[key].method is lots.Method.AVERAGE,
        )
        for key, book in counted.items()
    }


def _count(written: Mapping[Key, list[lots.Entry]], rules: Mapping[Key, lots.Rules]) -> dict[Key, lots.Book]:
    try:
        return lots.count_books(written, rules)
    except lots.Oversold as error:
        held, wanted = decimal_text(error.held), decimal_text(error.wanted)
        facts = {"date": error.on, "held": held, "wanted": wanted, "transaction_id": error.entry}
        raise Oversold(f"On {error.on} {held} are held, and {wanted} would be taken away.", **facts) from error
    except lots.NothingHeld as error:
        raise NothingHeld(str(error), date=error.on, transaction_id=error.entry) from error


def _rules(account: Account, lenient: bool) -> lots.Rules:
    return lots.Rules(method=lots.Method(account.cost_basis_method), allow_short=lenient or account.allow_short)


def _origins(entries: Iterable[lots.Entry], book: lots.Book) -> set[Any]:
    """What came into this book, by itself or from others."""
    named = {lot.origin for lot in book.lots} | {closed.origin for closed in book.realizations}
    return named | {entry.id for entry in entries}
