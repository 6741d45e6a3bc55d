"""Why a figure is what it is."""

from rest_framework.response import Response

from accounts.api.portfolio import explain_docs as docs
from accounts.api.portfolio.explain_bodies import explanation_body
from accounts.api.portfolio.explain_serializers import ExplanationSerializer, read_question
from accounts.api.portfolio.parameters import last_day
from accounts.api.portfolio.views import PortfolioView
from accounts.portfolio.explain.figures import explain
from finances.users.requests import SignedInRequest


class ExplainView(PortfolioView):
    serializer_class = ExplanationSerializer

    @docs.explain
    def post(self, request: SignedInRequest) -> Response:
        question, page = read_question(request)
        term = explain(request.user, question, today=last_day(request.user, None))
        return Response(explanation_body(term, page))
