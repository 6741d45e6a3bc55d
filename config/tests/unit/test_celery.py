"""What beat and the workers are told."""

from typing import Any

from django.conf import settings

from config import celery_app
from finances import mail
from finances.sync import tasks


def test_beat_ticks_for_each_job_every_hour_at_the_latest() -> None:
    ticks = {
        name: (tick["task"], tick["schedule"], tick["args"]) for name, tick in celery_app.conf.beat_schedule.items()
    }

    assert {name: every for name, (_job, every) in settings.SCHEDULE.items()} == {
        "prices": 900, "gaps": 86_400, "rates": 1800, "stalled": 60, "holdings": 86_400, "expired": 86_400,
        "seals": 86_400, "digest": 86_400,
    }  # fmt: skip
    assert ticks == {
        name: ("finances.sync.tasks.tick", min(every, 3600), (name,))
        for name, (_job, every) in settings.SCHEDULE.items()
    }


def test_work_of_a_killed_worker_is_given_to_another_after_the_longest_wait_and_two_tasks() -> None:
    conf = celery_app.conf

    assert conf.task_acks_late
    assert mail.LONGEST_WAIT + 2 * conf.task_time_limit == settings.VISIBILITY_AT_LEAST
    assert conf.broker_transport_options["visibility_timeout"] >= settings.VISIBILITY_AT_LEAST


def test_mail_and_ticks_overtake_syncs() -> None:
    by_turn: list[Any] = [mail.deliver, tasks.tick, tasks.begin_batch, tasks.sync_symbol]

    priorities = [celery_app.amqp.router.route({}, task.name).get("priority", 0) for task in by_turn]

    assert priorities == [0, 0, 9, 9]
    assert celery_app.conf.broker_transport_options["queue_order_strategy"] == "priority"
