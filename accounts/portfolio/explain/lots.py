"""The open lots of a position on a day, beside the transactions that it is the sum of."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from accounts.ledger.books import count_entries, read_material
from accounts.ledger.linked import linked
from accounts.ledger.splits import Splits
from accounts.portfolio.explain.lines import LineOnDay
from accounts.portfolio.explain.terms import Term


def with_lots(day: LineOnDay) -> Term:
    """The quantity's term; its row lists the lots, in units of the day, which sum to it too."""
    return replace(day.quantity_term(), row={"kind": "lots", "lots": list(_lots(day))})


def _lots(day: LineOnDay) -> list[dict[str, Any]]:
    material = read_material(linked([day.key[0]], [day.key[1]]), now=timezone.now(), known_at=day.inputs.known_at)
    entries = [entry for entry in material.entries if entry.trade_date <= day.on]
    splits = {key: _until(own, day) for key, own in material.splits.items()}
    counted = count_entries(entries, splits, material.accounts, lenient=True).get(day.key)
    if counted is None:
        return []
    return [
        {
            "lot_id": lot.id,
            "transaction_id": lot.opened_by,
            "acquired_on": counted.acquired_on(lot),
            "quantity": lot.quantity,
            "cost": lot.cost if counted.costs_known(lot.origin) else None,
        }
        for lot in counted.book.lots
    ]


def _until(splits: Splits, day: LineOnDay) -> Splits:
    """Those that had come by the day."""
    return replace(splits, effective=[split for split in splits.effective if split.ex_date <= day.on])
