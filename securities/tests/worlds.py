"""A market that goes on, and what Yahoo makes of it: right answers of every shape, and wrong ones."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from finances.yahoo.types import Bars, DividendEvent, History, SplitEvent
from securities.tests.histories import answer

FIRST = date(2022, 3, 1)
DAY = timedelta(days=1)
SPLIT_RATIO, LOWEST_SPLIT_PRICE = 4, 20.0
DIVIDEND, RISE = Decimal("0.64"), Decimal("0.16")
RIGHT = [
    "correct", "revised", "split", "announced", "split and revised", "dividend", "open", "gap", "duplicated",
    "reordered",
]  # fmt: skip
WRONG = ["truncated", "restated", "negative", "pence", "hidden", "contradicting"]
FAILED = ["empty", "broken"]
Closes = dict[date, float]


class World:
    def __init__(self) -> None:
        self.traded: Closes = {FIRST + number * DAY: 100.0 + number for number in range(8)}
        self.splits: list[SplitEvent] = []
        self.dividends: dict[date, Decimal] = {}

    @property
    def last(self) -> date:
        return max(self.traded)

    def turn(self, kind: str, days: int, back: int) -> None:
        """What happened between two answers."""
        if kind in ("split", "split and revised", "announced"):
            self._list_split(self.last + (back + 1) * DAY if kind == "announced" else self.last + DAY)
        for _ in range(days):
            self._trade()
        if kind in ("revised", "split and revised"):
            self._revise(back)
        if kind == "dividend":
            # Each is higher: the same amount twice within days is suspicious.
            self.dividends[self.last] = DIVIDEND + RISE * len(self.dividends)

    def _list_split(self, ex_date: date) -> None:
        """Not of shares that cost little, beside which a dividend would be suspicious."""
        if self.traded[self.last] > LOWEST_SPLIT_PRICE and not any(split.ex_date >= self.last for split in self.splits):
            self.splits.append(SplitEvent(ex_date, SPLIT_RATIO, 1))

    def _trade(self) -> None:
        day, close = self.last + DAY, self.traded[self.last]
        ratio = SPLIT_RATIO if any(split.ex_date == day for split in self.splits) else 1
        self.traded[day] = round((close + 1.0) / ratio, 4)

    def _revise(self, back: int) -> None:
        """One bar is told slightly otherwise, from now on."""
        day = sorted(self.traded)[-1 - min(back, len(self.traded) - 1)]
        self.traded[day] = round(self.traded[day] * 1.01, 4)

    def told(self, kind: str, back: int) -> Closes:
        """The bars of a right answer, as traded."""
        if kind == "gap":
            left_out = sorted(self.traded)[-2 - back % 3]
            return {day: close for day, close in self.traded.items() if day != left_out}
        if kind == "open":
            return {**self.traded, self.last: round(self.traded[self.last] * 1.005, 4)}
        return dict(self.traded)

    def answered(self, kind: str, back: int) -> History:
        if kind in WRONG:
            return self._wrong(kind)
        history = self._shown(self.told(kind, back), kind=kind)
        return _mixed(history, kind) if kind in ("duplicated", "reordered") else history

    def _wrong(self, kind: str) -> History:
        last, traded = self.last, self.traded
        if kind == "contradicting":
            return _twice(self._shown(traded), self.traded[last] * 1.02)
        if kind == "hidden":
            halved = self._shown({day: close / 2 for day, close in traded.items()})
            return with_bars(halved, volumes=tuple(volume * 2 for volume in halved.bars.volumes))
        wrong = {
            "truncated": {last: traded[last]},
            "restated": {day: close * 1.3 + number % 3 for number, (day, close) in enumerate(traded.items())},
            "negative": {**traded, last + DAY: -1.0},
            "pence": {day: close * 100 for day, close in traded.items()},
        }
        return self._shown(wrong[kind])

    def _shown(self, traded: Closes, *, kind: str = "") -> History:
        """As Yahoo shows it: divided by every split up to now, volumes the other way round."""
        now = self._now(kind)
        factors = {day: self._shares_since(day, now.date()) for day in traded}
        closes = {day: close / factors[day] for day, close in traded.items()}
        paid = [
            DividendEvent(day, amount / self._shares_since(day, now.date())) for day, amount in self.dividends.items()
        ]
        history = answer(closes, fetched_at=now, splits=tuple(self.splits), dividends=tuple(paid))
        return with_bars(history, volumes=tuple(16_384 * factor for factor in factors.values()))

    def _shares_since(self, day: date, today: date) -> int:
        later = [split for split in self.splits if day < split.ex_date <= today]
        return int(SPLIT_RATIO ** len(later))

    def _now(self, kind: str) -> datetime:
        """Evening of the day after the last, or the middle of the last one's session."""
        day, hour = (self.last, 16) if kind == "open" else (self.last + DAY, 22)
        return datetime.combine(day, time(hour), UTC)


def with_bars(history: History, **columns: Any) -> History:
    return replace(history, bars=replace(history.bars, **columns))


def _columns(bars: Bars) -> dict[str, Any]:
    return {name: getattr(bars, name) for name in Bars.__dataclass_fields__ if name != "adjusted"}


def _mixed(history: History, kind: str) -> History:
    """The same bars twice, or in another order."""
    columns = _columns(history.bars)
    return with_bars(
        history, **{name: column * 2 if kind == "duplicated" else column[::-1] for name, column in columns.items()}
    )


def _twice(history: History, other: float) -> History:
    """The last bar twice, with another figure the second time."""
    columns = {name: (*column, column[-1]) for name, column in _columns(history.bars).items()}
    for name in ("opens", "highs", "lows", "closes"):
        columns[name] = (*columns[name][:-1], other)
    return with_bars(history, **columns)
