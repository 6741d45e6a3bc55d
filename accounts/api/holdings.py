"""Holdings: create, read, update, delete."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema_view
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import holding_docs as docs
from accounts.api.holding_filters import HoldingFilter
from accounts.api.holding_serializers import (
    HOLDING_ROWS,
    HoldingChangeSerializer,
    HoldingSerializer,
    NewHoldingSerializer,
)
from accounts.holdings import (
    add_holding,
    change_holding,
    check_holding,
    lock_holding,
    remove_holding,
    security_of,
)
from accounts.ledger.projection import COUNTED_BY, recount_stale, stale_keys
from accounts.models import Holding
from finances.api.reads import Reader, RowReads
from finances.api.rows import Body
from finances.api.throttles import SyncThrottle
from finances.statements import Row
from finances.users.requests import SignedInRequest

counting_of = HOLDING_ROWS.picking(COUNTED_BY)


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
    repeats = frozenset({"list", "retrieve"})

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

    def lock_object(self, request: Request) -> None:
        lock_holding(self.get_object())

    def prepare_write(self, request: Request) -> None:
        """A symbol that is not stored is synced before the transaction, which nothing of Yahoo may span."""
        if self.action != "create":
            return
        wanted = NewHoldingSerializer(data=request.data, context=self.get_serializer_context())
        wanted.is_valid(raise_exception=True)
        self._facts = dict(wanted.validated_data)
        check_holding(self._facts["account"], self._facts.get("acquired_on"), today=self.request.user.today())
        if isinstance(self._facts["security"], str):
            self._count_sync()
            self._facts["security"] = security_of(self._facts["security"], user=self.request.user)

    def create(self, request: SignedInRequest) -> Response:
        holding = add_holding(**self._facts, user=request.user, today=request.user.today())
        return Response(self.shown(holding.pk), status=status.HTTP_201_CREATED)

    def partial_update(self, request: SignedInRequest, pk: str) -> Response:
        self.named()  # brings it up to the splits of today
        holding = self.get_object()
        changes = HoldingChangeSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        change_holding(holding, changes.validated_data, user=request.user, today=request.user.today())
        return Response(self.shown(holding.pk))

    def destroy(self, request: SignedInRequest, pk: str) -> Response:
        remove_holding(self.get_object(), user=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _count_sync(self) -> None:
        """A symbol that is not stored costs a sync, so it counts as one."""
        throttle = SyncThrottle()
        if not throttle.allow_request(self.request, self):
            self.throttled(self.request, throttle.wait() or 0)


def _counted(read: Callable[[], Sequence[Row]]) -> Sequence[Row]:
    """What `read` finds, read again if some of it had to be brought up to the splits of today."""
    now, rows = timezone.now(), read()
    stale = stale_keys(map(counting_of, rows), now)
    if stale:
        recount_stale(stale, now=now)
        return read()
    return rows
