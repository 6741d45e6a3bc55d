"""The OpenAPI document: what every operation shares is said here once."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema_field
from rest_framework import serializers
from rest_framework.permissions import AllowAny, IsAuthenticated

from finances.api.writes import UNSAFE, Writes


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


LONGEST_NAME = 36
"""Of what a path names: an id, or a symbol. Anything longer is not found."""
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
    OpenApiParameter.HEADER,
    description="Sent again with the same key and body, the request is not done again: its answer comes again.",
)
REPLAYED = OpenApiParameter(
    "Idempotent-Replayed",
    {"type": "string", "enum": ["true"]},
    OpenApiParameter.HEADER,
    response=[200, 201],
    description="This is the answer that was given before under the same key.",
)
ETAG = OpenApiParameter(
    "ETag", str, OpenApiParameter.HEADER, response=[200, 201], description="Of this object as it is now; for If-Match."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    {"type": "string", "maxLength": 4096, "pattern": r'^(\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*)$'},
    OpenApiParameter.HEADER,
    description="The ETag of what was read, or *; 412 if it has changed since.",
)


class ContractSchema(AutoSchema):
    """Adds the error answers and list headers that operations share to what each declares."""

    def get_override_parameters(self) -> list[Any]:
        paginated = self._is_list_view() and getattr(self.view, "pagination_class", None)
        shared = [*(LIST_HEADERS if paginated else []), *self._conditional_headers()]
        return [*super().get_override_parameters(), *shared]

    def _conditional_headers(self) -> list[OpenApiParameter]:
        if not isinstance(self.view, Writes):
            return []
        tag = [ETAG] if self.view.answers_one_object(self.method) and self.method != "DELETE" else []
        if self.method == "GET":
            return tag
        return [*tag, *([IDEMPOTENCY_KEY, REPLAYED] if self.method == "POST" else [IF_MATCH])]

    def _get_parameters(self) -> Any:
        parameters = super()._get_parameters()
        for parameter in parameters:
            if parameter["in"] == "query" and not parameter.get("required"):
                parameter["allowEmptyValue"] = True  # as good as absent
            elif parameter["in"] == "path" and not {"format", "enum"} & parameter["schema"].keys():
                parameter["schema"] = {"maxLength": LONGEST_NAME, **parameter["schema"]}
        return parameters

    def _unwrap_list_serializer(self, serializer: Any, direction: Any) -> Any:
        schema: Any = super()._unwrap_list_serializer(serializer, direction)
        most = getattr(serializer, "most", None) or getattr(serializer, "max_length", None)
        return {**schema, "maxItems": most} if most and schema.get("type") == "array" else schema

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
        if self.method in UNSAFE:
            found["409"] = problem("It exists, is in use or in progress; or the key was sent with another body.")
        if self.method in ("PUT", "PATCH", "DELETE"):
            found["412"] = problem("It is not what If-Match says.")
        if self.method in ("POST", "PUT", "PATCH"):
            found["413"] = problem("The body is too large.")
            found["415"] = problem("The body is not of this type.")
        if "{" in self.path:
            found["404"] = problem("Not found, or not yours.")
        return found
