"""Decisions of staff beside everything else that happens: later answers, other staff, dividends, history by time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from finances.errors import FinancesError
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.races import together
from finances.yahoo.types import DividendEvent, SplitEvent
from securities.models import Dividend, Price, PriceRevision, Review, Split
from securities.reviews import AlreadyDecided, accept_review, correct_review, reject_review
from securities.sync import SyncResult, sync_security
from securities.tests.histories import answer

DAYS = [date(2022, 3, 1) + timedelta(days=number) for number in range(12)]
GOOD = {day: 100.0 + number for number, day in enumerate(DAYS[:8])}
NEW, LATER = DAYS[8], DAYS[9]
NOW = datetime(2022, 3, 20, 22, tzinfo=UTC)


def sync() -> SyncResult:
    return sync_security("ACME", trigger=SyncRun.Trigger.COMMAND, refresh=True)


def stored() -> dict[date, float]:
    return {ts.date(): close for ts, close in Price.objects.order_by("ts").values_list("ts", "close")}


def paid() -> dict[date, Decimal]:
    return dict(Dividend.objects.filter(superseded_at=None).values_list("ex_date", "amount"))


def open_reasons() -> list[str]:
    return list(Review.objects.open().order_by("pk").values_list("reason", flat=True))


@pytest.fixture
def acme(fake_yahoo: Script) -> Script:
    fake_yahoo.now = NOW
    fake_yahoo.add("ACME", closes=GOOD)
    sync()
    return fake_yahoo


def show(yahoo: Script, closes: dict[date, float], **facts: Any) -> SyncResult:
    yahoo.answer(answer(closes, **{"fetched_at": NOW, **facts}))
    return sync()


def dividend(day: date, amount: str) -> DividendEvent:
    return DividendEvent(day, Decimal(amount))


def test_accepted_after_newer_answers_were_held_too(acme: Script, rosa: User) -> None:
    """The held answer is what is accepted, whatever came since; what comes then is judged against it."""
    restated = {day: close * 1.5 for day, close in GOOD.items()}
    show(acme, restated)
    review = Review.objects.get()
    show(acme, {**GOOD, NEW: 4000.0, LATER: 110.0})
    assert open_reasons() == ["restated_history", "jump"]

    accept_review(review, by=rosa)

    assert (stored(), PriceRevision.objects.count(), open_reasons()) == (restated, 8, [])
    show(acme, GOOD)
    assert (stored(), open_reasons()) == (restated, ["restated_history"])


def test_rejected_twice(acme: Script, rosa: User) -> None:
    show(acme, {day: close * 1.5 for day, close in GOOD.items()})
    review = reject_review(Review.objects.get(), by=rosa)

    with pytest.raises(AlreadyDecided):
        reject_review(review, by=rosa)
    refused = SyncRun.objects.filter(source="review").order_by("pk").last()
    assert refused is not None
    assert (refused.status, refused.error_code, stored()) == ("FAILED", "already_decided", GOOD)


@pytest.mark.django_db(transaction=True)
def test_two_accept_at_once(acme: Script, rosa: User) -> None:
    restated = {day: close * 1.5 for day, close in GOOD.items()}
    show(acme, restated)
    pk = Review.objects.get().pk

    def accept() -> str:
        try:
            return accept_review(Review.objects.get(pk=pk), by=rosa).status
        except FinancesError as error:
            return error.code

    outcomes = together([accept] * 3)

    assert outcomes.count("ACCEPTED") == 1
    assert set(outcomes) <= {"ACCEPTED", "already_decided", "sync_in_progress"}
    assert (stored(), PriceRevision.objects.count()) == (restated, 8)


def test_a_bar_that_vanishes_in_the_middle_stays(acme: Script) -> None:
    shown = {day: close for day, close in GOOD.items() if day != DAYS[4]}

    assert show(acme, {**shown, NEW: 108.0}).quarantined == ()
    assert (stored(), PriceRevision.objects.count()) == ({**GOOD, NEW: 108.0}, 0)


def test_from_pence_to_pounds(fake_yahoo: Script) -> None:
    """The market quotes in another unit of the same currency from now on; nothing stored changes."""
    fake_yahoo.now = NOW
    fake_yahoo.add("ACME", closes=GOOD, quote_unit="GBp")
    first = sync().security
    pounds = {day: close / 100 for day, close in GOOD.items()}

    fake_yahoo.add("ACME", closes={**pounds, NEW: 1.08}, quote_unit="GBP")
    second = sync()

    assert (first.quote_unit, second.security.quote_unit, second.security.currency_id) == ("GBp", "GBP", "GBP")
    assert (second.quarantined, stored()) == ((), {**pounds, NEW: 1.08})
    assert PriceRevision.objects.count() == 0


def test_a_dividend_too_small_for_its_rounding_is_kept(acme: Script) -> None:
    for _ in range(2):
        assert show(acme, GOOD, dividends=(dividend(DAYS[5], "0.000031"),)).quarantined == ()

    assert list(Dividend.objects.values_list("amount", "superseded_at")) == [(Decimal("0.000031"), None)]


@pytest.mark.parametrize("listed", [[DAYS[5], DAYS[6]], [DAYS[6]]], ids=["again", "moved"])
def test_a_stored_dividend_listed_once_more_is_held(acme: Script, rosa: User, listed: list[date]) -> None:
    show(acme, GOOD, dividends=(dividend(DAYS[5], "0.5"),))

    held = show(acme, GOOD, dividends=tuple(dividend(day, "0.5") for day in listed)).quarantined

    assert [(review.reason, review.detail) for review in held] == [
        ("phantom_dividend", "0.5 on 2022-03-07 looks like the 0.5 of 2022-03-06 once more.")
    ]
    assert paid() == {DAYS[5]: Decimal("0.5")}
    accept_review(held[0], by=rosa)
    assert paid() == {DAYS[5]: Decimal("0.5"), DAYS[6]: Decimal("0.5")}


def test_a_held_dividend_that_the_provider_mends_is_outdated(acme: Script, rosa: User) -> None:
    large = show(acme, GOOD, dividends=(dividend(DAYS[5], "150"),)).quarantined
    assert [review.reason for review in large] == ["large_dividend"]

    show(acme, GOOD, dividends=(dividend(DAYS[5], "1.5"),))

    assert (paid(), Review.objects.get().status) == ({DAYS[5]: Decimal("1.5")}, "OUTDATED")
    with pytest.raises(AlreadyDecided):
        accept_review(large[0], by=rosa)


def test_a_held_dividend_older_than_the_answer_stays_open(acme: Script) -> None:
    show(acme, GOOD, dividends=(dividend(DAYS[0], "150"),))
    held = answer({day: GOOD[day] for day in DAYS[2:8]}, fetched_at=NOW)
    acme.answer(held)

    sync()

    assert open_reasons() == ["large_dividend"]


def test_an_announced_split_found_void_was_known_before(acme: Script, rosa: User, alice_client: APIClient) -> None:
    """It is superseded by a void one, so that earlier moments read as they were answered."""
    split = SplitEvent(NEW, 2, 1)
    early = replace(answer(GOOD, splits=(split,)), fetched_at=datetime(2022, 3, 8, 23, tzinfo=UTC))
    acme.answer(early)
    sync()
    before = timezone.now()
    acme.answer(answer({**GOOD, NEW: 108.0}, fetched_at=NOW, splits=(split,)))
    sync()

    correct_review(Review.objects.get(), by=rosa)

    (announced, void) = Split.objects.order_by("pk")
    assert (announced.is_void, void.is_void, announced.superseded_at) == (False, True, void.run.recorded_at)
    assert closes(alice_client, known_at=before.isoformat()) == [close / 2 for close in GOOD.values()]
    assert closes(alice_client) == [*GOOD.values(), 108.0]


def closes(client: APIClient, **parameters: Any) -> list[float]:
    found = client.get("/api/v1/securities/ACME/prices", {"order": "asc", **parameters}).json()
    return [bar["close"] for bar in found]
