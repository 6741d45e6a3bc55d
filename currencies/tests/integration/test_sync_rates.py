"""The management command."""

import json
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from currencies.models import ExchangeRate
from currencies.tests.factories import CurrencyFactory
from finances.errors import YahooUnavailable
from finances.sync.leases import held_lease
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
        call_command("sync_rates", *arguments, stdout=out)
    except SystemExit as leaving:
        return out.getvalue(), int(leaving.code or 0)
    return out.getvalue(), 0


def test_euros_by_default() -> None:
    assert run() == (
        "PAIR      ADDED  CHANGED  ERROR\n"
        "EURGBP        2        0\n"
        "EURJPY        2        0\n"
        "EURUSD        2        0\n",
        0,
    )  # fmt: skip


def test_another_base_and_a_first_day() -> None:
    printed, status = run("--base", "usd", "--since", "2022-12-28", "--json", "--workers", "1")

    assert (status, json.loads(printed)) == (
        0,
        [{"pair": pair, "added": 1, "changed": 0, "error": ""} for pair in ("USDEUR", "USDGBP", "USDJPY")],
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


def test_a_running_sync_is_not_disturbed() -> None:
    with held_lease("rates:EUR"), pytest.raises(CommandError, match="being synced already"):
        run()
