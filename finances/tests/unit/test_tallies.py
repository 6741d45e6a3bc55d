"""Tallies: kept together while there is a cache, and given up without an error while it is away."""

from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from finances import tallies


@pytest.fixture
def dead_redis(settings: Settings) -> None:
    """A closed port, and errors that are ignored as config.settings has it."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django_redis.cache.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 1},
        }
    }


def test_what_has_been_counted_is_read_with_zeros_beside_it() -> None:
    tallies.add("sent")
    tallies.add("sent", 2)

    assert tallies.read(["sent", "refused"]) == {"sent": 3, "refused": 0}


@pytest.mark.usefixtures("dead_redis")
def test_a_dead_redis_neither_raises_nor_counts() -> None:
    tallies.add("sent")

    assert tallies.read(["sent"]) == {}


def test_a_count_lost_between_add_and_incr_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def lose(key: str, value: int, timeout: Any) -> bool:
        return True

    monkeypatch.setattr(cache, "add", lose)

    tallies.add("sent")

    assert tallies.read(["sent"]) == {}


def test_a_fault_of_the_code_is_raised() -> None:
    by: Any = "one"

    with pytest.raises(TypeError):
        tallies.add("sent", by)
