"""Syncs of many symbols at once, ordered and left to the workers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.models import Holding
from finances.api.fields import StrictBooleanField, StrictCharField
from finances.api.schema import problem
from finances.api.throttles import RequestThrottle, SyncThrottle
from finances.api.writes import Writes
from finances.sync.api.docs import RUN
from finances.sync.api.serializers import SyncRunDetailSerializer
from finances.sync.api.views import with_outcomes
from finances.sync.models import SyncBatch
from finances.users.requests import SignedInRequest
from securities.batch import order_for

MOST_SYMBOLS = 500


class SyncOrderSerializer(serializers.Serializer[Any]):
    symbols = serializers.ListField(
        child=StrictCharField(max_length=32),
        required=False,
        min_length=1,
        max_length=MOST_SYMBOLS,
        help_text="Ticker symbols, known or not yet known.",
    )
    holdings = StrictBooleanField(default=False, help_text="Instead of symbols: all listed securities that you hold.")
    intervals = serializers.ListField(
        child=serializers.ChoiceField(["1d", "1h", "1m"]), default=["1d"], min_length=1, max_length=3
    )
    refresh = StrictBooleanField(default=False, help_text="Fetch whole histories again.")

    def validate(self, order: dict[str, Any]) -> dict[str, Any]:
        if ("symbols" in order) == order["holdings"]:
            raise serializers.ValidationError("Give symbols, or holdings: true.", code="symbols_or_holdings")
        return order


class SyncOrderView(Writes):
    request: SignedInRequest
    audited_as = "sync-run"
    throttle_classes = (RequestThrottle, SyncThrottle)

    @extend_schema(
        summary="Sync many symbols",
        description="Leaves them to the workers and answers at once with the run, whose address is in `Location`: read "
        "it again for its progress. What you hold and nothing listed answers 400 (`nothing_to_sync`).",
        tags=["market-data"],
        request=SyncOrderSerializer,
        responses={
            202: OpenApiResponse(SyncRunDetailSerializer, "Ordered."),
            400: problem("Nothing listed is held (`nothing_to_sync`)."),
            409: problem("Too much of yours waits already (`too_much_queued`)."),
        },
        examples=[
            OpenApiExample("Named", {"symbols": ["AAPL", "MSFT"], "intervals": ["1d"]}, request_only=True),
            OpenApiExample("Own", {"holdings": True}, request_only=True),
            OpenApiExample("Ordered", {**RUN, "status": "PENDING"}, response_only=True, status_codes=["202"]),
        ],
    )
    def post(self, request: SignedInRequest) -> Response:
        body = SyncOrderSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = body.validated_data
        symbols = wanted.get("symbols") or Holding.objects.for_user(request.user).listed_symbols()
        scope = SyncBatch.Scope.HOLDINGS if wanted["holdings"] else SyncBatch.Scope.SYMBOLS
        facts = {"scope": scope, "intervals": wanted["intervals"], "refresh": wanted["refresh"]}
        batch = order_for(request.user, symbols, **facts)
        where = reverse("sync-run-detail", kwargs={"id": batch.uuid}, request=request)
        answer = SyncRunDetailSerializer(with_outcomes(SyncBatch.objects.shown().get(pk=batch.pk))).data
        return Response(answer, status=status.HTTP_202_ACCEPTED, headers={"Location": where})
