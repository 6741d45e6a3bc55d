"""Two schedulers that start the same sync at the same moment: nothing is lost, nothing is there twice."""

import json

from tests.installation import Installation

SYMBOLS = ["AAPL", "IBM", "MSFT"]
SHOW = """
import json
from django.db.models import Count
from securities.models import Dividend, Price, PriceRevision, Security, Split
from finances.sync.models import Lease
bars = dict(Price.objects.values_list("security__symbol").annotate(n=Count("ts")).order_by())
counts = [model.objects.count() for model in (Security, Split, Dividend, PriceRevision, Lease)]
print(json.dumps([bars, *counts]))
"""


def test_two_schedulers_at_once(product: Installation) -> None:
    both = [product.start_manage("sync_prices", *SYMBOLS, "--json") for _ in range(2)]
    lines = [json.loads(process.communicate(timeout=60)[0]) for process in both]

    errors = {
        symbol: sorted(row["error"] for told in lines for row in told if row["symbol"] == symbol) for symbol in SYMBOLS
    }
    # Each symbol is synced by one of them at least; the other comes too late, or right after it.
    assert all(found in (["", ""], ["", "sync_in_progress"]) for found in errors.values()), errors
    after_both = product.ask(SHOW)

    assert product.manage("sync_prices", *SYMBOLS, "--json")[0] == 0
    assert product.ask(SHOW) == after_both
    added = sum(row["added"] for told in lines for row in told)
    assert isinstance(after_both, list)
    assert (added, after_both[1], after_both[4:]) == (sum(after_both[0].values()), len(SYMBOLS), [0, 0])
