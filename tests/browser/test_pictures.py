"""The pictures of the documents: one back office with all that can be held back, as staff find it in the morning."""

from pathlib import Path

import pytest

from finances.errors import YahooNoData
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.yahoo import get_yahoo
from securities.admin import SYNC_AT_ONCE
from securities.batch import sync_many
from securities.models import Review
from securities.sync import sync_security
from tests.browser import test_rates as rates
from tests.browser.office import Office
from tests.browser.scenarios import SCENARIOS, Reason

SYMBOLS = [scenario.symbol for scenario in SCENARIOS]
REVIEWS = {
    "review-restated": "RSTD", "review-jump": "JUMP", "review-currency": "EURX", "review-unit": "PNCE",
    "review-split": "PSBL",
}  # fmt: skip


@pytest.fixture
def morning(office: Office, fake_yahoo: Script) -> Office:
    """Everything synced in order yesterday; today each answer is wrong in its own way."""
    for scenario in SCENARIOS:
        scenario.begin(fake_yahoo)
    lines = list(sync_many(SYMBOLS, intervals=("1d",), workers=2, trigger=SyncRun.Trigger.COMMAND))
    assert [line for line in lines if line.error or line.held] == []
    for scenario in SCENARIOS:
        scenario.go_wrong(fake_yahoo)
        get_yahoo().forget(scenario.symbol)
    rates.provoke(next(case for case in rates.CASES if case.reason == rates.Reason.RESTATED), fake_yahoo)
    sync_in_the_list(office, sorted(SYMBOLS)[:SYNC_AT_ONCE])
    for symbol in sorted(SYMBOLS)[SYNC_AT_ONCE:]:
        sync_security(symbol, trigger=SyncRun.Trigger.COMMAND)
    assert set(Review.objects.open().values_list("reason", flat=True)) == set(Reason)
    return office


def sync_in_the_list(office: Office, symbols: list[str]) -> None:
    office.visit("securities/security/")
    for symbol in symbols:
        office.row(symbol).get_by_role("checkbox").check()
    office.page.get_by_label("Action:").select_option("sync_now")
    office.follow(office.page.get_by_role("button", name="Go", exact=True))
    told = office.page.locator("body").inner_text()
    assert YahooNoData.code in told
    assert all(symbol in told for symbol in symbols)


def test_pictures(morning: Office, pictures: Path) -> None:
    lists = {
        "securities": "securities/security/?to_review=yes",
        "quality": "securities/securityquality/",
        "sync-runs": "sync/syncrun/",
    }
    for name, path in lists.items():
        morning.visit(path)
        assert morning.rows() >= len(SYMBOLS)
        morning.picture(pictures / f"{name}.png")
    for name, symbol in REVIEWS.items():
        morning.visit(f"securities/review/{Review.objects.get(security__symbol=symbol).pk}/change/")
        morning.drawn()
        morning.picture(pictures / f"{name}.png")
    take_others(morning, pictures)


def take_others(office: Office, pictures: Path) -> None:
    office.visit("securities/security/?to_review=yes&q=PSBL")
    office.follow(office.row("PSBL").get_by_role("link", name="PSBL", exact=True))
    office.drawn()
    office.picture(pictures / "security.png")
    office.visit("currencies/quarantinedrates/?status__exact=open")
    office.follow(office.row("EUR/USD").get_by_role("link", name="EUR/USD"))
    office.drawn()
    office.picture(pictures / "rates.png")
