"""`sync_rates --ecb FILE`. The figures are facts."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from currencies.models import Currency, ExchangeRate, ExchangeRateRevision, QuarantinedRates
from currencies.tests.factories import store_rate
from finances.sync.leases import held_lease
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script

FILE = (
    "Date,USD,JPY,CYP,\n2022-12-28,1.0640,142.21,N/A,\n2022-12-27,1.0624,141.87,N/A,\n"
    "2007-12-31,1.4721,164.93,0.585274,\n"
)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2022, 12, 28, 18, tzinfo=UTC))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def imported(folder: Path, text: str) -> str:
    file, out = folder / "eurofxref-hist.csv", StringIO()
    file.write_text(text)
    call_command("sync_rates", "--ecb", str(file), stdout=out)
    return out.getvalue()


def stored() -> set[tuple[Any, ...]]:
    rows = ExchangeRate.objects.values_list("base", "quote", "day", "quote_per_base", "source")
    return {(base, quote, str(day), str(rate.normalize()), source) for base, quote, day, rate, source in rows}


def test_a_file_is_imported_once(folder: Path) -> None:
    assert imported(folder, FILE) == "3 days of 3 currencies: 7 rates added, 0 changed, 0 held back.\n"
    assert imported(folder, FILE) == "3 days of 3 currencies: 0 rates added, 0 changed, 0 held back.\n"

    assert stored() == {
        ("EUR", "USD", "2022-12-28", "1.064", "ecb"), ("EUR", "USD", "2022-12-27", "1.0624", "ecb"),
        ("EUR", "USD", "2007-12-31", "1.4721", "ecb"), ("EUR", "JPY", "2022-12-28", "142.21", "ecb"),
        ("EUR", "JPY", "2022-12-27", "141.87", "ecb"), ("EUR", "JPY", "2007-12-31", "164.93", "ecb"),
        ("EUR", "CYP", "2007-12-31", "0.585274", "ecb"),
    }  # fmt: skip
    assert Currency.objects.get(pk="CYP").last_valid_on == date(2007, 12, 31)
    runs = SyncRun.objects.order_by("pk").values_list("symbol", "source", "status", "trigger", "bars_added")
    assert list(runs) == [("EUR", "ecb", "SUCCEEDED", "COMMAND", 7), ("EUR", "ecb", "SUCCEEDED", "COMMAND", 0)]


def test_a_correction_keeps_its_predecessor(folder: Path) -> None:
    imported(folder, FILE)

    assert imported(folder, FILE.replace("1.0624", "1.0625")).endswith("0 rates added, 1 changed, 0 held back.\n")

    kept = ExchangeRateRevision.objects.get()
    assert (kept.quote_id, str(kept.day), kept.quote_per_base, kept.source) == (
        "USD", "2022-12-27", Decimal("1.0624"), "ecb",
    )  # fmt: skip
    assert kept.run == SyncRun.objects.order_by("pk").first()


def test_other_sources_rates_stay(folder: Path) -> None:
    theirs = store_rate("EUR/USD", date(2022, 12, 28), "1.06", source="yahoo")

    assert imported(folder, FILE).startswith("3 days of 3 currencies: 7 rates added, 0 changed")

    theirs.refresh_from_db()
    assert (theirs.quote_per_base, theirs.source) == (Decimal("1.06"), "yahoo")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (FILE.replace("142.21", "0"), "Line 2: '0' is no rate of JPY."),
        (FILE.replace("JPY", "QQQ"), "QQQ: no currency that ISO 4217 or this installation knows."),
    ],
)
def test_anything_wrong_stores_nothing(folder: Path, text: str, message: str) -> None:
    with pytest.raises(CommandError) as refused:
        imported(folder, text)

    assert str(refused.value) == f"{folder / 'eurofxref-hist.csv'}: {message}"
    assert (stored(), Currency.objects.count()) == (set(), 0)
    run = SyncRun.objects.get()
    assert (run.status, run.error_code) == ("FAILED", "bad_rate_file")


def test_a_missing_file(folder: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("sync_rates", "--ecb", str(folder / "nowhere.csv"))


def test_a_jump_is_held_back(folder: Path) -> None:
    imported(folder, FILE.replace("2022-12-28,1.0640,", "2022-12-28,N/A,"))

    printed = imported(folder, FILE.replace("1.0640", "106.40"))

    assert printed == "3 days of 3 currencies: 0 rates added, 0 changed, 1 held back.\n"
    held = QuarantinedRates.objects.get()
    assert (held.quote_id, held.source, held.reason, held.rates) == ("USD", "ecb", "jump", [["2022-12-28", "106.40"]])
    assert not ExchangeRate.objects.filter(quote="USD", day=date(2022, 12, 28)).exists()


def test_an_import_at_the_same_time_is_refused(folder: Path) -> None:
    with held_lease("rates:ecb"), pytest.raises(CommandError, match="being synced already"):
        imported(folder, FILE)


def test_yahoo_is_not_asked(folder: Path, fake_yahoo: Script) -> None:
    imported(folder, FILE)

    assert fake_yahoo.calls == []


def test_the_same_queries_for_three_days_as_for_one(folder: Path, django_assert_max_num_queries: Any) -> None:
    first, *days = FILE.splitlines(keepends=True)
    imported(folder, first + days[0])

    with django_assert_max_num_queries(60):
        imported(folder, FILE)
