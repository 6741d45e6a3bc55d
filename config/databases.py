"""The databases: SQLite when DATABASE_URL is unset, else PostgreSQL. README.md lists the variables."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import environ

env = environ.Env()


def database(url: str, *, folder: Path) -> dict[str, Any]:
    """Settings of the primary; without a `url` a file in `folder`."""
    url = url or f"sqlite:///{folder / 'db.sqlite3'}"
    return _sqlite(url) if url.startswith("sqlite") else _postgresql(url)


def replica(url: str) -> dict[str, Any]:
    """Settings of a streaming replica, which is given up sooner: the primary answers in its place."""
    config = _postgresql(url)
    config["OPTIONS"]["connect_timeout"] = 1
    config["OPTIONS"]["pool"]["timeout"] = 1.0
    return config


def _postgresql(url: str) -> dict[str, Any]:
    config: dict[str, Any] = {**env.db_url_config(url), "ENGINE": "finances.postgresql"}
    host = urlsplit(url).netloc.rpartition("@")[2]
    if "%" in host:
        # A socket's folder, which django-environ leaves encoded and in lower case.
        config["HOST"] = unquote(host.partition(":")[0])
    config["CONN_MAX_AGE"] = 0  # the pool keeps the connections, and checks them
    config["OPTIONS"] = {
        "sslmode": env.str("DATABASE_SSLMODE", default="prefer"),
        "connect_timeout": 5,
        # Statements that come often are planned once for each connection; behind an old pooler see docs/operations.md.
        "prepare_threshold": 5,
        **config.get("OPTIONS", {}),  # the URL's own, which win
        "pool": {
            "min_size": env.int("DATABASE_POOL_MIN", default=2),
            "max_size": env.int("DATABASE_POOL_MAX", default=10),
            "timeout": env.float("DATABASE_POOL_TIMEOUT", default=5.0),
        },
    }
    return config


def _sqlite(url: str) -> dict[str, Any]:
    config: dict[str, Any] = env.db_url_config(url)
    # IMMEDIATE takes the write lock at BEGIN, so that writers queue instead of failing with "database is locked".
    config["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }
    return config
