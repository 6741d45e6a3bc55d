from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pytest_django.fixtures import Settings

from finances.errors import YahooNoData, YahooNotFound, YahooRateLimited, YahooUnavailable
from finances.testing.yahoo import Script
from finances.yahoo import get_yahoo
from finances.yahoo.offline import OfflineYahoo
from finances.yahoo.types import Bars, DividendEvent, SearchHit, SplitEvent

CLOSES = {date(2024, 1, 2): 100.0, date(2024, 1, 3): 104.0, date(2024, 1, 4): 52.0}
SPLIT = SplitEvent(date(2024, 1, 4), 2, 1)


def test_history_is_adjusted_as_of_now(fake_yahoo: Script) -> None:
    dividend = DividendEvent(date(2024, 1, 3), Decimal("0.5"))
    fake_yahoo.add(
        "ACME", closes=CLOSES, splits=[SPLIT], dividends=[dividend], now=datetime(2024, 1, 3, 22, tzinfo=UTC)
    )
    before = get_yahoo().history("ACME", interval="1d", start=None)
    assert (before.bars.closes, before.splits, before.dividends) == ((100.0, 104.0), (), (dividend,))

    fake_yahoo.now = datetime(2024, 1, 5, tzinfo=UTC)
    get_yahoo().forget("ACME")
    after = get_yahoo().history("ACME", interval="1d", start=date(2024, 1, 3))
    assert (after.bars.closes, after.bars.volumes, after.splits) == ((52.0, 52.0), (2000, 1000), (SPLIT,))
    assert after.dividends == (DividendEvent(date(2024, 1, 3), Decimal("0.25")),)
    assert after.fetched_at == fake_yahoo.now


def test_profile_and_search(fake_yahoo: Script) -> None:
    fake_yahoo.add("ACME.L", name="Acme plc", quote_unit="GBp", time_zone="Europe/London", sector="Anvils")
    profile = get_yahoo().profile("ACME.L")
    assert (profile.name, profile.quote_unit, profile.sector) == ("Acme plc", "GBp", "Anvils")
    assert get_yahoo().search("acme", limit=5) == [SearchHit("ACME.L", "Acme plc", "STOCK", "TestX")]
    assert fake_yahoo.calls == [("profile", "ACME.L"), ("search", "acme", 5)]


def test_nothing_is_known_without_a_script(fake_yahoo: Script) -> None:
    with pytest.raises(YahooNotFound):
        get_yahoo().profile("ACME")


def test_intraday_bars_are_served_as_they_are(fake_yahoo: Script) -> None:
    bars = Bars((1_704_205_800,), (1.0,), (1.0,), (1.0,), (1.0,), (7,))
    fake_yahoo.add("ACME", intraday={"1h": bars})
    assert get_yahoo().history("ACME", interval="1h", start=date(2024, 1, 2)).bars == bars
    with pytest.raises(YahooNoData):
        get_yahoo().history("ACME", interval="1m", start=None)


def test_failures_are_scripted(fake_yahoo: Script) -> None:
    fake_yahoo.add("ACME", closes=CLOSES)
    fake_yahoo.fail("ACME", YahooUnavailable, method="history", times=1)
    fake_yahoo.fail("*", YahooRateLimited("Slow down.", retry_after=7), method="profile")
    with pytest.raises(YahooUnavailable):
        get_yahoo().history("ACME", interval="1d", start=None)
    assert len(get_yahoo().history("ACME", interval="1d", start=None).bars) == 3
    with pytest.raises(YahooRateLimited, match="Slow down"):
        get_yahoo().profile("ACME")
    fake_yahoo.recover()
    assert get_yahoo().profile("ACME").symbol == "ACME"


def test_the_door_is_one_for_each_backend(settings: Settings) -> None:
    first = get_yahoo()
    assert get_yahoo() is first
    settings.YAHOO_BACKEND = "finances.yahoo.offline.OfflineYahoo"
    assert isinstance(get_yahoo().backend, OfflineYahoo)
