import pytest
from pytest_django.fixtures import Settings

from finances import tallies
from finances.yahoo import pace
from finances.yahoo.budget import time_budget
from finances.yahoo.faults import Busy, TooManyRequests
from finances.yahoo.tests.broken_caches import SILENT


class Clock:
    """The wall clock of the module under test; sleeping moves it."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.25

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(pace, "time", clock.time)
    monkeypatch.setattr(pace, "sleep", clock.sleep)
    return clock


def test_slots_of_a_second_run_out_and_come_back(clock: Clock, settings: Settings) -> None:
    settings.YAHOO_REQUESTS_PER_SECOND = 2
    pace.take_slot()
    pace.take_slot()
    assert clock.now == 1_700_000_000.25
    pace.take_slot()
    assert clock.now == 1_700_000_001.0
    assert tallies.read([pace.SENT, pace.NO_SLOT, pace.WAITED_MS]) == {
        pace.SENT: 3,
        pace.NO_SLOT: 0,
        pace.WAITED_MS: 750,
    }


def test_no_slot_is_waited_for_past_the_deadline(clock: Clock, settings: Settings) -> None:
    settings.YAHOO_REQUESTS_PER_SECOND = 0
    with time_budget(0.5), pytest.raises(Busy):
        pace.take_slot()
    assert clock.now == 1_700_000_000.25


def test_a_pause_doubles_with_each_strike_in_a_row_up_to_a_cap(clock: Clock) -> None:
    seconds = []
    for _ in range(10):
        seconds.append(pace.strike(None))
        clock.sleep(seconds[-1])
    assert seconds == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


@pytest.mark.parametrize(("named", "seconds"), [(17.0, 17.0), (86_400.0, 600.0)])
def test_a_named_pause_is_followed_up_to_a_cap(clock: Clock, named: float, seconds: float) -> None:
    assert pace.strike(named) == seconds


def test_strikes_during_a_pause_are_one_strike(clock: Clock) -> None:
    assert [pace.strike(None), pace.strike(None), pace.strike(1.0)] == [2, 2, 2]
    assert pace.strike(30.0) == 30


def test_a_pause_refuses_with_what_remains_of_it(clock: Clock) -> None:
    pace.refuse_during_pause()
    pace.strike(20.0)
    clock.sleep(5)
    with pytest.raises(TooManyRequests) as refusal:
        pace.refuse_during_pause()
    assert refusal.value.retry_after == 15
    clock.sleep(15)
    pace.refuse_during_pause()


def test_a_success_ends_the_row_of_strikes_but_no_pause(clock: Clock) -> None:
    pace.strike(None)
    pace.clear_strikes()
    assert pace.pause_left() == 2
    clock.sleep(2)
    pace.clear_strikes()
    assert pace.strike(None) == 2


@pytest.mark.parametrize("backend", SILENT)
def test_without_a_cache_there_is_neither_limit_nor_pause(clock: Clock, settings: Settings, backend: str) -> None:
    settings.CACHES = {"default": {"BACKEND": backend}}
    settings.YAHOO_REQUESTS_PER_SECOND = 1
    for _ in range(3):
        pace.take_slot()
    assert pace.strike(None) == 2
    pace.refuse_during_pause()
    pace.clear_strikes()
