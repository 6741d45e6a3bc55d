"""Throttles that count per window with an atomic increment.

DRF's own keep a pickled list of times per client, rewritten at each request and racy; a counter is one cache call.
"""

from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import SimpleRateThrottle


class WindowThrottle(SimpleRateThrottle):
    """`rate` requests per fixed window and client (user, else address). A cache that is down throttles nobody."""

    num_requests: int | None
    duration: int | None

    def get_rate(self) -> str | None:
        """Read when asked: DRF's own table is fixed when its class is made. An empty rate is no limit."""
        rates: Any = api_settings.DEFAULT_THROTTLE_RATES
        return rates[self.scope] or None

    def get_cache_key(self, request: Request, view: Any) -> str:
        client = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        return f"throttle:{self.scope}:{client}"

    def allow_request(self, request: Request, view: Any) -> bool:
        if self.num_requests is None or self.duration is None:
            return True
        window, self.elapsed = divmod(self.timer(), self.duration)
        count = self._count(f"{self.get_cache_key(request, view)}:{int(window)}", self.duration)
        return count is None or count <= self.num_requests

    def _count(self, key: str, seconds: int) -> int | None:
        """Requests in the window with this one; None from a Redis that is down, or a cache too full to count in."""
        for _ in ("found", "made"):
            try:
                return self.cache.incr(key)
            except ValueError:
                self.cache.add(key, 0, timeout=seconds + 1)
        return None

    def wait(self) -> float | None:
        return None if self.duration is None else self.duration - self.elapsed


class RequestThrottle(WindowThrottle):
    """Every request: by user at the `user` rate, by address at the `anon` rate."""

    scope = "user"

    def allow_request(self, request: Request, view: Any) -> bool:
        self.scope = "user" if request.user.is_authenticated else "anon"
        self.num_requests, self.duration = self.parse_rate(self.get_rate())
        return super().allow_request(request, view)


class LoginThrottle(WindowThrottle):
    scope = "login"


class SyncThrottle(WindowThrottle):
    scope = "sync"
