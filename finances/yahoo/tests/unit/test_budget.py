from math import inf
from threading import Event, Thread

import pytest

from finances.yahoo.budget import seconds_left, time_budget
from finances.yahoo.faults import Busy, NoAnswer
from finances.yahoo.lanes import Lanes


def test_seconds_left_without_a_budget() -> None:
    assert seconds_left() == inf


def test_nested_budgets_take_the_earlier_deadline() -> None:
    with time_budget(5):
        with time_budget(60):
            assert 4 < seconds_left() <= 5
        with time_budget(1):
            assert seconds_left() <= 1
        assert 4 < seconds_left() <= 5
    assert seconds_left() == inf


def test_a_spent_budget_leaves_nothing() -> None:
    with time_budget(-1):
        assert seconds_left() == 0


def test_a_lane_carries_the_budget_to_its_worker() -> None:
    with time_budget(5):
        assert Lanes(1).run(seconds_left) <= 5


def test_a_lane_gives_up_at_the_deadline_and_stays_taken_until_the_call_ends() -> None:
    lanes, release = Lanes(1), Event()
    with time_budget(0.05), pytest.raises(NoAnswer):
        lanes.run(lambda: release.wait(5))
    with time_budget(0.05), pytest.raises(Busy):
        lanes.run(lambda: True)
    release.set()
    with time_budget(2):
        assert lanes.run(lambda: True)


def test_a_full_house_is_told_so_soon() -> None:
    lanes, entered, release = Lanes(1), Event(), Event()

    def occupy() -> None:
        entered.set()
        release.wait(5)

    occupier = Thread(target=lambda: lanes.run(occupy))
    occupier.start()
    entered.wait(5)
    with pytest.raises(Busy):
        lanes.run(lambda: True)
    release.set()
    occupier.join()


def test_a_timeout_raised_by_the_call_itself_passes() -> None:
    def fail() -> None:
        raise TimeoutError("its own")

    with pytest.raises(TimeoutError, match="its own"):
        Lanes(1).run(fail)
