"""Sync runs: one's own, and all for staff."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from finances.sync.api import docs
from finances.sync.api.filters import SyncBatchFilter
from finances.sync.api.serializers import SyncRunDetailSerializer, SyncRunSerializer
from finances.sync.models import SyncBatch, SyncRun
from finances.users.requests import SignedInRequest

OUTCOMES = 1000


@docs.sync_runs
class SyncRunViewSet(ReadOnlyModelViewSet[SyncBatch]):
    request: SignedInRequest
    queryset = SyncBatch.objects.none()
    serializer_class = SyncRunSerializer
    filterset_class = SyncBatchFilter
    lookup_field = "uuid"
    lookup_url_kwarg = "id"
    lookup_value_regex = "[0-9A-Fa-f-]{36}"

    def get_queryset(self) -> Any:
        return SyncBatch.objects.visible_to(self.request.user).shown().order_by("-started_at", "-pk")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(SyncRunDetailSerializer(with_outcomes(self.get_object())).data)


def with_outcomes(batch: Any) -> Any:
    """A batch that came through `shown`, with the first OUTCOMES of its runs."""
    batch.outcomes = SyncRun.objects.in_order(batch)[:OUTCOMES]
    return batch
