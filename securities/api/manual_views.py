"""Manual securities and their prices: what people write."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from finances.api.uploads import BoundedMultiPartParser
from finances.errors import NotFound
from finances.users.requests import SignedInRequest
from securities.api import manual_docs as docs
from securities.api.manual_csv import read_sheet, violations_by_line
from securities.api.manual_serializers import (
    MAX_PRICES,
    ManualPriceSerializer,
    ManualSecuritySerializer,
    PriceCountsSerializer,
    PriceFileSerializer,
)
from securities.manual import (
    DailyBar,
    add_security,
    change_security,
    delete_price,
    delete_security,
    find_manual,
    priced_by,
    put_prices,
)
from securities.models import Security


class ManualSecurities(GenericViewSet[Security]):
    """Add, change and delete one's own. A change names its fields: there is no PUT."""

    request: SignedInRequest

    @docs.create
    def create(self, request: SignedInRequest) -> Response:
        facts = ManualSecuritySerializer(data=request.data)
        facts.is_valid(raise_exception=True)
        security = add_security(request.user, **facts.validated_data)
        return Response(self._shown(security), status=status.HTTP_201_CREATED)

    @docs.partial_update
    def partial_update(self, request: SignedInRequest, symbol: str) -> Response:
        security = self._own(symbol)
        changes = ManualSecuritySerializer(security, data=request.data, partial=True)
        changes.is_valid(raise_exception=True)
        change_security(security, changes.validated_data)
        return Response(self._shown(security))

    @docs.destroy
    def destroy(self, request: SignedInRequest, symbol: str) -> Response:
        delete_security(self._own(symbol))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _own(self, name: str) -> Security:
        return find_manual(Security.objects.filter(owner=self.request.user), name)

    def _shown(self, security: Security) -> Any:
        """As a later read would answer; gone meanwhile, it is not found."""
        stored = self.get_queryset().filter(pk=security.pk).first()
        if stored is None:
            raise NotFound
        return self.get_serializer(stored).data


class ManualPrices(GenericViewSet[Security]):
    """Prices of one's own manual securities and, for staff, of everyone's."""

    request: SignedInRequest

    def put_prices(self, request: SignedInRequest, symbol: str) -> Response:
        security = self._priced(symbol)
        body = ManualPriceSerializer(data=request.data, many=True, context={"today": _today(security)})
        body.is_valid(raise_exception=True)
        return self._store(security, body.validated_data)

    @docs.upload_prices
    @action(
        detail=True,
        methods=["post"],
        url_path="prices/upload",
        parser_classes=[BoundedMultiPartParser],
        pagination_class=None,
    )
    def upload_prices(self, request: SignedInRequest, symbol: str) -> Response:
        security = self._priced(symbol)
        upload = PriceFileSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        sheet = read_sheet(upload.validated_data["file"].read(), most=MAX_PRICES)
        body = ManualPriceSerializer(data=sheet.rows, many=True, context={"today": _today(security)})
        if not body.is_valid() or sheet.wrong:
            raise ValidationError(violations_by_line(sheet, body.errors))
        return self._store(security, body.validated_data)

    @docs.delete_price
    @action(
        detail=True,
        methods=["delete"],
        url_path="prices/(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})",
        pagination_class=None,
    )
    def delete_price(self, request: SignedInRequest, symbol: str, day: str) -> Response:
        delete_price(self._priced(symbol), on=_day(day), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _priced(self, name: str) -> Security:
        return find_manual(priced_by(self.request.user), name)

    def _store(self, security: Security, bars: list[DailyBar]) -> Response:
        return Response(PriceCountsSerializer(put_prices(security, bars, by=self.request.user)).data)


def _today(security: Security) -> date:
    return timezone.now().astimezone(ZoneInfo(security.time_zone)).date()


def _day(text: str) -> date:
    """Raises NotFound for a day that no calendar has."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise NotFound from error
