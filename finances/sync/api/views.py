"""Sync runs, for staff."""

from typing import Any

from django.utils import timezone
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from finances.sync.api import docs
from finances.sync.api.filters import SyncBatchFilter
from finances.sync.api.serializers import SyncRunDetailSerializer, SyncRunSerializer
from finances.sync.models import SyncBatch, SyncRun

OUTCOMES = 1000


@docs.sync_runs
class SyncRunViewSet(ReadOnlyModelViewSet[SyncBatch]):
    queryset = SyncBatch.objects.none()
    permission_classes = (IsAdminUser,)
    serializer_class = SyncRunSerializer
    filterset_class = SyncBatchFilter
    lookup_field = "uuid"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9A-Fa-f-]{36}"

    def get_queryset(self) -> Any:
        batches = SyncBatch.objects.with_state(now=timezone.now()).with_counts().select_related("resumes")
        return batches.order_by("-started_at", "-pk")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        batch: Any = self.get_object()
        batch.outcomes = SyncRun.objects.in_order(batch)[:OUTCOMES]
        return Response(SyncRunDetailSerializer(batch).data)
