"""Who changed what, when, and by which request; sealed in batches, so that later tampering shows."""

from typing import Any, Self

from django.db import models


class Seal(models.Model):
    """A digest over its entries and over the seal before it."""

    number = models.PositiveIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"Seal {self.number}"


class EntryQuerySet(models.QuerySet["Entry"]):
    def unsealed(self) -> Self:
        return self.filter(seal=None)


class Entry(models.Model):
    """One write. Ids alone: what somebody is called and which figures were written is told by the rows themselves."""

    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True, blank=True, help_text="The user; none where the instance itself acted.")
    action = models.CharField(max_length=40)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=100)
    fields: Any = models.JSONField(default=list, help_text="Names of the fields that the write set.")
    request_id = models.CharField(max_length=64, blank=True, help_text="X-Request-ID, by which the logs know it.")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, null=True, blank=True, related_name="entries")

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["object_type", "object_id"], name="audit_entry_object"),
            models.Index(fields=["actor_id", "at"], name="audit_entry_actor"),
            models.Index(fields=["at"], name="audit_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
