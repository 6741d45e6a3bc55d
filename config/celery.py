"""The workers' entry point: `celery --app config worker` and `celery --app config beat`."""

import os
from typing import Any

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
OFTEN = 3600
"""Seconds. A beat that is begun anew counts from then: ticking daily, one redeployed every day never would. Jobs
take their turn once in their period all the same."""
app = Celery("finances")
app.conf.update(
    imports=["finances.mail", "finances.worked"],
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    # A task is taken from the queue when it is done: one whose worker was killed is given to another after the
    # visibility timeout.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    # In Redis the lower is the sooner, and 0 the default: mail and ticks overtake the symbols of batches.
    task_routes=dict.fromkeys(["finances.sync.tasks.begin_batch", "finances.sync.tasks.sync_symbol"], {"priority": 9}),
    task_soft_time_limit=60,
    task_time_limit=75,
    broker_connection_retry_on_startup=True,
    # Who hands over does the work itself, rather than wait for a broker.
    task_publish_retry=False,
    worker_soft_shutdown_timeout=30,
    worker_hijack_root_logger=False,
    timezone="UTC",
)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@app.on_after_configure.connect
def _follow_settings(sender: Any, **_facts: Any) -> None:
    sender.conf.broker_transport_options = {
        "queue_order_strategy": "priority",
        "visibility_timeout": settings.CELERY_VISIBILITY_TIMEOUT,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }
    for name, (_job, every) in settings.SCHEDULE.items():
        sender.add_periodic_task(
            min(every, OFTEN), sender.signature("finances.sync.tasks.tick", args=[name]), name=name
        )
