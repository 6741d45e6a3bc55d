"""How many requests were answered, how, and how long they took, in the terms of Prometheus.

With PROMETHEUS_MULTIPROC_DIR set (the settings do), processes count into files there, and any of them answers for all.
"""

import os
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpRequest
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
UNKNOWN = "none"
"""The route of what no URL pattern matches, whose paths nobody bounds."""
REQUESTS = Counter(
    "finances_requests", "Requests answered, by route, method and status.", ["route", "method", "status"]
)
LATENCY = Histogram(
    "finances_request_seconds",
    "Seconds until a request was answered, by route.",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
REPEATED = Counter("finances_answers_repeated", "Answers of before that were sent again, by route.", ["route"])
# Looking a child up by its labels costs more than counting.
_requests, _latency, _repeated = cache(REQUESTS.labels), cache(LATENCY.labels), cache(REPEATED.labels)


def make_room() -> None:
    """The folder that the settings name, once there is something to count."""
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        Path(folder).mkdir(mode=0o700, exist_ok=True)


def count(request: HttpRequest, status: int, seconds: float) -> None:
    route = _route(request)
    _requests(route, request.method if request.method in METHODS else "OTHER", status).inc()
    _latency(route).observe(seconds)
    if not request.resolver_match and route != UNKNOWN:
        _repeated(route).inc()


def counted() -> bytes:
    """Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def _route(request: Any) -> str:
    match = request.resolver_match
    # A repeated answer is resolved no more, and says which route it was.
    return (match.view_name if match else getattr(request, "route", "")) or UNKNOWN
