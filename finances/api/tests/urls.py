"""Views that exist for tests only: the kernel's parts, each under the plainest view that uses it."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from finances import errors
from finances.api import views
from finances.api.filters import FilterSet, TotalOrdering, UpdatedSince
from finances.api.parameters import read_parameters
from finances.api.throttles import LoginThrottle

FAULTS: dict[str, Exception] = {
    "rule": errors.RuleViolation("The start comes after the end."),
    "unauthenticated": errors.Unauthenticated("The pair is wrong."),
    "forbidden": errors.Forbidden("This account is disabled."),
    "missing": errors.NotFound(),
    "conflict": errors.Conflict("It is in use."),
    "yahoo": errors.YahooRateLimited(retry_after=7),
    "nameless": errors.FinancesError("secret detail"),
    "crash": RuntimeError("secret detail"),
    "integrity": IntegrityError("secret detail"),
    "data": DataError("secret detail"),
    "operational": OperationalError("secret detail"),
    "interface": InterfaceError("secret detail"),
    "http404": Http404("secret detail"),
    "denied": PermissionDenied("secret detail"),
    "suspicious": SuspiciousOperation("secret detail"),
    "login": exceptions.NotAuthenticated(),
    "generic": exceptions.APIException("secret detail"),
}


class OpenView(APIView):
    authentication_classes: ClassVar[list[Any]] = []  # type: ignore[misc]
    permission_classes = [AllowAny]


class FaultView(OpenView):
    def get(self, request: Request, name: str) -> Response:
        raise FAULTS[name].with_traceback(None)


class LineSerializer(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=20, decimal_places=8)
    tags = serializers.ListField(child=serializers.CharField(max_length=5), default=list)


class OrderSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField()
    lines = LineSerializer(many=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["lines"]:
            raise serializers.ValidationError("An order has lines.", code="empty")
        return attrs


class OrderView(OpenView):
    def post(self, request: Request) -> Response:
        serializer = OrderSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        return Response(serializer.data, status=201)

    def delete(self, request: Request) -> Response:
        return Response(status=204)


class EchoView(OpenView):
    def post(self, request: Request) -> Response:
        return Response({name: repr(value) for name, value in dict(request.data).items()})


class LoginView(OpenView):
    throttle_classes = [LoginThrottle]

    def post(self, request: Request) -> Response:
        return Response({"access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", **dict(request.data)})


class ValuesView(OpenView):
    def get(self, request: Request) -> Response:
        return Response({
            "id": uuid.UUID(int=1),
            "at": datetime(2024, 2, 29, 12, 30, tzinfo=UTC),
            "on": date(2024, 2, 29),
            "lazy": gettext_lazy("Monday"),
            "text": exceptions.ErrorDetail("words", code="code"),
        })  # fmt: skip


class BareDecimalView(OpenView):
    def get(self, request: Request) -> Response:
        return Response({"amount": Decimal("1.10")})


class RangeParameters(serializers.Serializer[Any]):
    start_date = serializers.DateField()
    adjusted = serializers.BooleanField(default=True)
    query = serializers.CharField(required=False)


class RangeView(OpenView):
    def get(self, request: Request) -> Response:
        return Response(read_parameters(RangeParameters, request))


class GroupFilter(FilterSet):
    name = django_filters.CharFilter(lookup_expr="startswith")
    number = django_filters.NumberFilter(field_name="pk")
    key = django_filters.UUIDFilter(method="ignore")
    ordering = TotalOrdering(fields=("name",))

    def ignore(self, groups: Any, name: str, value: Any) -> Any:
        return groups


class GroupSerializer(serializers.ModelSerializer[Group]):
    class Meta:
        model = Group
        fields = ["name"]


class GroupListView(OpenView, ListAPIView[Group]):
    queryset = Group.objects.order_by("-pk")
    serializer_class = GroupSerializer
    filterset_class = GroupFilter


class GuardedView(RetrieveAPIView[Group]):
    queryset = Group.objects.all()
    serializer_class = GroupSerializer
    permission_classes = [IsAdminUser]


class SessionFilter(FilterSet):
    updated_since = UpdatedSince(field_name="expire_date")


class SessionListView(OpenView, ListAPIView[Session]):
    queryset = Session.objects.order_by("pk")
    filterset_class = SessionFilter

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response([session.pk for session in self.filter_queryset(self.get_queryset())])


def plain_fault(request: HttpRequest, name: str) -> HttpResponse:
    raise FAULTS[name].with_traceback(None)


def change_session(request: HttpRequest) -> HttpResponse:
    request.session["seen"] = True
    return HttpResponse()


urlpatterns = [
    re_path("\x00", views.nowhere),
    path("faults/<str:name>", FaultView.as_view()),
    path("orders", OrderView.as_view()),
    path("echo", EchoView.as_view()),
    path("login", LoginView.as_view()),
    path("values", ValuesView.as_view()),
    path("decimal", BareDecimalView.as_view()),
    path("range", RangeView.as_view()),
    path("api/v1/groups", GroupListView.as_view()),
    path("guarded/<int:pk>", GuardedView.as_view()),
    path("sessions", SessionListView.as_view()),
    path("plain/<str:name>", plain_fault),
    path("admin/plain/<str:name>", plain_fault),
    path("admin/session", change_session),
]
handler400 = "finances.api.views.bad_request"
handler403 = "finances.api.views.forbidden"
handler404 = "finances.api.views.not_found"
handler500 = "finances.api.views.crash"
