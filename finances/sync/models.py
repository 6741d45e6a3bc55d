"""What rates and prices share: batches and their runs (who fetched what, how it ended), and leases (one sync of a
thing at a time)."""

import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from finances.sync.processes import SILENT_SECONDS, has_ended, this_host

if TYPE_CHECKING:
    from finances.users.models import User


class WorkOfProcess(models.Model):
    """Names the process that is at work, so that one killed in the middle is told from one still at it."""

    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    process = models.UUIDField(help_text="Drawn anew by each process, since process ids come round again.")

    class Meta:
        abstract = True


class SyncRunQuerySet(models.QuerySet[Any]):
    def unfinished(self) -> Self:
        """Not begun, or cut off."""
        return self.filter(status__in=[SyncRun.Status.PENDING, SyncRun.Status.RUNNING, SyncRun.Status.INTERRUPTED])

    def of_symbol(self, symbol: str | OuterRef) -> Self:
        """Those whose figures count."""
        return self.filter(symbol=symbol, status=SyncRun.Status.SUCCEEDED)

    def in_order(self, batch: "SyncBatch") -> Self:
        """Those of a batch that came through with_state, as its symbols were given, with `state` likewise."""
        runs = self.filter(batch=batch).order_by("pk")
        if batch.state != SyncRun.Status.INTERRUPTED:
            return runs.annotate(state=F("status"))
        cut_off = When(status=SyncRun.Status.RUNNING, then=Value(SyncRun.Status.INTERRUPTED))
        return runs.annotate(state=Case(cut_off, default=F("status")))


class SyncRun(models.Model):
    """One sync of one symbol. Stored figures point here for their source and the time they were recorded."""

    class Trigger(models.TextChoices):
        API = "API", "API"
        ADMIN = "ADMIN", "Back office"
        COMMAND = "COMMAND", "Command"
        SCHEDULE = "SCHEDULE", "Schedule"
        DEMO = "DEMO", "Demo data"

    class Status(models.TextChoices):
        PENDING = "PENDING", "Not begun"
        RUNNING = "RUNNING", "Running"
        SUCCEEDED = "SUCCEEDED", "Succeeded"
        FAILED = "FAILED", "Failed"
        INTERRUPTED = "INTERRUPTED", "Interrupted"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.ForeignKey(
        "SyncBatch", on_delete=models.PROTECT, null=True, blank=True, related_name="runs", db_index=False
    )
    symbol = models.CharField(max_length=32, db_index=True)
    source = models.CharField(max_length=20, default="yahoo")
    trigger = models.CharField(max_length=10, choices=Trigger)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    # Not when it is committed, which no row can know: a read in the moment between the two saw the figures before.
    recorded_at = models.DateTimeField(
        default=timezone.now, help_text="From when on its figures count; see finances.sync.runs.stamp."
    )
    status = models.CharField(max_length=12, choices=Status, default=Status.RUNNING)
    error_code = models.CharField(max_length=50, blank=True)
    bars_added = models.PositiveIntegerField(default=0)
    bars_changed = models.PositiveIntegerField(default=0)
    bars_quarantined = models.PositiveIntegerField(default=0)
    splits_used = models.JSONField(
        default=list, blank=True, help_text="The split list that raw prices were recovered with: [date, new, old]."
    )

    objects = SyncRunQuerySet.as_manager()

    # Present on rows that came through in_order.
    state: str

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "symbol"], name="sync_run_once_a_batch")]

    def __str__(self) -> str:
        return f"{self.symbol} {self.started_at:%Y-%m-%d %H:%M} {self.status}"

    @property
    def begun_at(self) -> datetime | None:
        return None if self.status == self.Status.PENDING else self.started_at

    @property
    def duration_seconds(self) -> float | None:
        return _seconds_between(self.begun_at, self.finished_at)


class SyncBatchQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: "User") -> Self:
        """What they ordered; everything to staff."""
        return self if user.is_staff else self.filter(started_by=user)

    def shown(self) -> Self:
        """With all that is told of a batch."""
        return self.with_state(now=timezone.now()).with_counts().select_related("resumes")

    def with_state(self, *, now: datetime) -> Self:
        """Adds `state`: the status, but INTERRUPTED for what runs no more: its process has ended, or has not been
        heard of for SILENT_SECONDS. What is queued goes on in another process."""
        heard_since = now - timedelta(seconds=SILENT_SECONDS)
        running = Q(status=SyncRun.Status.RUNNING, is_queued=False)
        here = SyncBatch.objects.filter(running, host=this_host(), seen_at__gte=heard_since)
        gone = [batch.pk for batch in here if has_ended(batch)]
        cut_off = running & (Q(seen_at__lt=heard_since) | Q(pk__in=gone))
        return self.annotate(state=Case(When(cut_off, then=Value(SyncRun.Status.INTERRUPTED)), default=F("status")))

    def with_counts(self) -> Self:
        """Adds symbols, succeeded, failed, and the bars added, changed and quarantined by all of them."""
        one = models.Count("pk")
        return self.annotate(
            symbols=_of_runs(one),
            succeeded=_of_runs(one, status=SyncRun.Status.SUCCEEDED),
            failed=_of_runs(one, status=SyncRun.Status.FAILED),
            bars_added=_of_runs(models.Sum("bars_added")),
            bars_changed=_of_runs(models.Sum("bars_changed")),
            bars_quarantined=_of_runs(models.Sum("bars_quarantined")),
        )

    def queued(self) -> Self:
        """Ordered, and not at its end yet."""
        return self.filter(is_queued=True, finished_at=None)

    def with_unfinished(self, source: str) -> Self:
        """Of what was to come from `source`."""
        return self.filter(Exists(SyncRun.objects.unfinished().filter(batch=OuterRef("pk"), source=source)))


class SyncBatch(WorkOfProcess):
    """One order to sync: a command, an action of the back office or a request, with a run for each of its symbols.

    The runs are there from the start, so that one killed half-way tells what it had not done yet.
    """

    class Kind(models.TextChoices):
        PRICES = "PRICES", "Prices"
        RATES = "RATES", "Rates"

    class Scope(models.TextChoices):
        SYMBOLS = "SYMBOLS", "Named symbols"
        ALL = "ALL", "All"
        STALE = "STALE", "Stale ones"
        HOLDINGS = "HOLDINGS", "What one holds"
        GAPS = "GAPS", "Those with gaps"
        RESUMED = "RESUMED", "What an interrupted one had left"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    scope = models.CharField(max_length=10, choices=Scope, default=Scope.SYMBOLS)
    intervals = models.JSONField(default=list, blank=True, help_text="Of prices: 1d, 1h, 1m.")
    trigger = models.CharField(max_length=10, choices=SyncRun.Trigger)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(default=timezone.now, help_text="When its process last began or ended a symbol.")
    status = models.CharField(max_length=12, choices=SyncRun.Status, default=SyncRun.Status.RUNNING)
    error_code = models.CharField(max_length=50, blank=True, help_text="What all failed symbols have in common.")
    is_queued = models.BooleanField(default=False, help_text="Done by workers, whichever is free.")
    refresh = models.BooleanField(default=False, help_text="Fetch whole histories again.")
    resumes = models.OneToOneField("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="resumed_by")

    objects = SyncBatchQuerySet.as_manager()

    # Present on rows that came through with_state and with_counts.
    state: str
    symbols: int
    succeeded: int
    failed: int

    class Meta:
        ordering = ["-started_at", "-pk"]
        verbose_name_plural = "sync batches"
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="sync_batch_newest"),
            models.Index(fields=["seen_at"], condition=Q(is_queued=True, finished_at=None), name="sync_batch_queued"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The runs not begun yet by symbol, as far as they were made with this very object.
        self.pending: dict[str, SyncRun] = {}

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def duration_seconds(self) -> float | None:
        return _seconds_between(self.started_at, self.finished_at)


class Lease(WorkOfProcess):
    """The right to sync one thing, held by one process until `expires_at` at the latest.

    A row in the database, so that it holds whatever the cache does; it names its process, so that one killed with
    its lease in hand does not block the next for longer than needed.
    """

    name = models.CharField(max_length=80, primary_key=True)
    holder = models.UUIDField()
    expires_at = models.DateTimeField()
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+")

    # Given back by the transaction that wrote what it was taken for.
    is_spent = False

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """When a job of the schedule was last taken, by whichever process came first, and how it went since."""

    name = models.CharField(max_length=40, primary_key=True)
    first_taken_at = models.DateTimeField(default=timezone.now)
    taken_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True, help_text="When it last ended well.")
    seconds = models.FloatField(null=True, blank=True, help_text="Until it last ended, well or not.")
    done = models.PositiveBigIntegerField(default=0)
    failed = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name

    @property
    def waited_for_since(self) -> datetime:
        """When it last ended well; its beginning where it never has, as when its process is killed each time."""
        return self.done_at or self.first_taken_at


def _of_runs(aggregate: models.Aggregate, **facts: str) -> Coalesce:
    """A figure over a batch's runs, by a look-up of its own so that a page of batches costs no more than its rows."""
    runs = SyncRun.objects.filter(batch=OuterRef("pk"), **facts).order_by().values("batch")
    return Coalesce(Subquery(runs.annotate(figure=aggregate).values("figure")), 0)


def _seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None
