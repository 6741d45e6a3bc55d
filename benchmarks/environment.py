"""Where things are: PostgreSQL, Redis, both Pythons, and the environment each server is started with."""

import os
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
OURS_PYTHON = sys.executable
BASELINE_PYTHON = str(ROOT / ".venv-bench/bin/python")
WORKERS = 2
"""Processes of each server, docker-compose.yml's default."""


@dataclass(frozen=True)
class Environment:
    postgres: str = field(
        default_factory=lambda: os.environ.get("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/postgres")
    )
    redis: str = field(default_factory=lambda: os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/13"))
    key: str = field(default_factory=lambda: secrets.token_urlsafe(50))
    lean: bool = False
    """The baseline's log pared down."""
    anew: bool = False
    """Ours makes each answer anew."""
    cache_prefix: str = field(default_factory=lambda: f"bench-{secrets.token_hex(4)}")

    def database(self, name: str) -> str:
        """The URL of the cluster's database `name`."""
        return urlunsplit(urlsplit(self.postgres)._replace(path=f"/{name}"))

    def of_ours(self, database: str) -> dict[str, str]:
        """As docker-compose.yml sets it, but for limits that a benchmark would run into: they are counted, and high."""
        return {
            **_inherited(),
            "ENVIRONMENT": "production",
            "SECRET_KEY": self.key,
            "JWT_SIGNING_KEY": self.key,
            "ALLOWED_HOSTS": "127.0.0.1",
            "CORS_ALLOWED_ORIGINS": "https://finances.example",
            "DATABASE_URL": self.database(database),
            "REDIS_URL": self.redis,
            "CACHE_PREFIX": self.cache_prefix,
            "WEB_WORKERS": str(WORKERS),
            "PASSWORD_HASHES_AT_ONCE": "64",
            "SECURE_SSL_REDIRECT": "false",
            "EMAIL_URL": "dummymail://",
            "YAHOO_BACKEND": "finances.yahoo.offline.OfflineYahoo",
            "ACCESS_TOKEN_MINUTES": "720",
            **({"ANSWERS_KEPT_SECONDS": "0"} if self.anew else {}),
            **{f"THROTTLE_{scope}": "100000000/min" for scope in ("ANON", "USER", "LOGIN", "SYNC")},
        }

    def of_baseline(self, database: str) -> dict[str, str]:
        lean = {"LEAN": "1"} if self.lean else {}
        return {**_inherited(), **lean, "JWT_SIGNING_KEY": self.key, "DATABASE_URL": self.database(database)}


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
