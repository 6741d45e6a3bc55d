"""Holdings: create, read, update, delete."""

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema_view
from rest_framework import status
from rest_framework.mixins import DestroyModelMixin
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from accounts.api import holding_docs as docs
from accounts.api.holding_filters import HoldingFilter
from accounts.api.holding_serializers import HoldingChangeSerializer, HoldingSerializer, NewHoldingSerializer
from accounts.holding_figures import add_figures
from accounts.holdings import add_holding, change_holding
from accounts.models import Holding
from finances.api.throttles import SyncThrottle
from finances.errors import NotFound
from finances.users.models import User
from finances.users.requests import SignedInRequest


@extend_schema_view(
    list=docs.list_holdings,
    create=docs.create,
    retrieve=docs.retrieve,
    partial_update=docs.partial_update,
    destroy=docs.destroy,
)
class HoldingViewSet(DestroyModelMixin, GenericViewSet[Holding]):
    request: SignedInRequest
    queryset = Holding.objects.none()
    serializer_class = HoldingSerializer
    filterset_class = HoldingFilter

    def get_queryset(self) -> Any:
        return Holding.objects.for_user(self.request.user).select_related("security").with_latest_price()

    def list(self, request: SignedInRequest) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        add_figures(page, now=timezone.now())
        return self.get_paginated_response(HoldingSerializer(page, many=True).data)

    def create(self, request: SignedInRequest) -> Response:
        wanted = NewHoldingSerializer(data=request.data, context=self.get_serializer_context())
        wanted.is_valid(raise_exception=True)
        if isinstance(wanted.validated_data["security"], str):
            self._count_sync()
        holding = add_holding(**wanted.validated_data, user=request.user, today=_today(request.user))
        return self._answer(self._read(holding.pk), status.HTTP_201_CREATED)

    def retrieve(self, request: SignedInRequest, pk: str) -> Response:
        return self._answer(self.get_object())

    def partial_update(self, request: SignedInRequest, pk: str) -> Response:
        holding = self.get_object()
        changes = HoldingChangeSerializer(data=request.data)
        changes.is_valid(raise_exception=True)
        change_holding(holding, changes.validated_data, today=_today(request.user))
        return self._answer(self._read(holding.pk))

    def _read(self, pk: UUID) -> Holding:
        """What was written, as the next read shows it."""
        holding: Holding | None = self.get_queryset().filter(pk=pk).first()
        if holding is None:
            raise NotFound("Not found.")
        return holding

    def _answer(self, holding: Holding, code: int = status.HTTP_200_OK) -> Response:
        add_figures([holding], now=timezone.now())
        return Response(HoldingSerializer(holding).data, status=code)

    def _count_sync(self) -> None:
        """A symbol that is not stored costs a sync, so it counts as one."""
        throttle = SyncThrottle()
        if not throttle.allow_request(self.request, self):
            self.throttled(self.request, throttle.wait() or 0)


def _today(user: User) -> date:
    return timezone.now().astimezone(ZoneInfo(user.time_zone)).date()
