"""The management command."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from finances.errors import YahooUnavailable
from finances.testing.yahoo import Script
from securities.models import Price, Security
from securities.tests.factories import SecurityFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _listed(fake_yahoo: Script) -> None:
    fake_yahoo.now = datetime(2022, 12, 29, 22, tzinfo=UTC)
    for symbol in ("ACME", "BOLT"):
        fake_yahoo.add(symbol, closes={date(2022, 12, 27): 10.0, date(2022, 12, 28): 11.0})


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("sync_prices", *arguments, stdout=out)
    except SystemExit as leaving:
        return out.getvalue(), int(leaving.code or 0)
    return out.getvalue(), 0


def test_named_symbols() -> None:
    assert run("acme", "BOLT", "ACME") == (
        "SYMBOL    ADDED  CHANGED     HELD  ERROR\n"
        "ACME          2        0        0\n"
        "BOLT          2        0        0\n",
        0,
    )  # fmt: skip
    assert Price.objects.count() == 4


def test_one_failing_symbol_never_stops_the_others(fake_yahoo: Script) -> None:
    fake_yahoo.fail("ACME", YahooUnavailable())

    printed, status = run("ACME", "NOPE", "BOLT", "--json")

    assert status == 1
    assert json.loads(printed) == [
        {"symbol": "ACME", "added": 0, "changed": 0, "held": 0, "error": "yahoo_unavailable"},
        {"symbol": "BOLT", "added": 2, "changed": 0, "held": 0, "error": ""},
        {"symbol": "NOPE", "added": 0, "changed": 0, "held": 0, "error": "symbol_not_found"},
    ]


def test_a_crash_of_one_symbol_never_stops_the_others(fake_yahoo: Script, caplog: pytest.LogCaptureFixture) -> None:
    fake_yahoo.fail("ACME", ValueError("no market data at all"))

    printed, status = run("ACME", "BOLT", "--json")

    assert (status, [line["error"] for line in json.loads(printed)]) == (1, ["internal_error", ""])


def test_all_takes_active_listed_securities() -> None:
    SecurityFactory.create(symbol="ACME")
    SecurityFactory.create(symbol="GONE", is_active=False)

    printed, status = run("--all", "--json", "--workers", "1")

    assert (status, [line["symbol"] for line in json.loads(printed)]) == (0, ["ACME"])


def test_stale_takes_those_not_synced_lately() -> None:
    SecurityFactory.create(symbol="ACME", last_synced_at=timezone.now() - timedelta(hours=30))
    SecurityFactory.create(symbol="BOLT", last_synced_at=timezone.now() - timedelta(hours=1))

    printed, _status = run("--stale", "24", "--json")

    assert [line["symbol"] for line in json.loads(printed)] == ["ACME"]
    assert Security.objects.get(symbol="ACME").last_synced_at > timezone.now() - timedelta(minutes=1)  # type: ignore[operator]


@pytest.mark.parametrize("arguments", [[], ["ACME", "--all"], ["--all", "--stale", "1"], ["ACME", "--workers", "0"]])
def test_unclear_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)
