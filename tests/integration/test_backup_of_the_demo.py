"""The demo's figures after a restore into another database, and back: the same bodies, byte for byte."""

import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from tests.archives import changed
from tests.installation import Installation

ASK = """
import json, sys
from django.test import override_settings
from finances.testing.plugin import client_of
from finances.users.models import User
with override_settings(ALLOWED_HOSTS=["*"]):
    client = client_of(User.objects.get(email="demo@finances.example"))
    for path in json.loads({paths!r}):
        answer = client.get("/api/v1/" + path)
        while b"calendar_loading" in answer.content:
            answer = client.get("/api/v1/" + path)
        assert answer.status_code == 200, (path, answer.content)
        print(path, answer.content.decode(), sep="\\t")
    house = {{"symbol": "HOUSE", "name": "House", "security_type": "OTHER", "currency_code": "EUR"}}
    made = client.post("/api/v1/securities", house)
    priced = client.put("/api/v1/securities/" + made.json()["id"] + "/prices", [{{"date": "2022-12-30", "close": 5}}])
    assert (made.status_code, priced.status_code) == (201, 200), (made.content, priced.content)
    print(User.objects.get(email="demo@finances.example").password)
"""
RANGE = "start_date=2025-01-01&end_date=2026-06-30"
PATHS = [
    "users/me", "financial-institutions", "accounts", "holdings", "transactions?limit=1000", "account-values/latest",
    "currencies?limit=1000", "currencies/EUR/rates?quote=USD", "securities", "securities/AAPL/prices?limit=20000",
    "securities/AAPL/actions", "securities/AAPL/quality",
    "currencies/convert?amount=100&from=EUR&to=GBP&as_of=2022-12-28",
    "portfolio/net-worth?as_of=2026-06-30", f"portfolio/history?{RANGE}&by=account", f"portfolio/performance?{RANGE}",
    "portfolio/allocation?by=security&as_of=2026-06-30",
]  # fmt: skip


def installation(folder: Path, url: str) -> Installation:
    return Installation(folder, {"DATABASE_URL": url, "LOG_LEVEL": "ERROR"})


def manage(product: Installation, *arguments: str) -> str:
    status, printed = product.manage(*arguments)
    assert status == 0, printed[-2000:]
    return printed


def figures(product: Installation) -> str:
    return manage(product, "shell", "--verbosity", "0", "--command", ASK.format(paths=json.dumps(PATHS)))


def hashes(file: Path) -> Any:
    with ZipFile(file) as archive:
        return {table["model"]: table["sha256"] for table in json.loads(archive.read("manifest.json"))["tables"]}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Installation, Path]:
    folder = tmp_path_factory.mktemp("demo")
    product = installation(folder, f"sqlite:///{folder / 'demo.sqlite3'}")
    manage(product, "prepare")
    manage(product, "backup", str(folder / "demo.zip"))
    return product, folder / "demo.zip"


def test_every_figure_is_equal_after_restore(demo: Any, own_database: str, tmp_path: Path) -> None:
    source, file = demo
    there, back = installation(tmp_path, own_database), installation(tmp_path, f"sqlite:///{tmp_path / 'back.sqlite3'}")

    manage(there, "restore", str(file))
    manage(there, "backup", str(tmp_path / "there.zip"))
    manage(back, "restore", str(tmp_path / "there.zip"))

    assert hashes(tmp_path / "there.zip") == hashes(file)
    expected = figures(source).splitlines()
    assert len(expected) == len(PATHS) + 1
    for restored in (there, back):
        # Not `==` alone, whose difference would be megabytes.
        assert [line[:99] for line in figures(restored).splitlines() if line not in expected] == []


def before_the_ledgers_openings(manifest: Any) -> None:
    manifest["migrations"].remove(["accounts", "0003_openings"])


def test_a_backup_of_an_earlier_release_is_upgraded(demo: Any, own_database: str, tmp_path: Path) -> None:
    _source, file = demo
    there = installation(tmp_path, own_database)

    old = changed(file, manifest=before_the_ledgers_openings, tables={"accounts.Transaction": b""})
    manage(there, "restore", str(old))

    count = "from accounts.models import *; print(sorted(Transaction.objects.values_list('type', 'security__symbol')))"
    shown = manage(there, "shell", "--verbosity", "0", "--command", count)
    assert shown == "[('OPENING', 'DEMO-GROWTH'), ('OPENING', 'DEMO-LONDON.L')]\n"
