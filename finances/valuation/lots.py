"""Exact books: lots, their cost, and what closing them realized.

The order of entries is `order_of_entry`'s. Every book has one currency, that of its trades; amounts are never rounded
before 15 decimals, parts of an amount always add up to it. A split multiplies quantities from its ex-date on and
changes no cost. Sources: the methods of IRS Publication 550 (named lots, FIFO, average) and their usual kin LIFO and
HIFO; see docs/numbers.md.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import localcontext
from typing import TypeVar

from finances.valuation.book import Book, Lot, Realization
from finances.valuation.entries import (
    Adjustment,
    Buy,
    Entry,
    Named,
    Parcel,
    ReturnOfCapital,
    Sell,
    SpinOff,
    Split,
    TransferIn,
    TransferOut,
    order_of_entry,
)
from finances.valuation.lotqueue import LotUnavailable, Method
from finances.valuation.runningbook import NothingHeld, Oversold, RunningBook
from finances.valuation.scale import EXACT

__all__ = [
    "Adjustment",
    "Book",
    "Buy",
    "Entry",
    "Lot",
    "LotUnavailable",
    "Method",
    "Named",
    "NothingHeld",
    "Oversold",
    "Parcel",
    "Realization",
    "ReturnOfCapital",
    "Rules",
    "Sell",
    "SpinOff",
    "Split",
    "TransferIn",
    "TransferOut",
    "count_books",
    "count_lots",
    "order_of_entry",
]

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How one account keeps its books."""

    method: Method = Method.FIFO
    allow_short: bool = False


def count_lots(entries: Iterable[Entry], *, method: Method = Method.FIFO, allow_short: bool = False) -> Book:
    """The book of one account and one security, from its entries in any order.

    Lots' quantities are in units after the last split among `entries`: leave out splits whose day has not come.
    Raises Oversold, LotUnavailable, NothingHeld for the first entry that cannot be.
    """
    rules = Rules(method=method, allow_short=allow_short)
    return count_books({None: entries}, {None: rules})[None]


def count_books(entries: Mapping[Key, Iterable[Entry]], rules: Mapping[Key, Rules]) -> dict[Key, Book]:
    """Books that exchange lots, counted together; a key is for example (account, security).

    A TransferOut or SpinOff whose `to` is one of the keys delivers its lots there; it is entered once, in the book
    that they leave. Raises as count_lots.
    """
    listed = {key: tuple(own) for key, own in entries.items()}
    with localcontext(EXACT):
        books = {
            key: RunningBook(own, rules[key].method, allow_short=rules[key].allow_short) for key, own in listed.items()
        }
        ordered = [(order_of_entry(entry), key, entry) for key, own in listed.items() for entry in own]
        for _, key, entry in sorted(ordered, key=lambda item: item[0]):
            books[key].apply(entry)
            if isinstance(entry, TransferOut | SpinOff) and entry.to in books:
                books[entry.to].receive(entry, books[key].moved[entry.id])
        return {key: book.result() for key, book in books.items()}
