"""Every reason to hold rates back: provoked by a sync, seen in the back office, decided by a click, verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import Any

import pytest

from currencies.models import ExchangeRate, QuarantinedRates
from currencies.sync import sync_pair
from currencies.tests.factories import CurrencyFactory
from finances.errors import YahooBadResponse
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.yahoo.offline import OfflineYahoo
from securities.tests.histories import answer as history
from tests.browser.office import Office
from tests.browser.scenarios import DAYS, NEXT_YEAR, NOW

LIST = "currencies/quarantinedrates/"
Reason = QuarantinedRates.Reason
Closes = dict[date, float]

_bundled = OfflineYahoo().history("EURUSD=X", interval="1d", start=date(2022, 6, 1)).bars.closes
RATES: Closes = dict(zip(DAYS[-len(_bundled) :], _bundled, strict=True))
LAST = DAYS[-1]
GOOD: Closes = {day: rate for day, rate in RATES.items() if day != LAST}


@dataclass(frozen=True)
class Case:
    reason: Reason
    came: Closes
    accepted: Closes | None
    """None: it can only be rejected."""
    rejected: Closes

    def __str__(self) -> str:
        return self.reason.value


RETOLD = {day: rate * 1.5 for day, rate in RATES.items()}
CASES = [
    Case(Reason.IMPOSSIBLE, {**GOOD, LAST: 0.0}, None, GOOD),
    Case(Reason.FUTURE, {**RATES, NEXT_YEAR: 1.1}, None, RATES),
    Case(Reason.JUMP, {**GOOD, LAST: 106.4}, {**GOOD, LAST: 106.4}, GOOD),
    Case(Reason.FLIPPED, {**GOOD, LAST: 0.93985}, {**GOOD, LAST: 0.93985}, GOOD),
    Case(Reason.RESTATED, RETOLD, RETOLD, GOOD),
]


def answer(yahoo: Script, closes: Closes) -> None:
    facts: Any = {"quote_unit": "USD", "time_zone": "Europe/London"}
    yahoo.add("EURUSD=X", closes=GOOD, security_type="CURRENCY", now=NOW, **facts)
    yahoo.answer(history(dict(sorted(closes.items())), symbol="EURUSD=X", fetched_at=NOW, **facts))


def sync() -> None:
    sync_pair("EUR", "USD", trigger=SyncRun.Trigger.COMMAND, refresh=True)


def provoke(case: Case, yahoo: Script) -> QuarantinedRates:
    for code in ("EUR", "USD"):
        CurrencyFactory.create(code=code)
    answer(yahoo, GOOD)
    sync()
    answer(yahoo, case.came)
    try:
        sync()
    except YahooBadResponse:
        assert case.reason == Reason.RESTATED
    held: QuarantinedRates = QuarantinedRates.objects.get()
    return held


def exact(closes: Closes) -> Mapping[date, Decimal]:
    """As they are stored: eight digits of what Yahoo sends."""
    return {day: Context(prec=8).create_decimal_from_float(rate) for day, rate in closes.items()}


def stored() -> Mapping[date, Decimal]:
    return dict(ExchangeRate.objects.values_list("day", "quote_per_base"))


def different(closes: Closes) -> object:
    return sorted({*stored().items()} ^ {*exact(closes).items()})


@pytest.mark.parametrize("decision", ["accept", "reject"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_rates_are_held_back_shown_and_decided(
    office: Office, fake_yahoo: Script, staff: User, case: Case, decision: str
) -> None:
    held = provoke(case, fake_yahoo)
    assert (held.reason, held.status) == (case.reason, "open")
    assert different(case.rejected) == []

    find(office)
    look(office, case)
    if decision == "accept" and case.accepted is None:
        assert office.page.get_by_role("button", name="Accept").count() == 0
        return
    office.follow(office.page.get_by_role("button", name=decision.capitalize(), exact=True))

    held.refresh_from_db()
    assert office.messages() == [f"EUR/USD: {case.reason.label}: {decision}ed."]
    assert (held.status, held.decided_by) == (f"{decision}ed", staff)
    assert different((case.accepted if decision == "accept" else None) or case.rejected) == []
    office.visit(f"{LIST}?status__exact=open")
    assert office.rows() == 0


def find(office: Office) -> None:
    """From the overview of freshness, which counts them, over the list to the page."""
    office.visit("currencies/exchangerate/freshness")
    assert int(office.page.locator("#content-main tbody td:last-child").inner_text()) > 0
    office.visit(f"{LIST}?status__exact=open")
    assert office.rows() == 1
    office.follow(office.row("EUR/USD").get_by_role("link", name="EUR/USD"))


def look(office: Office, case: Case) -> None:
    drawn = office.drawn()
    assert drawn.keys() == {"Stored", "Came"}
    assert all(pixels >= 20 for pixels in drawn.values()), f"a series is not to be seen: {drawn}"
    assert case.reason.label in office.page.locator(".review-cause").inner_text()


def test_every_reason_is_there() -> None:
    assert {case.reason for case in CASES} == set(Reason)
