"""A sync killed in the middle, by signal 9: what it had left is known, and the next goes on with that."""

import json
import time

from tests.conftest import YahooServer
from tests.installation import Installation

SHOW = """
import json
from django.utils import timezone
from finances.sync.models import SyncBatch, SyncRun
shown = []
for batch in SyncBatch.objects.with_state(now=timezone.now()).order_by("pk"):
    rows = SyncRun.objects.in_order(batch).values_list("symbol", "state")
    shown.append([batch.scope, batch.state, batch.intervals, dict(rows)])
print(json.dumps(shown))
"""


def test_a_killed_sync_is_interrupted_and_resumed(product: Installation, yahoo_server: YahooServer) -> None:
    yahoo_server.control("faults", {"kind": "hang", "symbol": "IBM"})
    killed = product.start_manage("sync_prices", "AAPL", "IBM", "MSFT", "--workers", "1")
    at_work = {"AAPL": "SUCCEEDED", "IBM": "RUNNING", "MSFT": "PENDING"}
    deadline = time.monotonic() + 20
    while not (shown := product.ask(SHOW)) or shown[0][3] != at_work:
        assert time.monotonic() < deadline, shown
    assert shown == [["SYMBOLS", "RUNNING", ["1d"], at_work]]

    killed.kill()
    killed.communicate()

    left = ["SYMBOLS", "INTERRUPTED", ["1d"], {**at_work, "IBM": "INTERRUPTED"}]
    assert product.ask(SHOW) == [left]

    yahoo_server.control("reset", {})
    status, printed = product.manage("sync_prices", "--resume", "--json")

    lines = json.loads(printed)
    assert (status, [(line["symbol"], line["error"]) for line in lines]) == (0, [("IBM", ""), ("MSFT", "")])
    assert all(line["added"] > 2000 for line in lines)
    assert product.ask(SHOW) == [
        left,
        ["RESUMED", "SUCCEEDED", ["1d"], dict.fromkeys(["IBM", "MSFT"], "SUCCEEDED")],
    ]
    assert product.manage("sync_prices", "--resume", "--json") == (0, "[]\n")
