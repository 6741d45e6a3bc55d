"""Holdings: create, read, update, delete."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_view
from rest_framework import status
from rest_framework.response import Response

from accounts.api import holding_docs as docs
from accounts.api.holding_filters import HoldingFilter
from accounts.api.holding_serializers import (
    HOLDING_ROWS,
    HoldingChangeSerializer,
    HoldingSerializer,
    NewHoldingSerializer,
)
from accounts.holdings import add_holding, change_holding, remove_holding
from accounts.ledger.projection import COUNTED_BY, is_stale, recount_stale
from accounts.models import Holding
from finances.api.reads import Reader, RowReads
from finances.api.rows import Body
from finances.api.throttles import SyncThrottle
from finances.statements import Row
from finances.users.models import User
from finances.users.requests import SignedInRequest

counting_of = HOLDING_ROWS.picking(COUNTED_BY)
key_of = HOLDING_ROWS.picking(COUNTED_BY[:2])


@extend_schema_view(
    list=docs.list_holdings,
    create=docs.create,
    retrieve=docs.retrieve,
    partial_update=docs.partial_update,
    destroy=docs.destroy,
)
class HoldingViewSet(RowReads):
    request: SignedInRequest
    queryset = Holding.objects.none()
    serializer_class = HoldingSerializer
    filterset_class = HoldingFilter
    rows = HOLDING_ROWS

    @classmethod
    def scope(cls, reader: Reader) -> QuerySet[Holding]:
        holdings: QuerySet[Holding] = Holding.objects.for_user(reader).with_price_and_splits().with_splits_now()
        return holdings

    def listed(self) -> Sequence[Row]:
        return _counted(super().listed)

    def found(self, lookup: str, value: Any) -> Sequence[Row]:
        return _counted(lambda: super(HoldingViewSet, self).found(lookup, value))

    def bodies(self, rows: Sequence[Row]) -> Sequence[Body]:
        return self.rows.bodies(rows, now=timezone.now())

    def create(self, request: SignedInRequest) -> Response:
        wanted = NewHoldingSerializer(data=request.data, context=self.get_serializer_context())
        wanted.is_valid(raise_exception=True)
        if isinstance(wanted.validated_data["security"], str):
            self._count_sync()
        holding = add_holding(**wanted.validated_data, user=request.user, today=_today(request.user))
        return Response(self.shown(holding.pk), status=status.HTTP_201_CREATED)

    def partial_update(self, request: SignedInRequest, pk: str) -> Response:
        self.named()  # brings it up to the splits of today
        holding = self.get_object()
        changes = HoldingChangeSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        change_holding(holding, changes.validated_data, user=request.user, today=_today(request.user))
        return Response(self.shown(holding.pk))

    def destroy(self, request: SignedInRequest, pk: str) -> Response:
        remove_holding(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _count_sync(self) -> None:
        """A symbol that is not stored costs a sync, so it counts as one."""
        throttle = SyncThrottle()
        if not throttle.allow_request(self.request, self):
            self.throttled(self.request, throttle.wait() or 0)


def _today(user: User) -> date:
    return timezone.now().astimezone(ZoneInfo(user.time_zone)).date()


def _counted(read: Callable[[], Sequence[Row]]) -> Sequence[Row]:
    """What `read` finds, read again if some of it had to be brought up to the splits of today."""
    now, rows = timezone.now(), read()
    stale = [key_of(row) for row in rows if is_stale(counting_of(row), now)]
    if stale:
        recount_stale(stale, now=now)
        return read()
    return rows
