"""Whatever Yahoo answers in whatever order, the stored bars are those of the last answer accepted for each."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from finances.errors import YahooError, YahooNoData, YahooUnavailable
from finances.sync.models import SyncRun
from finances.testing.yahoo import fake_yahoo
from finances.yahoo.types import Bars, History, SplitEvent
from securities.models import Price, PriceRevision, Review
from securities.sync import sync_security
from securities.tests.histories import answer

FIRST = date(2022, 3, 1)
KINDS = [
    "correct", "truncated", "restated", "revised", "split", "duplicated", "reordered", "negative", "pence", "hidden",
    "empty", "broken",
]  # fmt: skip
SPLIT_RATIO = 4
Closes = dict[date, float]
steps = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 3), st.integers(0, 5)), min_size=1, max_size=7)


class World:
    """What was really traded, and what Yahoo makes of it."""

    def __init__(self) -> None:
        self.traded: Closes = {FIRST + timedelta(days=number): 100.0 + number for number in range(8)}
        self.splits: list[SplitEvent] = []

    def go_on(self, days: int) -> None:
        for _ in range(days):
            last = max(self.traded)
            self.traded[last + timedelta(days=1)] = round(self.traded[last] + 1.0, 4)

    def split(self) -> None:
        ex_date = max(self.traded) + timedelta(days=1)
        self.traded[ex_date] = round(self.traded[max(self.traded)] / SPLIT_RATIO, 4)
        self.splits.append(SplitEvent(ex_date, SPLIT_RATIO, 1))

    def revise(self, back: int) -> None:
        """One bar is told slightly otherwise, from now on."""
        day = sorted(self.traded)[-1 - min(back, len(self.traded) - 1)]
        self.traded[day] = round(self.traded[day] * 1.01, 4)

    def shown(self, traded: Closes | None = None, **changes: Any) -> History:
        """As Yahoo shows it: divided by every later split, volumes the other way round."""
        factors = dict.fromkeys(traded or self.traded, 1)
        for split in self.splits:
            factors = {day: factor * (SPLIT_RATIO if day < split.ex_date else 1) for day, factor in factors.items()}
        closes = {day: close / factors[day] for day, close in (traded or self.traded).items()}
        history = answer(closes, fetched_at=self.now, splits=tuple(self.splits))
        volumes = tuple(1000 * factor for factor in factors.values())
        bars = _with_bars(history, volumes=volumes).bars
        return History(**{**_facts(history), "bars": bars, **changes})

    @property
    def now(self) -> datetime:
        return datetime.combine(max(self.traded) + timedelta(days=1), datetime.min.time(), UTC).replace(hour=22)

    def answered(self, kind: str) -> History:
        last = max(self.traded)
        wrong = {
            "truncated": {last: self.traded[last]},
            "restated": {day: close * 1.3 + number % 3 for number, (day, close) in enumerate(self.traded.items())},
            "negative": {**self.traded, last + timedelta(days=1): -1.0},
            "pence": {day: close * 100 for day, close in self.traded.items()},
        }
        if kind in wrong:
            return self.shown(wrong[kind])
        if kind == "hidden":
            halved = self.shown({day: close / 2 for day, close in self.traded.items()})
            return _with_bars(halved, volumes=tuple(volume * 2 for volume in halved.bars.volumes))
        history = self.shown()
        return _mixed(history, kind) if kind in ("duplicated", "reordered") else history


def _facts(history: History) -> dict[str, Any]:
    return {name: getattr(history, name) for name in History.__dataclass_fields__}


def _with_bars(history: History, **columns: Any) -> History:
    bars = {name: getattr(history.bars, name) for name in Bars.__dataclass_fields__}
    return History(**{**_facts(history), "bars": Bars(**{**bars, **columns})})


def _mixed(history: History, kind: str) -> History:
    """The same bars twice, or in another order."""
    names = [name for name in Bars.__dataclass_fields__ if name != "adjusted"]
    columns = {name: getattr(history.bars, name) for name in names}
    turned = {name: column * 2 if kind == "duplicated" else column[::-1] for name, column in columns.items()}
    return _with_bars(history, **turned)


def stored() -> Closes:
    return {ts.date(): round(close, 4) for ts, close in Price.objects.order_by("ts").values_list("ts", "close")}


class Syncs(TestCase):
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps)
    def test_any_sequence_of_answers(self, sequence: list[tuple[str, int, int]]) -> None:
        fake_yahoo.reset()
        fake_yahoo.add("ACME", closes={FIRST: 1.0})
        world = World()
        self.sync(world, "correct")
        expected = dict(world.traded)
        superseded: list[tuple[date, float]] = []
        assert stored() == expected
        for kind, days, back in sequence:
            if kind == "split":
                world.split()
            world.go_on(days)
            if kind == "revised":
                world.revise(back)
            accepted = self.sync(world, kind)
            if accepted:
                superseded += [(day, close) for day, close in expected.items() if world.traded[day] != close]
                expected = dict(world.traded)
            assert stored() == expected, kind
        kept = PriceRevision.objects.values_list("ts", "close")
        assert sorted((ts.date(), round(close, 4)) for ts, close in kept) == sorted(superseded)

    def sync(self, world: World, kind: str) -> bool:
        """Whether all of the answer was accepted."""
        fake_yahoo.recover()
        fake_yahoo.answer(world.answered(kind))
        if kind in ("empty", "broken"):
            fake_yahoo.fail("ACME", YahooNoData() if kind == "empty" else YahooUnavailable(), method="history")
        try:
            result = sync_security("ACME", trigger=SyncRun.Trigger.COMMAND, refresh=True)
        except YahooError:
            assert kind in ("empty", "broken")
            return False
        right = kind in ("correct", "split", "revised", "duplicated", "reordered")
        assert bool(result.quarantined) == (not right), (kind, result.quarantined)
        assert all(review.status == Review.Status.OPEN for review in result.quarantined)
        assert connection.in_atomic_block
        return right
