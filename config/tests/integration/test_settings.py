"""What the environment may and may not ask for: settings are read in a process of their own."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

# Empty rather than absent, so that no .env file of a developer fills in.
NOTHING = dict.fromkeys(("SECRET_KEY", "JWT_SIGNING_KEY", "ALLOWED_HOSTS", "DATABASE_URL", "REDIS_URL"), "")
PRODUCTION = {
    "ENVIRONMENT": "production",
    "DEBUG": "false",
    "WEB_WORKERS": "1",
    "SECRET_KEY": "s" * 50,
    "JWT_SIGNING_KEY": "j" * 50,
    "ALLOWED_HOSTS": "api.example.test",
    "DATABASE_URL": "postgres://finances:secret@db.example.test:5433/finances",
    "REDIS_URL": "",
}


def read(expression: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"import json; from config import settings; print(json.dumps({expression}))"],
        env={**kept, **NOTHING, **environment},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=60,
    )


def value(expression: str, **environment: str) -> Any:
    done = read(expression, **environment)
    assert done.stderr == ""
    return json.loads(done.stdout)


def refusal(**environment: str) -> str:
    done = read("0", **environment)
    assert done.returncode == 1
    return done.stderr.splitlines()[-1].removeprefix("django.core.exceptions.ImproperlyConfigured: ")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"SECRET_KEY": ""}, "ENVIRONMENT=production needs SECRET_KEY."),
        ({"JWT_SIGNING_KEY": ""}, "ENVIRONMENT=production needs JWT_SIGNING_KEY."),
        ({"ALLOWED_HOSTS": ""}, "ENVIRONMENT=production needs ALLOWED_HOSTS."),
        (NOTHING, "ENVIRONMENT=production needs SECRET_KEY, JWT_SIGNING_KEY, ALLOWED_HOSTS."),
        ({"DEBUG": "true"}, "ENVIRONMENT=production refuses DEBUG."),
        ({"DATABASE_URL": ""}, "ENVIRONMENT=production needs a PostgreSQL DATABASE_URL, not SQLite."),
        ({"DATABASE_URL": "sqlite:///x"}, "ENVIRONMENT=production needs a PostgreSQL DATABASE_URL, not SQLite."),
        (
            {"CELERY_VISIBILITY_TIMEOUT": "169"},
            "CELERY_VISIBILITY_TIMEOUT below 170 would have work done twice.",
        ),
        *(
            (
                {"REDIS_URL": "redis://cache.example.test:6379/0", "ANSWERS_KEPT_SECONDS": seconds},
                "ANSWERS_KEPT_SECONDS must divide 900: an answer would be kept beyond a midnight.",
            )
            for seconds in ("7", "1800", "-30")
        ),
        ({"WEB_WORKERS": "2"}, "WEB_WORKERS above 1 needs REDIS_URL: throttles and caches must be shared."),
    ],
)
def test_production_refuses_to_start(environment: dict[str, str], message: str) -> None:
    assert refusal(**{**PRODUCTION, **environment}) == message


def test_production_starts_with_all_it_needs() -> None:
    flags = "[settings.DEBUG, settings.EMBEDDED, settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS]"

    assert value(flags, **PRODUCTION) == [False, False, True, ["api.example.test"]]


def test_several_workers_start_with_redis() -> None:
    assert value("settings.WEB_WORKERS", WEB_WORKERS="2", REDIS_URL="redis://redis.example.test/0") == 2


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, 0),
        ({"DATABASE_URL": "postgres://db.example.test/finances"}, 0),
        ({"REDIS_URL": "redis://redis.example.test/0"}, 0),
        ({"DATABASE_URL": "postgres://db.example.test/finances", "REDIS_URL": "redis://redis.example.test/0"}, 30),
    ],
)
def test_answers_are_kept_where_every_process_hears_of_writes(environment: dict[str, str], seconds: int) -> None:
    assert value("settings.ANSWERS_KEPT_SECONDS", **environment) == seconds


def test_a_dead_redis_costs_no_error_and_little_time() -> None:
    environment = {**PRODUCTION, "REDIS_URL": "redis://redis.example.test/0"}

    options = value("[settings.CACHES[name]['OPTIONS'] for name in ('default', 'series')]", **environment)

    assert options == [{"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 1}] * 2


def test_nothing_set_is_sqlite_with_queueing_writers() -> None:
    assert value("settings.DATABASES['default']['OPTIONS']") == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;",
    }


def database(url: str, **environment: str) -> Any:
    return value("settings.DATABASES['default']", DATABASE_URL=url, **environment)


def test_postgresql_url_is_taken_apart() -> None:
    assert database("postgres://finances:p%40ss%2Fword@db.example.test:5433/fin%20ances") == {
        "ENGINE": "finances.postgresql",
        "NAME": "fin ances",
        "USER": "finances",
        "PASSWORD": "p@ss/word",
        "HOST": "db.example.test",
        "PORT": 5433,
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            "sslmode": "prefer",
            "connect_timeout": 5,
            "prepare_threshold": 5,
            "pool": {"min_size": 2, "max_size": 10, "timeout": 5.0},
        },
    }


def test_pool_and_encryption_come_from_the_environment() -> None:
    sizes = {"DATABASE_POOL_MIN": "1", "DATABASE_POOL_MAX": "3", "DATABASE_POOL_TIMEOUT": "0.5"}

    assert database("postgres://db.example.test/x", DATABASE_SSLMODE="verify-full", **sizes)["OPTIONS"] == {
        "sslmode": "verify-full",
        "connect_timeout": 5,
        "prepare_threshold": 5,
        "pool": {"min_size": 1, "max_size": 3, "timeout": 0.5},
    }


def test_options_of_the_url_win_and_the_pool_stays() -> None:
    config = database("postgres://db.example.test/x?sslmode=require&pool=true&conn_max_age=60")

    assert (config["OPTIONS"]["sslmode"], config["CONN_MAX_AGE"]) == ("require", 0)
    assert config["OPTIONS"]["pool"] == {"min_size": 2, "max_size": 10, "timeout": 5.0}


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgres://finances@%2Fvar%2Frun%2FPostgreSQL/x", "/var/run/PostgreSQL", ""),
        ("postgresql://finances:secret@%2fvar%2frun%2fpg:5433/x", "/var/run/pg", 5433),
        ("postgres:////var/run/postgresql/x", "/var/run/postgresql", ""),
        ("postgres://[::1]:5433/x", "::1", 5433),
    ],
)
def test_host_of_the_url(url: str, host: str, port: int | str) -> None:
    config = database(url)

    assert (config["HOST"], config["PORT"], config["NAME"]) == (host, port, "x")
