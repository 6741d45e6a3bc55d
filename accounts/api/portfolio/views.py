"""What all accounts together are worth, were worth, and consist of."""

from rest_framework import generics
from rest_framework.response import Response

from accounts.api.portfolio import docs
from accounts.api.portfolio.bodies import allocation_body, history_body, net_worth_body
from accounts.api.portfolio.parameters import AllocationParameters, HistoryParameters, read_day, read_range
from accounts.api.portfolio.serializers import AllocationSerializer, HistorySerializer, NetWorthSerializer
from accounts.models import Account
from accounts.portfolio.allocation import read_allocation
from accounts.portfolio.history import read_history
from accounts.portfolio.net_worth import read_net_worth
from finances.api.replica import ReplicaReads
from finances.users.requests import SignedInRequest


class PortfolioView(ReplicaReads, generics.GenericAPIView[Account]):
    request: SignedInRequest
    queryset = Account.objects.none()
    pagination_class = None


class NetWorthView(PortfolioView):
    serializer_class = NetWorthSerializer

    @docs.net_worth
    def get(self, request: SignedInRequest) -> Response:
        return Response(net_worth_body(read_net_worth(request.user, **read_day(request))))


class HistoryView(PortfolioView):
    serializer_class = HistorySerializer

    @docs.history
    def get(self, request: SignedInRequest) -> Response:
        wanted = read_range(request, HistoryParameters)
        by_account = wanted.pop("by", None) == "account"
        return Response(history_body(read_history(request.user, by_account=by_account, **wanted)))


class AllocationView(PortfolioView):
    serializer_class = AllocationSerializer

    @docs.allocation
    def get(self, request: SignedInRequest) -> Response:
        return Response(allocation_body(read_allocation(request.user, **read_day(request, AllocationParameters))))
