"""Health: what a probe reads, with everything up and with each part down."""

import time
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from psycopg_pool import ConnectionPool
from pytest_django import Settings
from rest_framework.test import APIClient

DEAD_REDIS = "redis://127.0.0.1:1/0"


def get(path: str) -> tuple[int, Any]:
    response = APIClient().get(path)
    return response.status_code, response.json()


def test_health() -> None:
    assert get("/health") == (200, {"status": "healthy"})


def test_a_probe_by_address_in_plain_http_is_answered(settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["finances.example"], True

    assert APIClient(headers={"host": "10.0.0.7:8000"}).get("/health").status_code == 200


def test_health_is_not_cached() -> None:
    assert APIClient().get("/health")["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"


def test_database_connected() -> None:
    assert get("/health/db") == (200, {"status": "healthy", "database": "connected"})


def test_database_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise OperationalError("could not connect to secret-host")

    monkeypatch.setattr("finances.api.health._ask_database", fail)

    assert get("/health/db") == (503, {"status": "unhealthy", "database": "disconnected"})


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no pool")
def test_database_gone_is_known_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    with ConnectionPool("host=127.0.0.1 port=1", min_size=1, open=False) as dead:
        monkeypatch.setattr(type(connections["default"]), "pool", dead)
        started = time.monotonic()

        answer = get("/health/db")

        assert answer == (503, {"status": "unhealthy", "database": "disconnected"})
        assert time.monotonic() - started < 2


def test_redis_not_configured(settings: Settings) -> None:
    settings.REDIS_URL = ""

    assert get("/health/redis") == (200, {"status": "healthy", "redis": "not_configured"})


def test_redis_connected(settings: Settings) -> None:
    if not settings.REDIS_URL:
        pytest.skip("needs REDIS_URL")

    assert get("/health/redis") == (200, {"status": "healthy", "redis": "connected"})


def test_redis_disconnected(settings: Settings) -> None:
    settings.REDIS_URL = DEAD_REDIS
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": DEAD_REDIS,
            "OPTIONS": {"IGNORE_EXCEPTIONS": True},
        }
    }

    assert get("/health/redis") == (503, {"status": "unhealthy", "redis": "disconnected"})


@pytest.mark.parametrize("path", ["/health", "/health/db", "/health/redis"])
def test_other_method_is_refused(path: str) -> None:
    response = APIClient(enforce_csrf_checks=True).post(path)

    assert (response.status_code, response.json(), response["Allow"]) == (
        405,
        {"detail": 'Method "POST" not allowed.', "code": "method_not_allowed"},
        "GET, HEAD",
    )
