"""The inputs of every valuation, read in a bounded number of statements however much there is."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from operator import itemgetter

import numpy as np
from django.utils import timezone

from accounts.ledger.entries import LedgerEntry, read_entries
from accounts.ledger.splits import Splits, read_splits
from accounts.ledger.writing import Key
from accounts.portfolio.facts import (
    AccountFacts,
    RecordedValue,
    SecurityFacts,
    created_on,
    read_accounts,
    read_securities,
    read_values,
)
from accounts.portfolio.lines import DayCloses, Line, Span, cash_line, position_line, recorded_lines, span_of
from accounts.portfolio.positions import Position, cash_of, positions_of
from accounts.portfolio.renamed import continued, read_successors
from currencies.columns import RateColumns, read_columns
from finances.users.models import User
from finances.valuation.adjustment import Floats, Ints
from finances.valuation.series import Values, rates_of, value_lines
from securities.bars import seconds
from securities.known import closes_known_at
from securities.models import Bar
from securities.series import read_closes

DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Inputs:
    """All that figures from `start` to `end` follow from, as known now or at `known_at`."""

    base: str
    """The reporting currency."""
    start: date
    end: date
    known_at: datetime | None
    time_zone: str
    """The owner's: on which day an account was entered."""
    accounts: Mapping[uuid.UUID, AccountFacts]
    """All of the owner's, by name."""
    scope: frozenset[uuid.UUID]
    """Those that count."""
    entries: list[LedgerEntry]
    """What touches them up to `end`, in the order of days and of entry."""
    recorded: Mapping[uuid.UUID, list[RecordedValue]]
    """Their values up to `end`, ascending."""
    securities: Mapping[int, SecurityFacts]
    splits: Mapping[int, Splits]
    closes: Mapping[int, DayCloses]
    """Of the securities, and of what became of them."""
    rates: RateColumns

    @cached_property
    def home(self) -> dict[uuid.UUID, str]:
        """The currency of each account."""
        return {key: account.currency_code for key, account in self.accounts.items()}

    @cached_property
    def positions(self) -> dict[Key, Position]:
        """Of the accounts in scope."""
        found = positions_of(self.entries, self.splits)
        return {key: position for key, position in found.items() if key[0] in self.scope}

    @cached_property
    def spans(self) -> dict[uuid.UUID, Span]:
        """The days on which each account in scope counts."""
        days = _ledger_days(self.entries)
        return {key: span_of(self.accounts[key], self.recorded.get(key, []), days.get(key)) for key in self.scope}

    @cached_property
    def lines(self) -> list[Line]:
        """Positions, then cash, then recorded values; each of one account in one currency, in a stable order."""
        found = [
            position_line(key[0], self.securities[key[1]], position, self.closes[key[1]], self.spans[key[0]])
            for key, position in self.positions.items()
        ]
        balances = cash_of(self.entries, self.home)
        found += [cash_line(*key, steps, self.spans[key[0]]) for key, steps in balances.items() if key[0] in self.scope]
        found += recorded_lines(self.accounts, self.recorded, self.spans)
        places = {key: place for place, key in enumerate(self.accounts)}
        names = {key: place for place, key in enumerate(self.securities)}
        return sorted(
            found,
            key=lambda line: (
                places[line.account_id],
                line.kind != "security",
                line.kind,
                names.get(line.security_id or 0, 0),
                line.currency_code,
            ),
        )

    def rate_columns(self, days: Ints) -> dict[str, Floats]:
        """`base` per unit of each currency that a line is in, on each of `days` (n,); NaN where there is none."""
        codes = {line.currency_code for line in self.lines} - {self.base}
        return {code: self.rates.quote_per_base(code, self.base, days) for code in sorted(codes)}

    def values_on(self, days: Ints) -> Values:
        """What each of `lines` is worth at the end of each of `days` (n_days,), in its own currency and in `base`."""
        return value_lines(days, [line.valued for line in self.lines], self.rate_columns(days), base=self.base)

    def rates_on(self, days: Ints) -> Floats:
        """(n_days, n_lines) `base` per unit of each line's currency: what `market_and_fx` takes."""
        columns = self.rate_columns(days)
        found = [rates_of(line.currency_code, columns, len(days), base=self.base) for line in self.lines]
        return np.column_stack(found) if found else np.empty((len(days), 0))

    def existed_on(self, account_id: uuid.UUID) -> date:
        """From when on nothing recorded of an account means that its value is not known."""
        account = self.accounts[account_id]
        entered = created_on(account, self.time_zone)
        return max(entered, account.opened_on) if account.opened_on else entered


def read_inputs(
    owner: User,
    *,
    base: str,
    start: date,
    end: date,
    known_at: datetime | None = None,
    account_ids: Collection[uuid.UUID] | None = None,
    extra_codes: Iterable[str] = (),
) -> Inputs:
    """Of all the owner's accounts, or of those given, which are the owner's own.

    At most nine statements while the closes are in the cache, and one for each hundred securities whose closes are not.
    extra_codes: further currencies whose rates are wanted.
    """
    accounts = read_accounts(owner, known_at=known_at)
    scope = frozenset(accounts if account_ids is None else accounts.keys() & set(account_ids))
    entries = read_entries(owner, as_of=end, known_at=known_at, account_ids=None if account_ids is None else scope)
    securities, splits, closes = _read_market(entries, known_at=known_at)
    codes = {base, *extra_codes, *(security.currency_code for security in securities.values())}
    codes |= {entry.currency_id for entry in entries} | {accounts[key].currency_code for key in scope}
    return Inputs(
        base=base,
        start=start,
        end=end,
        known_at=known_at,
        time_zone=owner.time_zone,
        accounts=accounts,
        scope=scope,
        entries=entries,
        recorded=read_values(scope, end=end, known_at=known_at),
        securities=securities,
        splits=splits,
        closes=closes,
        rates=read_columns(codes, start=start, end=end, known_at=known_at),
    )


def _read_market(
    entries: Iterable[LedgerEntry], *, known_at: datetime | None
) -> tuple[Mapping[int, SecurityFacts], Mapping[int, Splits], Mapping[int, DayCloses]]:
    """The securities of `entries`; the splits and closes of these and of what became of them."""
    keys = {key for entry in entries for key in (entry.security_id, entry.new_security_id) if key is not None}
    if not keys:
        return {}, {}, {}
    securities = read_securities(keys)
    priced_by = {**securities, **read_successors(securities)}
    splits = read_splits(priced_by.keys(), now=timezone.now(), known_at=known_at)
    closes = read_day_closes(priced_by, known_at=known_at)
    return securities, splits, {key: continued(key, priced_by, closes, splits) for key in priced_by}


def read_day_closes(
    securities: Mapping[int, SecurityFacts], *, known_at: datetime | None = None
) -> dict[int, DayCloses]:  # fmt: skip
    """Of each security, from the series cache as known now; from the rows as known at `known_at`."""
    if known_at is None:
        versions = {key: security.data_version for key, security in securities.items()}
        found = read_closes(versions)
        return {key: DayCloses(times // DAY_SECONDS, closes) for key, (times, closes) in found.items()}
    empty = DayCloses(np.empty(0, dtype=np.int64), np.empty(0))
    rows = closes_known_at(securities, Bar.Interval.DAY, known_at=known_at) if securities else []
    return dict.fromkeys(securities, empty) | {
        key: _day_closes(list(own)) for key, own in groupby(rows, key=itemgetter(0))
    }


def _day_closes(rows: list[tuple[int, datetime, float]]) -> DayCloses:
    days = np.array([seconds(ts) // DAY_SECONDS for _, ts, _ in rows], dtype=np.int64)
    return DayCloses(days, np.array([close for _, _, close in rows], dtype=np.float64))


def _ledger_days(entries: Iterable[LedgerEntry]) -> dict[uuid.UUID, tuple[date, date]]:
    """The first and last day of each account's transactions; `entries` are in the order of days."""
    firsts: dict[uuid.UUID, date] = {}
    lasts: dict[uuid.UUID, date] = {}
    for entry in entries:
        for key in (entry.account_id, entry.counter_account_id):
            if key is not None:
                firsts.setdefault(key, entry.trade_date)
                lasts[key] = entry.trade_date
    return {key: (first, lasts[key]) for key, first in firsts.items()}
