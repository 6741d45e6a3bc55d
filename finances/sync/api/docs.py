"""What the API document says of sync runs."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema, extend_schema_view

from finances.sync.api.serializers import SyncRunDetailSerializer, SyncRunSerializer

ID = OpenApiParameter("id", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH)
COUNTS = {"bars_added": 5, "bars_changed": 1, "bars_quarantined": 0}
RUN = {
    "id": "7d0f5a52-5f0c-4f0e-9a51-0b8f7f2c1f7e", "kind": "PRICES", "scope": "STALE", "intervals": ["1d"],
    "trigger": "COMMAND", "started_by": None, "started_at": "2022-12-28T22:10:00.120000Z",
    "finished_at": "2022-12-28T22:10:03.620000Z", "duration_seconds": 3.5, "status": "FAILED",
    "error_code": "symbol_not_found", "symbols": 2, "succeeded": 1, "failed": 1, **COUNTS,
}  # fmt: skip
OUTCOMES = [
    {"symbol": "AAPL", "source": "yahoo", "status": "SUCCEEDED", "error_code": "",
     "started_at": "2022-12-28T22:10:00.150000Z", "finished_at": "2022-12-28T22:10:03.400000Z",
     "duration_seconds": 3.25, **COUNTS},
    {"symbol": "NOSUCH", "source": "yahoo", "status": "FAILED", "error_code": "symbol_not_found",
     "started_at": "2022-12-28T22:10:00.160000Z", "finished_at": "2022-12-28T22:10:01.660000Z",
     "duration_seconds": 1.5, "bars_added": 0, "bars_changed": 0, "bars_quarantined": 0},
]  # fmt: skip


def answered(value: Any) -> OpenApiExample:
    return OpenApiExample("Answer", value=value, response_only=True, status_codes=["200"])


sync_runs = extend_schema_view(
    list=extend_schema(
        summary="List sync runs",
        description="The syncs of prices and rates that you ordered, newest first, with what came of their symbols in "
        "numbers; for staff every sync, by request, back office, command or schedule.",
        tags=["market-data"],
        responses={200: SyncRunSerializer(many=True)},
        examples=[answered(RUN)],
    ),
    retrieve=extend_schema(
        summary="Read a sync run",
        description="With the outcome of each symbol; of one that is under way, its progress.",
        tags=["market-data"],
        parameters=[ID],
        responses={200: SyncRunDetailSerializer},
        examples=[answered({**RUN, "resumes": None, "outcomes": OUTCOMES})],
    ),
)
