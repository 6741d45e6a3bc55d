"""One wrong answer of Yahoo for each reason to hold one back, and what is stored after each decision about it.

The bars are IBM's of 2012, with its dividends, on weekdays up to a few days ago.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from finances.errors import YahooNoData
from finances.testing.yahoo import Script
from finances.yahoo.offline import OfflineYahoo
from finances.yahoo.raw import RawBar
from finances.yahoo.types import Bars, DividendEvent, History, SplitEvent
from securities.models import Review

Reason = Review.Reason
STORED, FRESH = 250, 5
NOW = datetime.now(UTC)
NEXT_YEAR = NOW.date() + timedelta(days=365)


def _weekdays(count: int) -> list[date]:
    """The newest, ascending; all over in every time zone."""
    days = [NOW.date() - timedelta(days=number) for number in range(3, 3 + 2 * count)]
    return [day for day in days if day.weekday() < 5][:count][::-1]


def _rows() -> list[RawBar]:
    bars = OfflineYahoo().history("IBM", interval="1d", start=date(2012, 1, 1)).bars
    columns = (bars.opens, bars.highs, bars.lows, bars.closes, bars.volumes)
    return list(zip(_weekdays(STORED + FRESH), *(column[: STORED + FRESH] for column in columns), strict=True))


ROWS = _rows()
GOOD, NEW = ROWS[:STORED], ROWS[STORED:]
DAYS = [row[0] for row in ROWS]


def scaled(rows: Iterable[RawBar], factor: float, *, volumes: float = 1.0) -> list[RawBar]:
    """Prices to 8 digits, as they are stored."""

    def price(figure: float) -> float:
        return float(f"{figure * factor:.8g}")

    return [
        (day, price(first), price(high), price(low), price(last), round(volume * volumes))
        for day, first, high, low, last, volume in rows
    ]


def changed(at: int, **figures: float) -> list[RawBar]:
    """All rows, with other figures on the day ROWS[at]."""
    day, first, high, low, last, volume = ROWS[at]
    told = {"open": first, "high": high, "low": low, "close": last} | figures
    return [*ROWS[:at], (day, told["open"], told["high"], told["low"], told["close"], volume), *ROWS[at + 1 :]]


def without(at: int) -> list[RawBar]:
    return [*ROWS[:at], *ROWS[at + 1 :]]


def shown(rows: Sequence[RawBar], **facts: Any) -> History:
    """An answer of Yahoo with these bars as they stand."""
    days, *columns = zip(*rows, strict=True)
    stamps = tuple(int(datetime.combine(day, time(), UTC).timestamp()) for day in days)
    bars: Any = Bars(stamps, *columns)
    told: dict[str, Any] = {"quote_unit": "USD", "time_zone": "America/New_York", "fetched_at": NOW, **facts}
    return History(symbol="", interval="1d", bars=bars, **told)


@dataclass(frozen=True)
class State:
    """What is stored of a security."""

    rows: Sequence[RawBar]
    currency: str = "USD"
    splits: Sequence[tuple[date, int, int, bool]] = ()
    """(ex-date, new, old, whether it is void)"""
    dividends: Sequence[tuple[date, Decimal]] = ()


@dataclass(frozen=True)
class Scenario:
    reason: Reason
    symbol: str
    name: str
    came: History | None
    """None: Yahoo gives nothing any more."""
    after: dict[str, State]
    """By decision."""
    unit: str = "USD"
    paid: Sequence[DividendEvent] = ()
    """Stored before."""
    meanwhile: State = field(default_factory=lambda: State(GOOD))
    """Until it is decided."""
    drawn: tuple[str, ...] = ("Stored", "Came")
    raised: dict[str, Reason] = field(default_factory=dict)
    """By decision: what it leaves for another one."""

    def __str__(self) -> str:
        return self.symbol

    def begin(self, yahoo: Script) -> None:
        yahoo.now = NOW
        facts: Any = {"quote_unit": self.unit, "dividends": self.paid}
        yahoo.add(self.symbol, bars=GOOD, name=self.name, exchange="NYQ", **facts)

    def go_wrong(self, yahoo: Script) -> None:
        if self.came is None:
            yahoo.fail(self.symbol, YahooNoData(), method="history")
        else:
            yahoo.answer(replace(self.came, symbol=self.symbol))


def split(at: int, new: int, old: int) -> SplitEvent:
    return SplitEvent(DAYS[at], new, old)


def dividend(at: int, amount: str) -> DividendEvent:
    return DividendEvent(DAYS[at], Decimal(amount))


def told(events: Sequence[DividendEvent]) -> list[tuple[date, Decimal]]:
    return [(event.ex_date, event.amount) for event in events]


def _dividends(
    reason: Reason, symbol: str, name: str, wrong: DividendEvent, corrected: str | None, **facts: Any
) -> Scenario:
    """A wrong dividend beside three right ones, all of one answer whose bars are in order."""
    come = sorted([*QUARTERLY, wrong], key=lambda event: event.ex_date)
    right = [replace(wrong, amount=Decimal(corrected))] if corrected else []
    unit = facts.get("unit", "USD")
    return Scenario(
        reason, symbol, name, shown(ROWS, dividends=tuple(come), quote_unit=unit),
        after={
            "accept": State(ROWS, unit, dividends=told(come)),
            "correct": State(ROWS, unit, dividends=told([*QUARTERLY, *right])),
            "reject": State(ROWS, unit, dividends=told(QUARTERLY)),
        },
        paid=QUARTERLY, meanwhile=State(ROWS, unit, dividends=told(QUARTERLY)), drawn=("Stored",), **facts,
    )  # fmt: skip


QUARTERLY = (dividend(30, "0.75"), dividend(95, "0.85"), dividend(160, "0.85"), dividend(225, "0.85"))
CRUDE = {"open": 12.73, "high": 13.86, "low": -40.32, "close": -37.63}
CROSSED = {"high": ROWS[252][3], "low": ROWS[252][2]}
OUTSIDE = {"close": round(ROWS[252][2] * 1.04, 2)}
SPIKE = {"open": 5000.0, "high": 5050.0, "low": 4980.0, "close": 5020.0}
IN_HUNDREDTHS = [*GOOD, *scaled(NEW, 0.01)]
RETOLD = [*GOOD[:-60], *scaled(GOOD[-60:], 1.3), *scaled(NEW, 1.3)]
IN_EUROS = scaled(ROWS, 0.9)
AHEAD = [*ROWS, (NEXT_YEAR, *ROWS[-1][1:])]
HALVED = scaled(GOOD, 0.5, volumes=2)
AFTER_SPLIT = scaled(NEW, 0.5, volumes=2)
SPLIT_DAY = (DAYS[STORED], 2, 1, False)

SCENARIOS = [
    Scenario(Reason.EMPTY_HISTORY, "GONE", "Gone Fishing Inc.", None,
             {"accept": State(GOOD), "reject": State(GOOD)}, drawn=("Stored",)),
    Scenario(Reason.TRUNCATED_HISTORY, "TRNC", "Truncated Pipes", shown(NEW),
             {"accept": State(ROWS), "reject": State(GOOD)}),
    Scenario(Reason.IMPOSSIBLE_PRICE, "CRUD", "Crude Oil Trust", shown(changed(252, **CRUDE)),
             {"accept": State(changed(252, **CRUDE)), "reject": State(without(252))}),
    Scenario(Reason.HIGH_BELOW_LOW, "CRSS", "Crossed Wires", shown(changed(252, **CROSSED)),
             {"accept": State(ROWS), "correct": State(ROWS), "reject": State(without(252))}),
    Scenario(Reason.CLOSE_OUTSIDE_RANGE, "OUTS", "Outside Broadcast", shown(changed(252, **OUTSIDE)),
             {"accept": State(changed(252, **OUTSIDE)), "reject": State(without(252)),
              "correct": State(changed(252, **OUTSIDE, high=OUTSIDE["close"]))}),
    Scenario(Reason.JUMP, "JUMP", "Jumping Jacks", shown(changed(252, **SPIKE)),
             {"accept": State(changed(252, **SPIKE)), "reject": State(without(252))}),
    Scenario(Reason.UNIT_FLIP, "PNCE", "Pence and Pounds", shown(IN_HUNDREDTHS),
             {"accept": State(IN_HUNDREDTHS), "correct": State(ROWS), "reject": State(GOOD)}),
    Scenario(Reason.FUTURE_DATE, "FUTR", "Future Perfect", shown(AHEAD),
             {"accept": State(AHEAD), "reject": State(ROWS)}),
    Scenario(Reason.CURRENCY_CHANGE, "EURX", "Euro Crossing", shown(IN_EUROS, quote_unit="EUR"),
             {"accept": State(IN_EUROS, "EUR"), "reject": State(GOOD)}),
    Scenario(Reason.DUPLICATE_TIMESTAMPS, "TWIN", "Twin Peaks Mining",
             shown(ROWS, duplicates=(int(datetime.combine(DAYS[252], time(), UTC).timestamp()),)),
             {"accept": State(ROWS), "reject": State(without(252))}),
    Scenario(Reason.RESTATED_HISTORY, "RSTD", "Restated Estates", shown(RETOLD),
             {"accept": State(RETOLD), "reject": State(GOOD)}),
    Scenario(Reason.HIDDEN_SPLIT, "HIDN", "Hidden Valley Foods", shown([*HALVED, *AFTER_SPLIT]),
             {"accept": State([*HALVED, *AFTER_SPLIT]), "reject": State(GOOD),
              "correct": State([*GOOD, *AFTER_SPLIT], splits=[SPLIT_DAY])}),
    Scenario(Reason.UNAPPLIED_SPLIT, "LATE", "Late Adopters",
             shown([*GOOD, *AFTER_SPLIT], splits=(split(STORED, 2, 1),)),
             {"accept": State([*scaled(GOOD, 2, volumes=0.5), *AFTER_SPLIT], splits=[SPLIT_DAY]), "reject": State(GOOD),
              "correct": State([*GOOD, *AFTER_SPLIT], splits=[SPLIT_DAY])},
             # As they came the prices fall to a quarter over the night, of which the split listed explains a half.
             raised={"accept": Reason.POSSIBLE_SPLIT}),
    Scenario(Reason.UNAPPLIED_SPLIT, "VOID", "Void Splitters", shown(ROWS, splits=(split(STORED, 2, 1),)),
             {"correct": State(ROWS, splits=[(DAYS[STORED], 2, 1, True)])}),
    Scenario(Reason.POSSIBLE_SPLIT, "PSBL", "Possible Worlds", shown([*GOOD, *AFTER_SPLIT]),
             {"accept": State([*GOOD, *AFTER_SPLIT]), "correct": State([*GOOD, *AFTER_SPLIT], splits=[SPLIT_DAY])},
             meanwhile=State([*GOOD, *AFTER_SPLIT]), drawn=("Stored", "If corrected")),
    _dividends(Reason.DIVIDEND_UNIT, "PENY", "Penny Dividends", dividend(252, "85"), "0.85", unit="GBP"),
    _dividends(Reason.LARGE_DIVIDEND, "BIGD", "Big Dipper", dividend(252, "85"), "0.85"),
    _dividends(Reason.PHANTOM_DIVIDEND, "GHST", "Ghost Writers", dividend(226, "0.85"), None),
]  # fmt: skip


def named(symbol: str) -> Scenario:
    return next(scenario for scenario in SCENARIOS if scenario.symbol == symbol)
