"""What a portfolio's figures cost: `python -m benchmarks.portfolio`, on SQLite, or on the server of DATABASE_URL.

1. 100 holdings x 10 years of days x 4 currencies: its history with an empty cache of series and with a filled one,
   against the plain way, an object for each row and each day, and against numpy over series that are in memory already.
2. 1,000, 10,000 and 100,000 transactions over 20 years: net worth, history and holdings against reading their inputs.

CPU of this process and of its PostgreSQL processes, where they run on this machine; the best of some runs.
"""

import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from time import process_time
from typing import Any

import numpy as np

from benchmarks.scratch import database_seconds, execute, is_postgresql, scratch_database

CURRENCIES = ("EUR", "USD", "GBP", "CHF")
HOLDINGS, YEARS = 100, 10
START, END = date(2014, 1, 1), date(2023, 12, 31)
LEDGER_START = date(2004, 1, 2)
COUNTS = (1_000, 10_000, 100_000)
PRICE_AGE, RATE_AGE = 14, 7


def cpu_ms(work: Callable[[], Any], runs: int, prepare: Callable[[], Any] = lambda: None) -> float:
    best = float("inf")
    for _ in range(runs):
        prepare()
        before = process_time() + database_seconds()
        work()
        best = min(best, process_time() + database_seconds() - before)
    return best * 1000


def weekdays(start: date, end: date) -> list[date]:
    days = (start + timedelta(days=number) for number in range((end - start).days + 1))
    return [day for day in days if day.weekday() < 5]


def fill_market(start: date, end: date, securities: int) -> list[Any]:
    """Securities with a close on each weekday, and rates of the euro."""
    from currencies.models import ExchangeRate
    from currencies.tests.factories import CurrencyFactory, RateRunFactory
    from securities.models import Bar, Price
    from securities.tests.factories import SecurityFactory, SyncRunFactory

    days, draw = weekdays(start, end), np.random.default_rng(1)
    currencies = [CurrencyFactory.create(code=code) for code in CURRENCIES]
    run, made = SyncRunFactory.create(), []
    for index in range(securities):
        made.append(SecurityFactory.create(currency=currencies[index % 4], time_zone="UTC"))
        closes = np.round(100 * np.exp(np.cumsum(draw.normal(0, 0.01, len(days)))), 2)
        Price.objects.bulk_create(
            (
                Price(
                    security=made[-1], interval=Bar.Interval.DAY, ts=datetime.combine(day, time(), UTC), run=run,
                    open=close, high=close, low=close, close=close, volume=1000,
                )
                for day, close in zip(days, closes.tolist(), strict=True)
            ),
            batch_size=5000,
        )  # fmt: skip
    rate_run = RateRunFactory.create()
    for currency in currencies[1:]:
        ExchangeRate.objects.bulk_create(
            ExchangeRate(
                base=currencies[0], quote=currency, day=day, quote_per_base=Decimal(str(rate)), source="ecb",
                run=rate_run,
            )
            for day, rate in zip(days, np.round(draw.uniform(0.8, 1.3, len(days)), 4).tolist(), strict=True)
        )  # fmt: skip
    return made


def fill_ledger(securities: list[Any], count: int, start: date, end: date) -> Any:
    """One owner with a deposit first, then purchases and sales by turns, a little more bought than sold."""
    from accounts.models import Account, Transaction
    from accounts.tests.factories import AccountFactory, TransactionFactory

    account = AccountFactory.create(account_type=Account.Type.INVESTMENT, currency=securities[0].currency)
    TransactionFactory.create(account=account, trade_date=start, amount=Decimal(10**9))
    draw, days, now = random.Random(3), (end - start).days, datetime.now(UTC)  # noqa: S311 - a benchmark
    rows = []
    for index in range(count - 1):
        place, turn = index % len(securities), index // len(securities)
        rows.append(
            Transaction(
                account=account, type="SELL" if turn % 2 else "BUY", security=securities[place],
                trade_date=start + timedelta(days=index * days // count),
                quantity=Decimal("1.2" if turn % 2 else "1.25"),
                unit_price=Decimal(draw.randrange(10_000, 20_000)) / 100, fees=Decimal("0.99"), taxes=Decimal(0),
                currency=securities[place].currency, sequence=index + 1, posted_at=now, recorded_at=now,
            )
        )  # fmt: skip
    Transaction.objects.bulk_create(rows, batch_size=5000)
    return account.owner


@dataclass
class PlainRow:
    """What a straightforward program keeps of a bar, a rate or a trade."""

    day: date
    figure: Decimal


Series = dict[Any, list[PlainRow]]


def plain_history(owner: Any, days: list[date]) -> list[Decimal]:
    """The plain way: the ORM's objects, Decimals, and for each day and part a look at the last row by then."""
    held, balances, codes = plain_ledger(owner)
    closes, rates = plain_closes(held), plain_rates()
    found = []
    for day in days:
        in_base = {code: last(rows, day, RATE_AGE) for code, rows in rates.items()} | {"EUR": Decimal(1)}
        total = Decimal(0)
        for key, steps in held.items():
            total += last(steps, day, 10**6) * last(closes[key], day, PRICE_AGE) * in_base[codes[key]]
        for code, rows in balances.items():
            total += last(rows, day, 10**6) * in_base[code]
        found.append(total)
    return found


def plain_ledger(owner: Any) -> tuple[Series, Series, dict[int, str]]:
    """Units by security, cash by currency, and the currency of each security."""
    from accounts.models import Transaction

    held: Series = {}
    balances: Series = {}
    codes: dict[int, str] = {}
    for row in Transaction.objects.for_user(owner).select_related("security").order_by("trade_date", "sequence"):
        amount = row.amount
        if row.security_id is not None:
            sign = 1 if row.type == "BUY" else -1
            amount = -sign * row.quantity * row.unit_price - row.fees
            codes[row.security_id] = row.currency_id
            step(held.setdefault(row.security_id, []), row.trade_date, sign * row.quantity)
        step(balances.setdefault(row.currency_id, []), row.trade_date, amount)
    return held, balances, codes


def step(rows: list[PlainRow], day: date, change: Decimal) -> None:
    rows.append(PlainRow(day, (rows[-1].figure if rows else Decimal(0)) + change))


def plain_closes(held: Series) -> Series:
    from securities.models import Price

    closes: Series = {key: [] for key in held}
    for bar in Price.objects.filter(security__in=list(held), interval=1440).order_by("security_id", "ts"):
        closes[bar.security_id].append(PlainRow(bar.ts.date(), Decimal(str(bar.close))))
    return closes


def plain_rates() -> Series:
    from currencies.models import ExchangeRate

    rates: Series = {}
    for rate in ExchangeRate.objects.filter(base="EUR").order_by("day"):
        rates.setdefault(rate.quote_id, []).append(PlainRow(rate.day, 1 / rate.quote_per_base))
    return rates


def last(rows: list[PlainRow], day: date, max_age: int) -> Decimal:
    place = bisect_right(rows, day, key=lambda row: row.day) - 1
    if place < 0:
        return Decimal(0)
    return rows[place].figure if (day - rows[place].day).days <= max_age else Decimal("NaN")


def read_rows(owner: Any, days: list[date]) -> Any:
    from accounts.portfolio.history import read_history

    return read_history(owner, start=days[0], end=days[-1], base="EUR")


def market() -> None:
    from django.core.cache import caches

    from accounts.api.portfolio.bodies import history_body
    from accounts.portfolio.worth import Worth

    securities = fill_market(START, END, HOLDINGS)
    owner = fill_ledger(securities, 1_001, START, END)
    _analyze()
    days = [START + timedelta(days=number) for number in range((END - START).days + 1)]
    history = read_rows(owner, days)

    def figures() -> Any:
        return read_rows(owner, days).worth.totals

    cold = cpu_ms(figures, 5, prepare=caches["series"].clear)
    warm = cpu_ms(figures, 10)
    numpy_alone = cpu_ms(lambda: Worth(history.inputs, history.worth.days).totals, 10)
    body = cpu_ms(lambda: history_body(history), 5)
    totals: list[Decimal] = []
    plain = cpu_ms(lambda: totals.extend(plain_history(owner, days)), 1)
    same(history, totals)
    say(f"{HOLDINGS} holdings x {len(days)} days x {len(CURRENCIES)} currencies, CPU ms")
    say(
        f"  objects in a loop {plain:,.0f}; history with cold cache {cold:.0f}, warm {warm:.0f}, as a body + {body:.0f}"
    )
    say(f"  numpy over series in memory {numpy_alone:.0f}; cold {plain / cold:.0f}x faster than objects")
    say(f"  warm {plain / warm:.0f}x faster than objects, {warm / numpy_alone:.1f}x numpy alone")


def same(history: Any, plain: list[Decimal]) -> None:
    shown = history.worth.totals["net_worth"]
    assert shown.complete.all()
    np.testing.assert_allclose(shown.units / 100, [float(figure) for figure in plain], atol=0.0101)


def ledgers() -> None:
    from accounts.models import Holding
    from accounts.portfolio.inputs import read_inputs
    from accounts.portfolio.net_worth import read_net_worth

    end = date(2023, 12, 29)
    securities = fill_market(LEDGER_START, end, 20)
    for count in COUNTS:
        owner = fill_ledger(securities, count, LEDGER_START, end)
        _analyze()
        runs = 2 if count == COUNTS[-1] else 4

        def inputs(owner: Any = owner) -> Any:
            return read_inputs(owner, base="EUR", start=LEDGER_START, end=end)

        def net_worth(owner: Any = owner) -> Any:
            return read_net_worth(owner, as_of=end, base="EUR")

        def history(owner: Any = owner) -> Any:
            return read_rows(owner, [LEDGER_START, end]).worth.totals

        def holdings(owner: Any = owner) -> Any:
            return _count(owner)

        costs = {work.__name__: cpu_ms(work, runs) for work in (inputs, net_worth, history, holdings)}
        reading = costs["inputs"]
        shown = ", ".join(f"{name} {cost:,.0f} ({cost / reading:.1f}x)" for name, cost in costs.items())
        say(f"{count:>7,} transactions over 20 years, CPU ms: {shown}; us a transaction {reading * 1000 / count:.0f}")
    assert not Holding.objects.exists()


def _count(owner: Any) -> Any:
    """Every book of an owner, lots and all: what a change of all of them costs."""
    from django.utils import timezone

    from accounts.ledger.books import count_entries
    from accounts.ledger.entries import read_entries
    from accounts.ledger.splits import read_splits
    from accounts.models import Account

    entries = read_entries(owner)
    keys = {entry.security_id for entry in entries if entry.security_id is not None}
    accounts = {account.pk: account for account in Account.objects.for_user(owner)}
    return count_entries(entries, read_splits(keys, now=timezone.now()), accounts)


def _analyze() -> None:
    execute("vacuum analyze" if is_postgresql() else "analyze")


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - what a benchmark is for


def main() -> None:
    with scratch_database("portfolio"):
        from django.db import connection

        say(connection.vendor)
        market()
        execute(
            "delete from accounts_transaction", "delete from securities_price", "delete from currencies_exchangerate"
        )
        ledgers()
        connection.close()


if __name__ == "__main__":
    main()
