"""Throttles count each client per window, and cannot be talked out of it."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from pytest_django import Settings
from redis import Redis
from rest_framework.test import APIClient, APIRequestFactory

from finances.api.counted import Counter, Found, count, count_and_read, kept
from finances.api.throttles import LoginThrottle, RequestThrottle, WindowThrottle

pytestmark = pytest.mark.urls("finances.api.tests.urls")
DEAD_REDIS = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"IGNORE_EXCEPTIONS": True},
    }
}
NOON = 1_700_000_040.0  # a whole number of minutes


class Clock:
    now = NOON


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(WindowThrottle, "timer", staticmethod(lambda: clock.now))
    return clock


@pytest.fixture
def rates(settings: Settings) -> Any:
    def use(**rates: str) -> None:
        old = settings.REST_FRAMEWORK
        settings.REST_FRAMEWORK = {
            **old, "DEFAULT_THROTTLE_RATES": {**old["DEFAULT_THROTTLE_RATES"], **rates}
        }  # fmt: skip

    return use


def login(**headers: str) -> Any:
    return APIClient().post("/login", {}, headers=headers)


def statuses(times: int, **headers: str) -> list[int]:
    return [login(**headers).status_code for _ in range(times)]


def test_request_over_the_rate_is_refused(rates: Any, clock: Clock) -> None:
    rates(login="2/min")
    clock.now += 17.5
    assert statuses(2) == [200, 200]

    response = login()

    assert (response.status_code, response.json(), response["Retry-After"]) == (
        429,
        {"detail": "Request was throttled. Expected available in 43 seconds.", "code": "throttled"},
        "43",
    )


def test_next_window_counts_anew(rates: Any, clock: Clock) -> None:
    rates(login="1/min")
    assert statuses(2) == [200, 429]

    clock.now += 60

    assert statuses(1) == [200]


def test_forged_address_changes_nothing(rates: Any) -> None:
    rates(login="1/min")

    assert [login(**{"X-Forwarded-For": f"192.0.2.{last}"}).status_code for last in (1, 2)] == [200, 429]


def test_trusted_proxy_is_believed(rates: Any, settings: Settings) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": 1}
    rates(login="1/min")

    forwarded = ["192.0.2.1", "192.0.2.2", "203.0.113.9, 192.0.2.1"]

    assert [login(**{"X-Forwarded-For": addresses}).status_code for addresses in forwarded] == [200, 200, 429]


def test_empty_rate_is_no_limit(rates: Any) -> None:
    rates(login="")

    assert statuses(3) == [200, 200, 200]


def request_of(pk: int | None) -> Any:
    request: Any = APIRequestFactory().get("/")
    request.user = SimpleNamespace(pk=pk, is_authenticated=pk is not None)
    return request


def test_users_and_addresses_count_apart(rates: Any) -> None:
    rates(anon="1/min", user="2/min")

    allowed = [RequestThrottle().allow_request(request_of(pk), None) for pk in (None, None, 1, 1, 1, 2)]

    assert allowed == [True, False, True, True, False, True]


def test_parallel_requests_share_one_count(rates: Any) -> None:
    rates(login="5/min")

    with ThreadPoolExecutor(16) as pool:
        allowed = list(pool.map(lambda _: LoginThrottle().allow_request(request_of(None), None), range(64)))

    assert allowed.count(True) == 5


def test_counter_lost_between_two_calls_refuses_nobody(rates: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rates(login="1/min")
    monkeypatch.setattr(cache, "add", lambda *args, **options: True)

    assert [LoginThrottle().allow_request(request_of(None), None) for _ in range(2)] == [True, True]


def test_cache_that_is_down_refuses_nobody(rates: Any, settings: Settings) -> None:
    rates(login="1/min")
    settings.CACHES = DEAD_REDIS

    assert statuses(2) == [200, 200]


def test_count_and_read_counts_once_and_finds_what_is_kept() -> None:
    counter = Counter("throttle:user:1:28333334", 61)
    cache.set_many({"kept": {"a": 1}, "number": 7})

    answers = [count_and_read(counter, ["kept", "absent", "number"]) for _ in range(2)]

    assert [(total, found.values) for total, found in answers] == [
        (1, {"kept": {"a": 1}, "number": 7}),
        (2, {"kept": {"a": 1}, "number": 7}),
    ]
    assert count(counter) == 3


def test_count_and_read_without_its_cache_knows_nothing(settings: Settings) -> None:
    settings.CACHES = DEAD_REDIS

    assert count_and_read(Counter("throttle:user:1:28333334", 61), ["kept"]) == (None, Found({}, {}))


def test_what_was_counted_while_authenticating_is_not_counted_again(rates: Any) -> None:
    rates(user="2/min")
    request, throttle = request_of(1), RequestThrottle()
    counter = throttle.counter_of(request.user.pk)
    assert counter is not None

    allowed = []
    for total in (2, 3):
        request.counted = (counter, total)
        allowed.append(throttle.allow_request(request, None))

    assert (allowed, cache.get(counter.name)) == ([True, False], None)


def test_a_count_of_the_window_before_does_not_stand_for_this_one(rates: Any, clock: Clock) -> None:
    rates(user="2/min")
    request, throttle = request_of(1), RequestThrottle()
    request.counted = (throttle.counter_of(request.user.pk), 9)

    clock.now += 60

    assert throttle.allow_request(request, None)


@pytest.mark.skipif(not django_settings.REDIS_URL, reason="of Redis")
def test_what_is_not_to_be_read_comes_as_redis_has_it() -> None:
    cache.set_many({"kept": "a", "version": "b"})

    _total, found = count_and_read(Counter("throttle:user:3:28333334", 61), ["kept"], ["version", "absent"])

    encoded = cache.client.encode  # type: ignore[attr-defined]  # Redis has one
    assert found == Found({"kept": "a"}, {"kept": encoded("a"), "version": encoded("b")})


@pytest.mark.skipif(not django_settings.REDIS_URL, reason="of Redis")
def test_a_connection_that_redis_closed_costs_no_count() -> None:
    counter = Counter("throttle:user:2:28333334", 61)
    first, _ = count_and_read(counter, ["absent"])
    own = kept.script.registered_client.client_id()
    Redis.from_url(django_settings.REDIS_URL).client_kill_filter(_id=str(own))

    second, _ = count_and_read(counter, ["absent"])

    assert (first, second) == (1, 2)
