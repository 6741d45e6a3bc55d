"""Each holding that was stated before there was a ledger gets the OPENING that says the same."""

from datetime import date
from decimal import Context
from typing import Any

from django.db import migrations
from django.utils import timezone

BATCH = 1000
WIDE = Context(prec=60)
"""Digits enough for the product of any quantity and any cost."""


def write_openings(apps: Any, schema_editor: Any) -> None:
    holdings, transactions = apps.get_model("accounts", "Holding"), apps.get_model("accounts", "Transaction")
    today, openings = timezone.now().date(), []
    for holding in holdings.objects.select_related("security").iterator(BATCH):
        openings.append(transactions(**_opening(holding, today)))
        if len(openings) == BATCH:
            transactions.objects.bulk_create(openings)
            openings = []
    transactions.objects.bulk_create(openings)
    _fill_costs(holdings)


def _opening(holding: Any, today: date) -> dict[str, Any]:
    """Its quantity was always in today's units, whatever splits there were."""
    return {
        "account_id": holding.account_id,
        "type": "OPENING",
        "security_id": holding.security_id,
        "currency_id": holding.security.currency_id,
        "quantity": holding.quantity,
        "unit_price": holding.average_cost,
        "trade_date": holding.acquired_on or holding.created_at.date(),
        "acquired_on": holding.acquired_on,
        "units_as_of": today,
        "sequence": int(holding.created_at.timestamp() * 1_000_000),
        "posted_at": holding.created_at,
        "recorded_at": holding.updated_at,
    }


def _fill_costs(holdings: Any) -> None:
    changed = []
    for holding in holdings.objects.exclude(average_cost=None).iterator(BATCH):
        holding.cost = WIDE.multiply(holding.quantity, holding.average_cost)
        changed.append(holding)
    holdings.objects.bulk_update(changed, ["cost"], batch_size=BATCH)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_ledger"), ("securities", "0001_initial")]

    operations = [migrations.RunPython(write_openings, migrations.RunPython.noop, elidable=False)]
