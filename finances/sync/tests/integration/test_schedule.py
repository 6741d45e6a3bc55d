"""Each job of the schedule runs once in its period, however many keep time."""

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connections

from finances.sync import schedule, tasks
from finances.sync.models import Turn

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)
done: list[str] = []


@pytest.fixture(autouse=True)
def _schedule(settings: Any) -> None:
    done.clear()
    jobs = {"job": job, "broken": broken, "killed": killed}
    settings.SCHEDULE = {name: (f"{__name__}.{does.__name__}", 900) for name, does in jobs.items()}


def job() -> None:
    done.append("job")


def broken() -> None:
    raise ValueError


def killed() -> None:
    raise SystemExit


def test_once_a_period() -> None:
    minutes = [0, 1, 13, 14, 15, 28, 29]
    ran = [schedule.run("job", now=NOON + timedelta(minutes=at)) for at in minutes]

    assert ran == [True, False, False, True, False, True, False]  # 13.5 minutes are as good as 15
    assert len(done) == 3


def test_a_daily_job_is_daily_however_often_a_beat_ticks() -> None:
    turns = [at for at in range(73) if schedule.take_turn("daily", now=NOON + timedelta(hours=at), every=86_400)]
    early = [NOON + timedelta(days=4, minutes=-at) for at in (6, 5)]

    assert turns == [0, 24, 48, 72]
    assert [schedule.take_turn("daily", now=at, every=86_400) for at in early] == [False, True]


def test_a_job_that_fails_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    for name in ("broken", "job"):
        schedule._attempt(name)

    assert done == ["job"]
    assert any("scheduled_job_failed" in str(record.msg) for record in caplog.records)


def test_a_job_that_never_ends_is_overdue_after_two_periods() -> None:
    for minutes in (0, 15, 30):
        with pytest.raises(SystemExit):
            schedule.run("killed", now=NOON + timedelta(minutes=minutes))

    assert schedule.overdue(NOON + timedelta(minutes=30)) == []
    assert schedule.overdue(NOON + timedelta(minutes=31)) == [("killed", None)]


def test_the_task_of_two_beats() -> None:
    tasks.tick("job")
    tasks.tick("job")

    assert done == ["job"]


@pytest.mark.django_db(transaction=True)
def test_one_of_many_at_once() -> None:
    start = Barrier(8)

    def tick() -> None:
        start.wait()
        try:
            schedule.run("job")
        finally:
            connections.close_all()

    threads = [Thread(target=tick) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == ["job"]
    assert Turn.objects.count() == 1
