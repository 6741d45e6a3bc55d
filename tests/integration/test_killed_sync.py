"""A sync killed in the middle, by signal 9: what it had left is known, and the next goes on with that."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture
def product(yahoo_server: YahooServer, own_database: str, tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path, {**yahoo_server.env, "DATABASE_URL": own_database})
    assert installation.manage("migrate", "--verbosity", "0")[0] == 0
    yield installation
    yahoo_server.control("reset", {})


def batches(product: Installation) -> Any:
    status, printed = product.manage("shell", "--verbosity", "0", "--command", SHOW)
    assert status == 0, printed
    return json.loads(printed)


def test_a_killed_sync_is_interrupted_and_resumed(product: Installation, yahoo_server: YahooServer) -> None:
    yahoo_server.control("faults", {"kind": "hang", "symbol": "IBM"})
    killed = product.start_manage("sync_prices", "AAPL", "IBM", "MSFT", "--workers", "1")
    at_work = {"AAPL": "SUCCEEDED", "IBM": "RUNNING", "MSFT": "PENDING"}
    deadline = time.monotonic() + 20
    while not (shown := batches(product)) or shown[0][3] != at_work:
        assert time.monotonic() < deadline, shown
    assert shown == [["SYMBOLS", "RUNNING", ["1d"], at_work]]

    killed.kill()
    killed.communicate()

    left = ["SYMBOLS", "INTERRUPTED", ["1d"], {**at_work, "IBM": "INTERRUPTED"}]
    assert batches(product) == [left]

    yahoo_server.control("reset", {})
    status, printed = product.manage("sync_prices", "--resume", "--json")

    lines = json.loads(printed)
    assert (status, [(line["symbol"], line["error"]) for line in lines]) == (0, [("IBM", ""), ("MSFT", "")])
    assert all(line["added"] > 2000 for line in lines)
    assert batches(product) == [left, ["RESUMED", "SUCCEEDED", ["1d"], dict.fromkeys(["IBM", "MSFT"], "SUCCEEDED")]]
    assert product.manage("sync_prices", "--resume", "--json") == (0, "[]\n")
