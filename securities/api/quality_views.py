"""The quality of a security's prices."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.response import Response

from finances.users.requests import SignedInRequest
from securities.api.quality_docs import quality
from securities.api.quality_serializers import QualitySerializer
from securities.models import Security
from securities.quality import measure


class QualityAction:
    """`/quality`, for a viewset whose objects are securities."""

    get_object: Any

    @quality
    @action(detail=True, pagination_class=None, filterset_class=None)
    def quality(self, request: SignedInRequest, symbol: str) -> Response:
        security: Security = self.get_object()
        today = timezone.now().astimezone(ZoneInfo(security.time_zone)).date()
        return Response(QualitySerializer(measure(security, today=today)).data)
