"""`/metrics` for Prometheus: requests, and the state of market data and sessions, for who has METRICS_TOKEN.

A middleware answers it and not the URLs, as with the probes: it is asked for by address, in plain HTTP.
"""

import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from currencies.models import QuarantinedRates
from finances import mail, tallies, worked
from finances.api import replica
from finances.api.metrics import count, counted, make_room
from finances.sync import tasks
from finances.sync.models import SyncBatch, SyncRun, Turn
from finances.users.models import Session
from finances.yahoo import pace
from securities.models import Review, Security

PATH = "/metrics"
DAY = timedelta(days=1)
TASKS = [tasks.begin_batch.name, tasks.sync_symbol.name, tasks.tick.name, mail.deliver.name]
Handler = Callable[[HttpRequest], HttpResponse]


class MetricsMiddleware:
    """Counts every request; without METRICS_TOKEN it is not there at all."""

    def __init__(self, get_response: Handler) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        make_room()
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == PATH:
            return answer(request)
        started = time.perf_counter()
        response = self.get_response(request)
        count(request, response.status_code, time.perf_counter() - started)
        return response


def answer(request: HttpRequest) -> HttpResponse:
    sent = request.META.get("HTTP_AUTHORIZATION", "")
    if not constant_time_compare(sent, f"Bearer {settings.METRICS_TOKEN}"):
        body = {"detail": "Authentication credentials were not provided.", "code": "not_authenticated"}
        return JsonResponse(body, status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    registry = CollectorRegistry()
    registry.register(State(timezone.now()))
    return HttpResponse(counted() + generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class State(Collector):
    """What the database and the cache say; where the database does not answer, only that."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def collect(self) -> Iterator[Metric]:
        try:
            found = list(_state(self._now))
        except DatabaseError:
            found = []
        yield GaugeMetricFamily("finances_database_up", "Whether the database answers.", value=bool(found))
        yield from found


def _state(now: datetime) -> Iterator[Metric]:
    yield _sync_runs(now)
    yield _staleness(now)
    yield _held_back()
    yield _queue()
    yield from _jobs(now)
    yield from _tasks()
    yield from _yahoo()
    yield from _replica()
    live = Session.objects.live(now).count()
    yield GaugeMetricFamily("finances_sessions", "Logins of the API that go on.", value=live)


def _sync_runs(now: datetime) -> Metric:
    runs = SyncRun.objects.filter(batch__started_at__gt=now - DAY).order_by().values_list("source", "status")
    metric = GaugeMetricFamily(
        "finances_sync_runs_last_day", "Symbols of the syncs of 24 hours, by outcome.", labels=["source", "status"]
    )
    for source, status, number in runs.annotate(number=Count("pk")):
        metric.add_metric([source, status.lower()], number)
    return metric


def _staleness(now: datetime) -> Metric:
    due = Security.objects.listed().filter(is_active=True)
    oldest = due.aggregate(at=Min("last_synced_at"))["at"]
    metric = GaugeMetricFamily(
        "finances_oldest_sync_age_seconds", "Since the active listed security longest not synced was."
    )
    if oldest is not None:
        metric.add_metric([], (now - oldest).total_seconds())
    return metric


def _queue() -> Metric:
    waiting = SyncRun.objects.unfinished().filter(batch__in=SyncBatch.objects.queued()).count()
    return GaugeMetricFamily("finances_queued_symbols", "Symbols ordered and not synced yet.", value=waiting)


def _jobs(now: datetime) -> Iterator[Metric]:
    runs = CounterMetricFamily("finances_job_runs", "Jobs of the schedule that ended.", labels=["job", "outcome"])
    age = GaugeMetricFamily("finances_job_age_seconds", "Since a job last ended well, or first began.", labels=["job"])
    took = GaugeMetricFamily("finances_job_seconds", "How long the job took the last time.", labels=["job"])
    for turn in Turn.objects.filter(name__in=settings.SCHEDULE).order_by("name"):
        runs.add_metric([turn.name, "done"], turn.done)
        runs.add_metric([turn.name, "failed"], turn.failed)
        age.add_metric([turn.name], (now - turn.waited_for_since).total_seconds())
        if turn.seconds is not None:
            took.add_metric([turn.name], turn.seconds)
    yield from (runs, age, took)


def _tasks() -> Iterator[Metric]:
    ended = CounterMetricFamily("finances_tasks", "Tasks that workers ended.", labels=["task", "outcome"])
    seconds = CounterMetricFamily("finances_task_seconds", "Seconds that workers were at them.", labels=["task"])
    for (task, kind), number in worked.counts(TASKS).items():
        name = task.rpartition(".")[2]
        if kind == "ms":
            seconds.add_metric([name], number / 1000)
        else:
            ended.add_metric([name, kind], number)
    yield from (ended, seconds)


def _yahoo() -> Iterator[Metric]:
    counted = tallies.read([pace.SENT, pace.NO_SLOT, pace.TOO_MANY, pace.WAITED_MS])
    waited = CounterMetricFamily("finances_yahoo_wait_seconds", "Seconds that requests waited for a slot.", labels=[])
    if counted:
        waited.add_metric([], counted.pop(pace.WAITED_MS) / 1000)
    requests = CounterMetricFamily("finances_yahoo_requests", "Requests to Yahoo, by outcome.", labels=["outcome"])
    for name, number in counted.items():
        requests.add_metric([name.rpartition(":")[2]], number)
    yield from (requests, waited)
    limit, pause = settings.YAHOO_REQUESTS_PER_SECOND, pace.pause_left()
    yield GaugeMetricFamily("finances_yahoo_requests_per_second_limit", "The budget of all processes.", value=limit)
    yield GaugeMetricFamily("finances_yahoo_pause_seconds", "For how long Yahoo is still left alone.", value=pause)


def _replica() -> Iterator[Metric]:
    if replica.REPLICA in settings.DATABASES:
        seconds = replica.lag()
        yield GaugeMetricFamily("finances_replica_lag_seconds", "How far behind the replica is.", value=seconds)


def _held_back() -> Metric:
    metric = GaugeMetricFamily("finances_held_back", "Answers of providers that wait for a decision.", labels=["kind"])
    metric.add_metric(["prices"], Review.objects.open().count())
    metric.add_metric(["rates"], QuarantinedRates.objects.open().count())
    return metric
