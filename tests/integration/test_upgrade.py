"""Migrations: released ones never change, each suits a live database, and all together keep every figure."""

import json
import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "tests" / "released_migrations.sha256"
TEMPLATE = ["2024-01-02 00:00:00+00:00", 0.1, 0.3, 0.1, 0.30000000000000004, 7]
NOT_LINTED_FOR = {
    "NOT_NULL": "the app stands still during an upgrade, so no old code writes; constant defaults rewrite no table",
    "RUNPYTHON_MODEL_VARIABLE_NAME": "a matter of naming",
}


def test_released_migrations_are_never_edited() -> None:
    """`make released` adds new ones when a release is made."""
    lines = (line.split("  ") for line in RELEASED.read_text().splitlines())
    released = {path: digest for digest, path in lines}

    assert len(released) >= 14
    assert {path: sha256((ROOT / path).read_bytes()).hexdigest() for path in released} == released


@pytest.mark.skipif(connection.vendor != "postgresql", reason="what SQLite is told to do says nothing of PostgreSQL")
def test_migrations_suit_a_live_database() -> None:
    linter = MigrationLinter(str(ROOT), no_cache=True, exclude_migration_tests=list(NOT_LINTED_FOR), quiet=["ok"])
    own = {app for app, _ in MigrationLoader(None).disk_migrations if (ROOT / app).is_dir() or app in ("users", "sync")}
    linter.include_apps = sorted(own)

    linter.lint_all_migrations()

    assert not linter.has_errors
    assert linter.nb_total >= 14


def test_the_first_tables_come_up_to_date(own_database: str) -> None:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": own_database, "PYTHONPATH": "."}
    command = [sys.executable, "-m", "tests.upgrade_from_first"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603

    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout.splitlines()[-1])
    assert shown == {
        "users": [["alice@example.test", "not a hash", True, 0]],
        "sessions": [["alice@example.test", "a" * 32, "", None]],
        "values": [["alice@example.test", "0.042500", "9999999999999999.12345678"]],
        "replaced": [["0.00000001"]],
        "securities": [["ACME", None], ["HOUSE", "alice@example.test"]],
        "bars": [["ACME", [["2024-01-03", 2, 1]], *TEMPLATE]],
        "bars_replaced": [TEMPLATE],
        "splits": [["2024-01-03", 2, 1, False]],
        "dividends": [["2024-01-04", "0.12340000"]],
        "key": 8 if own_database.startswith("postgres") else None,
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time, and a timeout")
def test_a_migration_waits_for_no_lock_for_long(settings: Any) -> None:
    settings.MIGRATION_LOCK_TIMEOUT = "50ms"
    facts = {name: connection.settings_dict[name.upper()] for name in ("host", "port", "user", "password")}
    with psycopg.connect(dbname=connection.settings_dict["NAME"], **facts) as other:
        other.execute("select count(*) from auth_group")
        with pytest.raises(OperationalError, match="lock timeout"), connection.schema_editor() as editor:
            editor.execute("alter table auth_group add column colour text")
    with connection.cursor() as cursor:
        cursor.execute("show lock_timeout")
        assert cursor.fetchone() == ("0",)
