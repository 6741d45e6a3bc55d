"""Every reason to hold an answer back: provoked by a sync, seen in the back office, decided by a click, verified."""

from collections.abc import Iterator

import pytest

from finances.errors import YahooNoData
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from securities.models import Price, Review, Security
from securities.sync import sync_security
from tests.browser.office import Office
from tests.browser.scenarios import SCENARIOS, Reason, Scenario, State

LIST = "securities/security/"
OPEN_ONES = f"{LIST}?to_review=yes"
DECISIONS = [(scenario, decision) for scenario in SCENARIOS for decision in scenario.after]


def sync(symbol: str) -> None:
    sync_security(symbol, trigger=SyncRun.Trigger.COMMAND, refresh=True)


def provoke(scenario: Scenario, yahoo: Script) -> Review:
    """Sync twice, once in order. Returns what is held back."""
    scenario.begin(yahoo)
    sync(scenario.symbol)
    scenario.go_wrong(yahoo)
    try:
        sync(scenario.symbol)
    except YahooNoData:
        assert scenario.came is None
    review: Review = Review.objects.get(security__symbol=scenario.symbol)
    return review


def stored(symbol: str) -> State:
    security = Security.objects.get(symbol=symbol)
    figures = ("ts", "open", "high", "low", "close", "volume")
    bars = Price.objects.filter(security=security).order_by("ts").values_list(*figures)
    splits = security.splits.current().order_by("ex_date")
    dividends = security.dividends.current().order_by("ex_date")
    return State(
        rows=[(bar[0].date(), *bar[1:]) for bar in bars],
        currency=security.currency_id,
        splits=list(splits.values_list("ex_date", "numerator", "denominator", "is_void")),
        dividends=list(dividends.values_list("ex_date", "amount")),
    )


def different(one: State, other: State) -> Iterator[object]:
    """What two states do not share; short where whole histories would not be."""
    if one.currency != other.currency:
        yield one.currency, other.currency
    for name in ("rows", "splits", "dividends"):
        yield from sorted({*getattr(one, name)} ^ {*getattr(other, name)})


@pytest.mark.parametrize(("scenario", "decision"), DECISIONS, ids=lambda part: str(part))
def test_it_is_held_back_shown_and_decided(
    office: Office, fake_yahoo: Script, staff: User, scenario: Scenario, decision: str
) -> None:
    review = provoke(scenario, fake_yahoo)
    assert (review.reason, review.status) == (scenario.reason, "OPEN")
    assert list(different(stored(scenario.symbol), scenario.meanwhile)) == []

    find(office, scenario)
    look(office, scenario)
    office.follow(office.page.get_by_role("button", name=decision.capitalize(), exact=True))

    review.refresh_from_db()
    done = {"accept": "accepted", "correct": "corrected", "reject": "rejected"}[decision]
    assert office.messages() == [f"{scenario.symbol}: {Reason(scenario.reason).label}: {done}."]
    assert (review.status, review.decided_by) == (done.upper(), staff)
    assert list(different(stored(scenario.symbol), scenario.after[decision])) == []
    left = Review.objects.open().values_list("reason", flat=True)
    assert list(left) == [scenario.raised[decision]] if decision in scenario.raised else not left
    if not left:
        assert_the_mark_is_gone(office, scenario)


def find(office: Office, scenario: Scenario) -> None:
    """From the list of securities over its page and the list of reviews to the review."""
    label = Reason(scenario.reason).label
    office.visit(OPEN_ONES)
    office.follow(office.row(scenario.symbol).get_by_role("link", name=scenario.symbol, exact=True))
    assert label in office.page.locator(".review-waits").inner_text()
    assert office.drawn()["Close"] > 0
    office.visit(OPEN_ONES)
    office.follow(office.row(scenario.symbol).get_by_role("link", name="To review"))
    assert office.rows() == 1
    office.follow(office.row(scenario.symbol).get_by_role("link", name=f"{scenario.symbol}: {label}"))


def look(office: Office, scenario: Scenario) -> None:
    """The cause, a chart with every series that there is, and a button for each decision that is possible."""
    drawn = office.drawn()
    assert drawn.keys() >= set(scenario.drawn)
    assert all(pixels >= 20 for pixels in drawn.values()), f"a series is not to be seen: {drawn}"
    assert Reason(scenario.reason).label in office.page.locator(".review-cause").inner_text()
    buttons = office.page.locator(".review-choices button").all_inner_texts()
    assert set(buttons) >= {decision.capitalize() for decision in scenario.after}


def assert_the_mark_is_gone(office: Office, scenario: Scenario) -> None:
    assert office.page.locator(".review-choices").count() == 0
    office.visit(OPEN_ONES)
    assert office.rows() == 0
    office.visit(LIST)
    office.follow(office.row(scenario.symbol).get_by_role("link", name=scenario.symbol, exact=True))
    assert office.drawn()["Close"] > 0
    assert office.page.locator(".review-waits").count() == 0


def test_every_reason_is_accepted_and_rejected_or_corrected() -> None:
    decided: dict[str, set[str]] = {}
    for scenario, decision in DECISIONS:
        decided.setdefault(scenario.reason, set()).add(decision)

    assert decided.keys() == set(Reason)
    assert all("accept" in ways for ways in decided.values())
    assert {reason for reason, ways in decided.items() if "reject" not in ways} == {Reason.POSSIBLE_SPLIT}
    proposed = {Reason.HIGH_BELOW_LOW, Reason.CLOSE_OUTSIDE_RANGE, Reason.UNIT_FLIP, Reason.HIDDEN_SPLIT,
                Reason.UNAPPLIED_SPLIT, Reason.POSSIBLE_SPLIT, *Review.DIVIDEND_REASONS}  # fmt: skip
    assert {reason for reason, ways in decided.items() if "correct" in ways} == proposed
