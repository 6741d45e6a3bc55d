"""The databases: made, filled with the same rows in both schemas, dropped."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from argon2 import PasswordHasher
from psycopg import sql

from benchmarks.environment import BASELINE_PYTHON, OURS_PYTHON, ROOT, Environment
from benchmarks.size import Size

FILL = Path(__file__).with_name("fill.sql")
PASSWORD = "bench-password"  # noqa: S105 - of users that exist in this database alone
# Baseline's table and columns <- the same rows of ours.
COPIES = {
    "users (id, email, password, is_active, is_superuser, base_currency, created_at, updated_at)":
        "select id, email, substr(password, 7), is_active, is_superuser, base_currency, created_at, updated_at "
        "from users_user",
    "currencies (code, name, minor_digits)": "select code, name, minor_digits from currencies_currency",
    "exchange_rates (id, base, quote, day, rate, source)":
        "select gen_random_uuid(), base_id, quote_id, day, quote_per_base, source from currencies_exchangerate",
    "securities (id, symbol, name, security_type, exchange, currency_code, quote_unit, sector, industry, market_cap, "
    "isin, time_zone, is_active, current_price, price_at, last_synced_at, created_at, updated_at)":
        "select uuid, symbol, name, security_type, exchange, currency_code, quote_unit, sector, industry, market_cap, "
        "isin, time_zone, is_active, close, ts, last_synced_at, created_at, updated_at from securities_security s "
        "left join lateral (select close, ts from securities_price where security_id = s.id and interval = 1440 "
        "order by ts desc limit 1) newest on true",
    "prices (id, security_id, interval, timestamp, open, high, low, close, volume)":
        "select gen_random_uuid(), uuid, '1d', ts, open, high, low, close, volume from securities_price p "
        "join securities_security s on s.id = p.security_id order by p.security_id, ts",
    "accounts (id, owner_id, name, account_type, currency_code, interest_rate, is_active, opened_on, closed_on, "
    "created_at, updated_at)":
        "select id, owner_id, name, account_type, currency_code, interest_rate, is_active, opened_on, closed_on, "
        "created_at, updated_at from accounts_account",
    "account_values (id, account_id, value_date, value, recorded_at)":
        "select id, account_id, value_date, value, recorded_at from accounts_accountvalue",
    "holdings (id, account_id, security_id, quantity, average_cost, acquired_on, created_at, updated_at)":
        "select h.id, account_id, uuid, quantity, average_cost, acquired_on, h.created_at, h.updated_at "
        "from accounts_holding h join securities_security s on s.id = h.security_id",
}  # fmt: skip


@contextmanager
def databases(environment: Environment, size: Size, *, keep: bool) -> Iterator[tuple[str, str]]:
    """Names of ours and the baseline's, filled. Kept ones are found again by their size."""
    names = f"bench_ours_{size.name}", f"bench_fastapi_{size.name}"
    with psycopg.connect(environment.postgres, autocommit=True) as cluster:
        try:
            if not _are_filled(cluster, names):
                _drop(cluster, names)
                _make(cluster, environment, size, names)
            # What has been migrated since they were made.
            _run([OURS_PYTHON, "manage.py", "prepare"], environment.of_ours(names[0]))
            yield names
        finally:
            if not keep:
                _drop(cluster, names)


def _are_filled(cluster: psycopg.Connection, names: tuple[str, str]) -> bool:
    """The comment is the last thing that filling does."""
    found = cluster.execute(
        "select count(*) from pg_database where datname = any(%s) and shobj_description(oid, 'pg_database') = 'filled'",
        [list(names)],
    ).fetchone()
    return found == (2,)


def _make(cluster: psycopg.Connection, environment: Environment, size: Size, names: tuple[str, str]) -> None:
    ours, baseline = names
    for name in names:
        cluster.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        # Workers that live for one query cannot be charged to it: all of a query runs in its backend.
        cluster.execute(
            sql.SQL("alter database {} set max_parallel_workers_per_gather = 0").format(sql.Identifier(name))
        )
    _run([OURS_PYTHON, "manage.py", "prepare"], environment.of_ours(ours))
    _run([BASELINE_PYTHON, "-m", "benchmarks.fastapi_baseline.create_tables"], environment.of_baseline(baseline))
    with psycopg.connect(environment.database(ours), autocommit=True) as source:
        fill(source, size)
        with psycopg.connect(environment.database(baseline), autocommit=True) as target:
            _copy(source, target)
    for name in names:
        cluster.execute(sql.SQL("comment on database {} is 'filled'").format(sql.Identifier(name)))


def fill(source: psycopg.Connection, size: Size) -> None:
    hasher = PasswordHasher(time_cost=2, memory_cost=102_400, parallelism=8)
    facts = {
        "users": size.users,
        "securities": size.securities,
        "with_history": size.with_history,
        "password": f"argon2{hasher.hash(PASSWORD)}",
    }
    psycopg.ClientCursor(source).execute(FILL.read_bytes(), facts)
    source.execute("vacuum analyze")


def _copy(source: psycopg.Connection, target: psycopg.Connection) -> None:
    for columns, rows in COPIES.items():
        with (
            source.cursor().copy(f"copy ({rows}) to stdout".encode()) as out,
            target.cursor().copy(f"copy {columns} from stdin".encode()) as into,
        ):
            for block in out:
                into.write(block)
    target.execute("vacuum analyze")


def _drop(cluster: psycopg.Connection, names: tuple[str, str]) -> None:
    for name in names:
        cluster.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, env=environment, cwd=ROOT, check=True)  # noqa: S603 - our own commands
