"""Which versions a statement replaces."""

import pytest

from finances.data_versions import EVERYTHING, MARKET, PEOPLE, outdated_by

NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("sql", "replaced"),
    [
        ('SELECT "accounts_account"."id" FROM "accounts_account" FOR UPDATE OF "accounts_account"', NOTHING),
        ("select id from securities_security for no key update of securities_security", NOTHING),
        ('INSERT INTO "securities_security" ("symbol") VALUES (%s)', {MARKET}),
        ('UPDATE "currencies_currency" SET "name" = %s', {MARKET}),
        ('DELETE FROM "accounts_account" WHERE "id" = %s', {PEOPLE}),
        ("update only accounts_holding set quantity = 0", {PEOPLE}),
        ("delete\nfrom accounts_account", {PEOPLE}),
        ("merge into accounts_account using securities_security on true when matched then do nothing", {PEOPLE}),
        (
            "with w as (insert into securities_price (ts) select 1 on conflict (ts) do update set ts = 1) "
            "update accounts_holding set quantity = 0",
            EVERYTHING,
        ),
        ("insert into securities_price (ts) values (1) on conflict (ts) do update\n set ts = 2", {MARKET}),
        ('INSERT INTO "users_session" ("id") VALUES (%s)', NOTHING),
        ('UPDATE "sync_syncrun" SET "status" = %s', NOTHING),
        ('UPDATE "budgets_budget" SET "name" = %s', EVERYTHING),
        ('TRUNCATE "users_user", "accounts_account"', EVERYTHING),
        ('ALTER TABLE "accounts_account" ADD COLUMN "x" int', EVERYTHING),
        ("  copy accounts_account from stdin", EVERYTHING),
        ('SAVEPOINT "s1"', NOTHING),
        ("SET CONSTRAINTS ALL IMMEDIATE", NOTHING),
    ],
)
def test_what_a_statement_replaces(sql: str, replaced: set[str]) -> None:
    assert outdated_by(sql) == replaced
