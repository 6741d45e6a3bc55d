"""The OpenAPI document: what every operation shares is said here once."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticated


class Problem(serializers.Serializer[Any]):
    detail = serializers.CharField(help_text="A sentence for people.")
    code = serializers.CharField(help_text="A stable code for programs.")


@extend_schema_field({"oneOf": [{"type": "string"}, {"type": "integer"}]})
class LocPartField(serializers.Field[Any, Any, Any, Any]):
    """A name, or a position in a list."""


class ViolationSerializer(serializers.Serializer[Any]):
    loc = serializers.ListField(child=LocPartField(), help_text='Where: "body" or "query", then names and positions.')
    msg = serializers.CharField()
    type = serializers.CharField()


class ValidationProblem(serializers.Serializer[Any]):
    detail = ViolationSerializer(many=True)
    code = serializers.CharField(help_text="validation_error")


def problem(description: str) -> OpenApiResponse:
    return OpenApiResponse(Problem, description)


LIST_HEADERS = [
    OpenApiParameter("X-Total-Count", int, OpenApiParameter.HEADER, response=[200], description="Length of the list."),
    OpenApiParameter("Link", str, OpenApiParameter.HEADER, response=[200], description="next, prev, first, last."),
]


class ContractSchema(AutoSchema):
    """Adds the error answers and list headers that operations share to what each declares."""

    def get_override_parameters(self) -> list[Any]:
        paginated = self._is_list_view() and getattr(self.view, "pagination_class", None)
        return [*super().get_override_parameters(), *(LIST_HEADERS if paginated else [])]

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status, response in self._problems().items():
            if status not in bodies:
                bodies[status] = self._get_response_for_code(response, status, direction=direction)  # type: ignore[no-untyped-call]
        return bodies

    def _problems(self) -> dict[str, OpenApiResponse]:
        permissions = {type(permission) for permission in self.view.get_permissions()}
        found = {
            "422": OpenApiResponse(ValidationProblem, "Malformed or invalid fields or parameters."),
            "429": problem("Too many requests; see Retry-After."),
            "default": problem("Any other refusal or failure."),
        }
        if AllowAny not in permissions:
            found["401"] = problem("No valid access token.")
        if permissions - {AllowAny, IsAuthenticated}:
            found["403"] = problem("Not allowed for this user.")
        if "{" in self.path:
            found["404"] = problem("Not found, or not yours.")
        return found
