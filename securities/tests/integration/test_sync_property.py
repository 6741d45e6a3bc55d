"""Whatever Yahoo answers in whatever order, the stored bars are those of the last answer accepted for each, and each
earlier moment reads as it was answered then."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from unittest.mock import patch

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from rest_framework.test import APIClient

from finances.errors import YahooError, YahooNoData, YahooUnavailable
from finances.sync.models import SyncRun
from finances.testing.plugin import client_of
from finances.testing.yahoo import fake_yahoo
from finances.users.tests.factories import UserFactory
from securities.models import PriceRevision, Review
from securities.sync import sync_security
from securities.tests.worlds import FAILED, FIRST, RIGHT, WRONG, Closes, World

INSTANT = timedelta(microseconds=1)
URL = "/api/v1/securities/ACME/prices"
ADJUSTED = ("none", "splits", "all")
Step = tuple[str, int, int]
steps = st.lists(
    st.tuples(st.sampled_from([*RIGHT, *WRONG, *FAILED]), st.integers(1, 3), st.integers(0, 5)),
    min_size=1, max_size=7,
)  # fmt: skip


@dataclass
class Known:
    """What was answered from one moment on."""

    since: datetime
    bars: Closes
    answers: dict[str, Closes]


class Model:
    """What is to be read now, and what was to be read before."""

    def __init__(self) -> None:
        self.bars: Closes = {}
        self.open: set[date] = set()
        self.superseded: list[tuple[date, float]] = []
        self.moments: list[Known] = []

    def accept(self, told: Closes, *, provisional: date | None) -> None:
        for day, close in told.items():
            if day == provisional and day in self.bars and day not in self.open:
                continue
            if day in self.open and (day != provisional or self.bars[day] != close):
                self._forget(day)
            elif self.bars.get(day, close) != close:
                self.superseded.append((day, self.bars[day]))
            self.bars[day] = close
        self.open = (self.open - told.keys()) | ({provisional} if provisional else set())

    def _forget(self, day: date) -> None:
        """A bar of an open session is replaced without a predecessor."""
        self.open.discard(day)
        for known in self.moments:
            known.bars.pop(day, None)


class Syncs(TestCase):
    client_: APIClient

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps, st.sampled_from([3, 5, 60]))
    def test_any_sequence_of_answers(self, sequence: list[Step], overlap: int) -> None:
        fake_yahoo.reset()
        fake_yahoo.add("ACME", closes={FIRST: 1.0})
        self.client_ = client_of(UserFactory.create())
        model, world = Model(), World()
        with patch("securities.fetching.OVERLAP_BARS", overlap):
            for step in [("correct", 1, 0), *sequence]:
                self.go_on(model, world, step)
        kept = PriceRevision.objects.values_list("ts", "close")
        assert sorted((ts.date(), round(close, 4)) for ts, close in kept) == sorted(model.superseded)
        self.read_all_again(model)

    def go_on(self, model: Model, world: World, step: Step) -> None:
        kind, days, back = step
        world.turn(kind, days, back)
        if self.sync(world, kind, back):
            _method, _symbol, _interval, start = [call for call in fake_yahoo.calls if call[0] == "history"][-1]
            told = {day: close for day, close in world.told(kind, back).items() if start is None or day >= start}
            model.accept(told, provisional=world.last if kind == "open" else None)
        answers = {adjusted: self.read(adjusted=adjusted) for adjusted in ADJUSTED}
        assert answers["none"] == model.bars, step
        model.moments.append(Known(timezone.now(), dict(model.bars), answers))

    def sync(self, world: World, kind: str, back: int) -> bool:
        """Whether all of the answer was accepted."""
        fake_yahoo.recover()
        fake_yahoo.answer(world.answered(kind if kind not in FAILED else "correct", back))
        if kind in FAILED:
            fake_yahoo.fail("ACME", YahooNoData() if kind == "empty" else YahooUnavailable(), method="history")
        try:
            result = sync_security("ACME", trigger=SyncRun.Trigger.COMMAND, refresh=True)
        except YahooError:
            assert kind in FAILED
            return False
        assert bool(result.quarantined) == (kind in WRONG), (kind, result.quarantined)
        assert all(review.status == Review.Status.OPEN for review in result.quarantined)
        return kind in RIGHT

    def read(self, **parameters: Any) -> Closes:
        response = self.client_.get(URL, {"limit": 1000, **parameters})
        assert response.status_code == 200, response.json()
        return {date.fromisoformat(bar["date"]): bar["close"] for bar in response.json()}

    def read_all_again(self, model: Model) -> None:
        runs = SyncRun.objects.filter(status=SyncRun.Status.SUCCEEDED).order_by("recorded_at")
        recorded = list(runs.values_list("recorded_at", flat=True))
        assert self.read(known_at=(recorded[0] - INSTANT).isoformat()) == {}
        for known in model.moments:
            # Up to the very instant before the next run counts, it is what was answered then.
            until = min((moment for moment in recorded if moment > known.since), default=known.since + INSTANT)
            for moment in (known.since, until - INSTANT):
                for adjusted, answered in known.answers.items():
                    again = self.read(adjusted=adjusted, known_at=moment.isoformat())
                    assert again == {day: answered[day] for day in known.bars}, adjusted
