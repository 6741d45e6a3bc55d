"""Filters of the list of sync runs."""

import django_filters
from django.db.models import Exists, OuterRef, QuerySet

from finances.api.filters import FilterSet, MomentField
from finances.sync.models import SyncBatch, SyncRun


class StartedSince(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class SyncBatchFilter(FilterSet):
    status = django_filters.ChoiceFilter(field_name="state", choices=SyncRun.Status.choices)
    kind = django_filters.ChoiceFilter(choices=SyncBatch.Kind.choices)
    trigger = django_filters.ChoiceFilter(choices=SyncRun.Trigger.choices)
    symbol = django_filters.CharFilter(
        method="of_symbol", max_length=32, label="Runs that this symbol (of a pair of currencies EURUSD=X) was part of."
    )
    started_since = StartedSince(field_name="started_at", lookup_expr="gte", label="Started then or later.")

    class Meta:
        model = SyncBatch
        fields: list[str] = []

    def of_symbol(self, batches: QuerySet[SyncBatch], name: str, value: str) -> QuerySet[SyncBatch]:
        return batches.filter(Exists(SyncRun.objects.filter(batch=OuterRef("pk"), symbol=value.upper())))
