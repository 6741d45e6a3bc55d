"""What beat and the workers are told."""

from django.conf import settings

from config import celery_app


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


def test_work_of_a_killed_worker_is_given_to_another_after_its_longest_task() -> None:
    assert celery_app.conf.task_acks_late
    assert celery_app.conf.task_time_limit < celery_app.conf.broker_transport_options["visibility_timeout"]
