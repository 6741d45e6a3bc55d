"""What the ledger comes to: cash, gains, lots, and dividends that are due."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework import generics
from rest_framework.response import Response

from accounts.api.transactions import report_docs as docs
from accounts.api.transactions.report_serializers import (
    CashParameters,
    CashSerializer,
    GainParameters,
    GainSerializer,
    LotSerializer,
    ProposalParameters,
    ProposalSerializer,
)
from accounts.api.transactions.views import OwnAccountView
from accounts.ledger.proposals import propose_dividends
from accounts.ledger.realized import open_lots, realized_gains
from accounts.models import Holding, Transaction
from accounts.portfolio.cash import read_cash
from finances.api.parameters import read_parameters
from finances.users.requests import SignedInRequest


class CashView(OwnAccountView):
    serializer_class = CashSerializer

    @docs.cash
    def get(self, request: SignedInRequest, account_id: str) -> Response:
        account, wanted = self.get_object(), read_parameters(CashParameters, request)
        as_of = wanted.get("as_of") or request.user.today()
        cash = read_cash(account, as_of=as_of, known_at=wanted.get("known_at"))
        return Response(CashSerializer(cash, context={"account": account}).data)


class GainsView(OwnAccountView):
    serializer_class = GainSerializer

    @docs.gains
    def get(self, request: SignedInRequest, account_id: str) -> Response:
        account, wanted = self.get_object(), read_parameters(GainParameters, request)
        gains = realized_gains(
            account,
            start=wanted.get("start_date"),
            end=wanted.get("end_date"),
            now=timezone.now(),
            known_at=wanted.get("known_at"),
        )
        return self.get_paginated_response(GainSerializer(self.paginate_queryset(gains), many=True).data)


class LotsView(generics.GenericAPIView[Holding]):
    request: SignedInRequest
    queryset = Holding.objects.none()
    serializer_class = LotSerializer
    lookup_url_kwarg = "holding_id"

    def get_queryset(self) -> QuerySet[Holding]:
        holdings: QuerySet[Holding] = Holding.objects.for_user(self.request.user).select_related("security")
        return holdings

    @docs.lots
    def get(self, request: SignedInRequest, holding_id: Any) -> Response:
        holding = self.get_object()
        page = self.paginate_queryset(open_lots(holding, now=timezone.now()))
        context = {"currency_code": holding.currency_id}
        return self.get_paginated_response(LotSerializer(page, many=True, context=context).data)


class ProposalsView(generics.GenericAPIView[Transaction]):
    request: SignedInRequest
    queryset = Transaction.objects.none()
    serializer_class = ProposalSerializer

    @docs.proposals
    def get(self, request: SignedInRequest) -> Response:
        wanted = read_parameters(ProposalParameters, request)
        found = propose_dividends(
            request.user,
            start=wanted.get("start_date"),
            end=wanted.get("end_date"),
            account_id=wanted.get("account"),
            now=timezone.now(),
        )
        return self.get_paginated_response(ProposalSerializer(self.paginate_queryset(found), many=True).data)
