"""Throttles that count per window with an atomic increment.

DRF's own keep a pickled list of times per client, rewritten at each request and racy; a counter is one cache call.
"""

from typing import Any, cast
from uuid import UUID

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle

from finances.api.counted import Counter, count

COUNTED = "counted"
"""A request's attribute: the counter that it was counted in while it was authenticated, and the count."""


class WindowThrottle(SimpleRateThrottle):
    """`rate` requests per fixed window and client (user, else address). A cache that is down throttles nobody."""

    num_requests: int | None
    duration: int | None

    def get_rate(self) -> str | None:
        """Read when asked: DRF's own table is fixed when its class is made. An empty rate is no limit."""
        rates: Any = api_settings.DEFAULT_THROTTLE_RATES
        return rates[self.scope] or None

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self._name(request.user.pk if request.user.is_authenticated else self.get_ident(request))

    def allow_request(self, request: Request, view: Any) -> bool:
        if self.num_requests is None or self.duration is None:
            return True
        counter = self._counter(self.get_cache_key(request, view))
        # Who read the user from the cache may have counted at once.
        counted, already = getattr(request, COUNTED, (None, None))
        return self.admits(already if counted == counter else count(counter))

    def admits(self, total: int | None) -> bool:
        """Whether so many requests are within the rate; None is what nobody counted."""
        return total is None or self.num_requests is None or total <= self.num_requests

    def wait(self) -> float | None:
        return None if self.duration is None else self.duration - self.elapsed

    def _name(self, client: Any) -> str:
        return f"throttle:{self.scope}:{client}"

    def _counter(self, name: str) -> Counter:
        """Of the present window; call it with a rate."""
        seconds = cast("int", self.duration)
        window, self.elapsed = divmod(self.timer(), seconds)
        return Counter(f"{name}:{int(window)}", seconds + 1)


class RequestThrottle(WindowThrottle):
    """Every request: by user at the `user` rate, by address at the `anon` rate."""

    scope = "user"

    def allow_request(self, request: Request, view: Any) -> bool:
        self.scope = "user" if request.user.is_authenticated else "anon"
        self.num_requests, self.duration = self.parse_rate(self.get_rate())
        return super().allow_request(request, view)

    def counter_of(self, user: UUID) -> Counter | None:
        """What a request of this user counts in; None if nothing limits it."""
        return None if self.num_requests is None else self._counter(self._name(user))


class LoginThrottle(WindowThrottle):
    scope = "login"


class SyncThrottle(WindowThrottle):
    scope = "sync"
