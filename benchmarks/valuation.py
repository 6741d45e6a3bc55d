"""What valuation costs: `python -m benchmarks.valuation`.

100 holdings x 10 years of days x 4 currencies by numpy against the same with objects in a loop, and lots from 1,000
to 100,000 transactions. CPU time of this process, the best of some runs; ratios travel better than milliseconds.
"""

import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from time import process_time
from typing import Any

import numpy as np

from finances.valuation.lots import Buy, Entry, Method, Sell, count_lots
from finances.valuation.positions import Steps, changes_of, position_steps
from finances.valuation.series import Holding, Rates, value_holdings

HOLDINGS, YEARS, MAX_AGE = 100, 10, 7
CURRENCIES = ("EUR", "USD", "GBP", "CHF")
FIRST = date(2014, 1, 1)
DAYS = np.arange(16_071, 16_071 + 365 * YEARS + 2, dtype=np.int64)


def cpu_ms(work: Callable[[], Any], runs: int) -> float:
    best = float("inf")
    for _ in range(runs):
        start = process_time()
        work()
        best = min(best, process_time() - start)
    return best * 1000


def holdings() -> list[Holding]:
    rng = np.random.default_rng(1)
    weekdays = DAYS[(DAYS + 3) % 7 < 5]
    made = []
    for index in range(HOLDINGS):
        bought = [(FIRST + timedelta(days=30 * month), Decimal(10)) for month in range(0, 12 * YEARS, 6)]
        made.append(
            Holding(
                steps=position_steps(bought, []),
                currency=CURRENCIES[index % len(CURRENCIES)],
                close_days=weekdays,
                closes=100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(weekdays)))),
                split_days=np.empty(0, dtype=np.int64),
                split_ratios=np.empty(0),
                max_age=MAX_AGE,
            )
        )
    return made


def rates() -> dict[str, Rates]:
    rng = np.random.default_rng(2)
    weekdays = DAYS[(DAYS + 3) % 7 < 5]
    return {code: Rates(weekdays, rng.uniform(0.8, 1.3, len(weekdays))) for code in CURRENCIES[1:]}


@dataclass
class Bar:
    """A row as an ORM would give it."""

    day: int
    close: Decimal


def loop_over_objects(own: list[Holding], known_rates: dict[str, Rates]) -> list[Decimal]:
    """The same figures the plain way: an object per bar, Decimals, a look-back per day."""
    per_day = {
        code: {int(day): Decimal(float(rate)) for day, rate in zip(one.days, one.rates, strict=True)}
        for code, one in known_rates.items()
    }
    bars = [
        {int(day): Bar(int(day), Decimal(float(close))) for day, close in zip(one.close_days, one.closes, strict=True)}
        for one in own
    ]
    step_days = [holding.steps.days.tolist() for holding in own]
    totals = []
    for day in DAYS.tolist():
        total = Decimal(0)
        for holding, steps, closes in zip(own, step_days, bars, strict=True):
            quantity = Decimal(float(holding.steps.quantities[bisect_right(steps, day) - 1])) if steps[0] <= day else 0
            bar = next((closes[back] for back in range(day, day - MAX_AGE - 1, -1) if back in closes), None)
            rate = Decimal(1)
            if holding.currency != "EUR":
                table = per_day[holding.currency]
                rate = next(
                    (table[back] for back in range(day, day - MAX_AGE - 1, -1) if back in table), Decimal("NaN")
                )
            total += quantity * (bar.close if bar else Decimal("NaN")) * rate
        totals.append(total)
    return totals


def transactions(count: int) -> list[Entry]:
    """Over 20 years, a little more bought than sold."""
    draw = random.Random(3)  # noqa: S311 - a benchmark
    entries: list[Entry] = []
    for index in range(count):
        on = FIRST + timedelta(days=index * 7300 // count)
        amount = Decimal(draw.randrange(10_000, 20_000)) / 100
        kind, quantity = (Buy, Decimal("1.25")) if index % 2 == 0 else (Sell, Decimal("1.2"))
        entries.append(kind(id=index, on=on, sequence=index, quantity=quantity, amount=amount, fees=Decimal(1)))
    return entries


def positions(entries: list[Entry]) -> Steps:
    return position_steps(changes_of(entries), [])


def say(line: str) -> None:
    print(line)  # noqa: T201 - what a benchmark is for


def main() -> None:
    own, known_rates = holdings(), rates()
    fast = cpu_ms(lambda: value_holdings(DAYS, own, known_rates, base="EUR").total, 20)
    slow = cpu_ms(lambda: loop_over_objects(own, known_rates), 1)
    figures = value_holdings(DAYS, own, known_rates, base="EUR").total
    plain = np.array([float(total) for total in loop_over_objects(own, known_rates)])
    np.testing.assert_allclose(figures, plain, rtol=1e-12)
    say(f"{HOLDINGS} holdings x {len(DAYS)} days: numpy {fast:.1f} ms, objects {slow:.0f} ms, ratio {slow / fast:.0f}")
    for count in (1_000, 10_000, 100_000):
        entries = transactions(count)
        steps = cpu_ms(partial(positions, entries), 3)
        costs = {method: cpu_ms(partial(count_lots, entries, method=method), 3) for method in Method}
        lots = ", ".join(f"{method} {cost * 1000 / count:.1f}" for method, cost in costs.items())
        say(f"{count:>7,} transactions, us each: positions {steps * 1000 / count:.1f}, lots by {lots}")


if __name__ == "__main__":
    main()
