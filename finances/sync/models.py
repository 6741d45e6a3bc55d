"""What rates and prices share: runs (who fetched what, how it ended) and leases (one sync of a thing at a time)."""

import uuid

from django.conf import settings
from django.db import models


class SyncRun(models.Model):
    """One sync of one symbol. Stored figures point here for their source and the time they were recorded."""

    class Trigger(models.TextChoices):
        API = "API", "API"
        ADMIN = "ADMIN", "Back office"
        COMMAND = "COMMAND", "Command"
        DEMO = "DEMO", "Demo data"

    class Status(models.TextChoices):
        RUNNING = "RUNNING", "Running"
        SUCCEEDED = "SUCCEEDED", "Succeeded"
        FAILED = "FAILED", "Failed"
        INTERRUPTED = "INTERRUPTED", "Interrupted"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    symbol = models.CharField(max_length=32, db_index=True)
    source = models.CharField(max_length=20, default="yahoo")
    trigger = models.CharField(max_length=10, choices=Trigger)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.RUNNING)
    error_code = models.CharField(max_length=50, blank=True)
    bars_added = models.PositiveIntegerField(default=0)
    bars_changed = models.PositiveIntegerField(default=0)
    splits_used = models.JSONField(
        default=list, blank=True, help_text="The split list that raw prices were recovered with: [date, new, old]."
    )

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.symbol} {self.started_at:%Y-%m-%d %H:%M} {self.status}"


class Lease(models.Model):
    """The right to sync one thing, held by one process until `expires_at` at the latest.

    A row in the database, so that it holds whatever the cache does; it names its process, so that one killed with
    its lease in hand does not block the next for longer than needed.
    """

    name = models.CharField(max_length=80, primary_key=True)
    holder = models.UUIDField()
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    process = models.UUIDField(help_text="Drawn anew by each process, since process ids come round again.")
    expires_at = models.DateTimeField()
    run = models.ForeignKey(SyncRun, on_delete=models.SET_NULL, null=True, related_name="+")

    def __str__(self) -> str:
        return self.name
