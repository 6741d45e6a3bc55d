"""The management command."""

import json
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from currencies.models import ExchangeRate
from currencies.tests.factories import CurrencyFactory
from finances.errors import YahooUnavailable
from finances.sync.leases import held_lease
from finances.sync.models import SyncBatch
from finances.sync.tests.factories import batch_of
from finances.testing.yahoo import Script

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _pairs(fake_yahoo: Script) -> None:
    for code in ("EUR", "USD", "GBP", "JPY"):
        CurrencyFactory.create(code=code)
    fake_yahoo.now = datetime(2022, 12, 29, 22, tzinfo=UTC)
    for pair in ("EURUSD", "EURGBP", "EURJPY", "USDEUR", "USDGBP", "USDJPY"):
        closes = {date(2022, 12, 27): 1.06, date(2022, 12, 28): 1.07}
        fake_yahoo.add(f"{pair}=X", closes=closes, quote_unit=pair[3:])


def run(*arguments: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("sync_rates", *arguments, stdout=out, stderr=StringIO())
    except SystemExit as leaving:
        return out.getvalue(), int(leaving.code or 0)
    return out.getvalue(), 0


def test_euros_by_default() -> None:
    assert run() == (
        "PAIR      ADDED  CHANGED     HELD  ERROR\n"
        "EURGBP        2        0        0\n"
        "EURJPY        2        0        0\n"
        "EURUSD        2        0        0\n",
        0,
    )  # fmt: skip


def test_another_base_and_a_first_day() -> None:
    printed, status = run("--base", "usd", "--since", "2022-12-28", "--json", "--workers", "1")

    assert (status, json.loads(printed)) == (
        0,
        [{"pair": pair, "added": 1, "changed": 0, "held": 0, "error": ""} for pair in ("USDEUR", "USDGBP", "USDJPY")],
    )


def test_one_failing_pair_never_stops_the_others(fake_yahoo: Script) -> None:
    fake_yahoo.fail("EURGBP=X", YahooUnavailable())
    fake_yahoo.fail("EURJPY=X", ValueError("no rates at all"))

    printed, status = run("--json")

    assert (status, [line["error"] for line in json.loads(printed)]) == (1, ["yahoo_unavailable", "internal_error", ""])
    assert ExchangeRate.objects.count() == 2


@pytest.mark.parametrize("arguments", [["--base", "AAA"], ["--workers", "0"], ["--since", "soon"]])
def test_unclear_arguments_are_refused(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        run(*arguments)


def cut_off(outcomes: dict[str, str], **facts: Any) -> SyncBatch:
    silent: dict[str, Any] = {"kind": "RATES", "status": "RUNNING", "seen_at": timezone.now() - timedelta(hours=1)}
    return batch_of(outcomes, **{**silent, **facts})


def test_resume_goes_on_with_what_was_left() -> None:
    left = cut_off({"USDEUR=X": "SUCCEEDED", "USDGBP=X": "RUNNING", "USDJPY=X": "PENDING"})

    printed, status = run("--resume", "--json")

    assert (status, [line["pair"] for line in json.loads(printed)]) == (0, ["USDGBP", "USDJPY"])
    batch = SyncBatch.objects.order_by("-pk")[0]
    assert (batch.scope, batch.resumes, batch.status, ExchangeRate.objects.count()) == ("RESUMED", left, "SUCCEEDED", 4)
    assert run("--resume", "--json") == ("[]\n", 0)


def test_resume_leaves_prices_imports_and_requests_alone() -> None:
    cut_off({"ACME": "PENDING"}, kind="PRICES")
    cut_off({"EURUSD=X": "PENDING"}, trigger="API")
    imported = cut_off({"EUR": "RUNNING"})
    imported.runs.update(source="ecb")

    assert run("--resume", "--json") == ("[]\n", 0)


@pytest.mark.parametrize("arguments", [["--resume", "--base", "EUR"], ["--resume", "--ecb", "eurofxref.csv"]])
def test_resume_goes_on_as_it_began(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="--resume"):
        run(*arguments)


def test_a_running_sync_is_not_disturbed() -> None:
    with held_lease("rates:EUR"), pytest.raises(CommandError, match="being synced already"):
        run()
