"""How the portfolio did."""

from rest_framework.response import Response

from accounts.api.portfolio import performance_docs as docs
from accounts.api.portfolio.parameters import last_day, read_scope
from accounts.api.portfolio.performance_bodies import performance_body
from accounts.api.portfolio.performance_serializers import PerformanceParameters, PerformanceSerializer, query_of
from accounts.api.portfolio.views import PortfolioView
from accounts.portfolio.performance.reading import read_performance
from finances.users.requests import SignedInRequest


class PerformanceView(PortfolioView):
    serializer_class = PerformanceSerializer

    @docs.performance
    def get(self, request: SignedInRequest) -> Response:
        wanted = read_scope(request, PerformanceParameters)
        query = query_of(wanted, last_day(request.user, wanted["known_at"]))
        return Response(performance_body(read_performance(request.user, query, today=last_day(request.user, None))))
