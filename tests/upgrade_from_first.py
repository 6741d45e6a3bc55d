"""Run as a program on an empty database: the first tables, filled as the first release filled them, brought up to date.

Prints what is then there as one JSON object. Holdings have a test of their own.
"""

import json
import os
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402

FIRST = [(app, "0001_initial") for app in ("accounts", "securities", "sync", "users")]
"""With what they need: currencies up to 0002."""
MOMENT = datetime(2024, 1, 2, 21, tzinfo=UTC)
DAY = datetime(2024, 1, 2, tzinfo=UTC)
BAR = {"interval": 1440, "ts": DAY, "open": 0.1, "high": 0.3, "low": 0.1, "close": 0.1 + 0.2, "volume": 7}


def fill(apps: Any) -> None:
    def make(label: str, **fields: Any) -> Any:
        return apps.get_model(label).objects.create(**fields)

    euro = make("currencies.Currency", code="EUR", name="Euro", minor_digits=2)
    alice = make("users.User", email="alice@example.test", password="not a hash")
    make("users.Session", user=alice, current_jti="a" * 32, expires_at=MOMENT)
    bank = make("accounts.FinancialInstitution", owner=alice, name="Bank")
    account = make("accounts.Account", owner=alice, name="Cash", account_type="CASH", currency=euro,
                   financial_institution=bank, interest_rate=Decimal("0.0425"))  # fmt: skip
    dated = {"account": account, "value_date": date(2024, 1, 2), "recorded_at": MOMENT}
    make("accounts.AccountValue", **dated, value=Decimal("9999999999999999.12345678"))
    make("accounts.AccountValueRevision", **dated, value=Decimal("0.00000001"), superseded_at=MOMENT)
    run = make("sync.SyncRun", symbol="ACME", trigger="COMMAND", status="SUCCEEDED", started_by=alice,
               started_at=MOMENT, recorded_at=MOMENT, splits_used=[["2024-01-03", 2, 1]])  # fmt: skip
    acme = make("securities.Security", symbol="ACME", name="Acme", currency=euro, time_zone="UTC")
    make("securities.Security", symbol="HOUSE", name="House", currency=euro, owner=alice, time_zone="UTC")
    make("securities.Price", **BAR, security_id=acme.pk, run_id=run.pk)
    make("securities.PriceRevision", **BAR, security=acme, run=run, superseded_at=MOMENT)
    make("securities.Split", security=acme, run=run, ex_date=date(2024, 1, 3), numerator=2, denominator=1)
    make("securities.Dividend", security=acme, run=run, ex_date=date(2024, 1, 4), amount="0.1234", currency=euro)


def show() -> dict[str, Any]:
    from accounts.models import AccountValue, AccountValueRevision
    from finances.users.models import Session, User
    from securities.models import Dividend, Price, PriceRevision, Security, Split

    bar = ("ts", "open", "high", "low", "close", "volume")
    figures = {
        "users": User.objects.values_list("email", "password", "is_active", "token_version"),
        "sessions": Session.objects.values_list("user__email", "current_jti", "previous_jti", "revoked_at"),
        "values": AccountValue.objects.values_list("account__owner__email", "account__interest_rate", "value"),
        "replaced": AccountValueRevision.objects.values_list("value"),
        "securities": Security.objects.order_by("pk").values_list("symbol", "owner__email"),
        "bars": Price.objects.values_list("run__symbol", "run__splits_used", *bar),
        "bars_replaced": PriceRevision.objects.values_list(*bar),
        "splits": Split.objects.values_list("ex_date", "numerator", "denominator", "is_void"),
        "dividends": Dividend.objects.values_list("ex_date", "amount"),
    }
    return {**{name: list(rows) for name, rows in figures.items()}, "key": columns_of_key()}


def columns_of_key() -> int | None:
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("select indnatts from pg_index where indexrelid = 'securities_price_pkey'::regclass")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    executor = MigrationExecutor(connection)
    executor.migrate(FIRST)
    fill(executor.loader.project_state(FIRST).apps)
    call_command("migrate", verbosity=0)
    call_command("migrate", check_unapplied=True, verbosity=0)
    print(json.dumps(show(), default=lambda value: format(value, "f") if isinstance(value, Decimal) else str(value)))  # noqa: T201
