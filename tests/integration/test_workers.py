"""Celery's workers and beats as processes, with a Redis: one is killed by signal 9 amid two hundred symbols."""

import os
import signal
import subprocess
import time
import uuid
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.fast_schedule import PERIOD
from tests.installation import Installation

REDIS = os.environ.get("REDIS_URL", "")
SYMBOLS = [f"S{number:03}" for number in range(200)]
WORKER = ["worker", "--concurrency", "2", "--without-gossip", "--without-mingle"]
STATES = """
import json
from django.db.models import Count
from finances.sync.models import SyncBatch, SyncRun
from securities.models import Price
batch = SyncBatch.objects.get()
states = dict(batch.runs.order_by().values_list("status").annotate(Count("pk")))
print(json.dumps([batch.status, states, Price.objects.count()]))
"""
pytestmark = pytest.mark.skipif(not REDIS, reason="workers need a Redis")


@pytest.fixture
def product(own_database: str, tmp_path: Path) -> Installation:
    environment = {
        "DATABASE_URL": own_database, "REDIS_URL": REDIS, "CACHE_PREFIX": f"test-{uuid.uuid4()}",
        "YAHOO_BACKEND": "tests.many_yahoo.ManyYahoo", "YAHOO_REQUESTS_PER_SECOND": "1000",
    }  # fmt: skip
    installation = Installation(tmp_path, environment)
    assert installation.manage("migrate", "--verbosity", "0")[0] == 0
    assert installation.manage("load_currencies")[0] == 0
    return installation


def test_what_a_killed_worker_had_taken_is_done_by_another(product: Installation) -> None:
    product.extra_env = {**product.extra_env, "DJANGO_SETTINGS_MODULE": "tests.impatient_broker"}
    killed, other = start_celery(product, *WORKER, "-n", "one"), start_celery(product, *WORKER, "-n", "two")
    try:
        status, printed = product.manage("sync_prices", *SYMBOLS, "--queue")
        assert status == 0, printed
        wait_until(lambda: product.ask(STATES)[1].get("SUCCEEDED", 0) > 20)

        kill(killed)

        wait_until(lambda: product.ask(STATES)[0] == "SUCCEEDED")
    finally:
        kill(killed)
        kill(other)
    assert product.ask(STATES) == ["SUCCEEDED", {"SUCCEEDED": 200}, 1000]


def test_two_beats_do_no_job_twice(product: Installation, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    product.extra_env = {**product.extra_env, "DJANGO_SETTINGS_MODULE": "tests.fast_schedule", "NOTES": str(notes)}
    beats = (["beat", "--schedule", str(tmp_path / f"beat-{number}"), "--pidfile="] for number in (1, 2))
    processes = [start_celery(product, *arguments) for arguments in (*beats, [*WORKER, "-n", "one"])]
    try:
        wait_until(lambda: notes.exists() and len(notes.read_text().split()) >= 4)
    finally:
        for process in processes:
            kill(process)

    times = [float(line) for line in notes.read_text().split()]
    assert all(later - earlier > PERIOD * 0.8 for earlier, later in pairwise(times))


def test_a_worker_delivers_what_another_process_wrote(product: Installation, tmp_path: Path) -> None:
    mails, log, environment = tmp_path / "mails", tmp_path / "log", product.extra_env
    product.extra_env = {**environment, "EMAIL_URL": f"filemail://{mails}"}
    with log.open("wb") as told:
        worker = start_celery(product, *WORKER, "-n", "one", "--loglevel", "info", stderr=told)
    try:
        product.extra_env = {**environment, "EMAIL_URL": "dummymail://", "PUBLIC_URL": "https://app.example.test"}
        send = "from finances.users import mails; mails.send(mails.RESET_PASSWORD, 'alice@example.test', 't' * 43)"
        assert product.manage("shell", "--verbosity", "0", "--command", send)[0] == 0
        wait_until(lambda: list(mails.glob("*.log")))
        wait_until(lambda: "succeeded" in log.read_text())
    finally:
        kill(worker)

    [mail] = mails.glob("*.log")
    assert f"https://app.example.test/reset-password?token={'t' * 43}" in mail.read_text()
    assert ("finances.mail.deliver" in log.read_text(), "t" * 43 in log.read_text()) == (True, False)


def start_celery(product: Installation, *arguments: str, **options: Any) -> subprocess.Popen[bytes]:
    """In a group of its own, since a worker has processes below it."""
    options = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options}
    return product.start("-m", "celery", "--app", "config", *arguments, start_new_session=True, **options)


def kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(is_so: Any) -> None:
    deadline = time.monotonic() + 90
    while not is_so():
        assert time.monotonic() < deadline
