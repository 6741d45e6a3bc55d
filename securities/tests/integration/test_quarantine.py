"""Each reason for holding an answer back: provoked through the scripted Yahoo, accepted, corrected, rejected."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from finances.errors import YahooNoData
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.yahoo.types import Bars, History, SplitEvent
from securities.models import Price, PriceRevision, Review, Security, Split
from securities.reviews import AlreadyDecided, NoSuchDecision, accept_review, correct_review, reject_review
from securities.sync import SyncResult, sync_security
from securities.tests.histories import answer
from securities.wording import wording_of

FIRST = date(2022, 3, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(10)]
GOOD = {day: 100.0 + number for number, day in enumerate(DAYS[:8])}
NEW, LATER, MUCH_LATER = DAYS[8], DAYS[9], DAYS[9] + timedelta(days=1)
NOW = datetime(2022, 3, 20, 22, tzinfo=UTC)
OIL = -37.63

Closes = dict[date, float]


def sync() -> SyncResult:
    return sync_security("ACME", trigger=SyncRun.Trigger.COMMAND, refresh=True)


def stored() -> Closes:
    return {ts.date(): close for ts, close in Price.objects.order_by("ts").values_list("ts", "close")}


def shown(closes: Closes, **changes: Any) -> History:
    return answer(closes, **{"fetched_at": NOW, **changes})


def with_bar(closes: Closes, day: date, **figures: float) -> History:
    """One day's bar with other figures than its close."""
    history = shown(closes)
    at = list(closes).index(day)
    columns = {name: list(getattr(history.bars, name)) for name in ("opens", "highs", "lows", "closes")}
    for name, figure in figures.items():
        columns[name][at] = figure
    return replace(history, bars=replace(history.bars, **{name: tuple(column) for name, column in columns.items()}))


def twice(closes: Closes, day: date, other: float) -> History:
    history = shown(closes)
    bars = history.bars
    extra = shown({day: other}).bars
    columns = ("timestamps", "opens", "highs", "lows", "closes", "volumes")
    return replace(history, bars=Bars(*(getattr(extra, name) + getattr(bars, name) for name in columns)))


def volumes(history: History, figures: list[int]) -> History:
    return replace(history, bars=replace(history.bars, volumes=tuple(figures)))


@dataclass(frozen=True)
class Case:
    reason: str
    history: History
    accepted: Closes
    rejected: Closes = field(default_factory=lambda: dict(GOOD))
    corrected: Closes | None = None
    noted: tuple[str, ...] = ()
    """What accepting it leaves for a look."""


HALVED = {day: close / 2 for day, close in GOOD.items()}
CASES = [
    Case("truncated_history", shown({NEW: 109.0}), {**GOOD, NEW: 109.0}),
    Case("impossible_price", shown({**GOOD, NEW: OIL, LATER: 109.0}), {**GOOD, NEW: OIL, LATER: 109.0},
         rejected={**GOOD, LATER: 109.0}),
    Case("impossible_price", shown({**GOOD, NEW: 0.0}), {**GOOD, NEW: 0.0}),
    Case("impossible_price", shown({**GOOD, NEW: float("inf"), LATER: 1.1e2}), {**GOOD, LATER: 110.0},
         rejected={**GOOD, LATER: 110.0}),
    Case("high_below_low", with_bar({**GOOD, NEW: 109.0}, NEW, highs=108.0, lows=110.0), {**GOOD, NEW: 109.0},
         corrected={**GOOD, NEW: 109.0}),
    Case("close_outside_range", with_bar({**GOOD, NEW: 109.0}, NEW, highs=108.0, lows=107.0, opens=107.5),
         {**GOOD, NEW: 109.0}, corrected={**GOOD, NEW: 109.0}),
    Case("jump", shown({**GOOD, NEW: 4000.0, LATER: 110.0}), {**GOOD, NEW: 4000.0, LATER: 110.0},
         rejected={**GOOD, LATER: 110.0}),
    Case("jump", shown({**GOOD, NEW: 2.5}), {**GOOD, NEW: 2.5}),
    Case("unit_flip", shown({**GOOD, NEW: 1.09, LATER: 1.1}), {**GOOD, NEW: 1.09, LATER: 1.1},
         corrected={**GOOD, NEW: 109.0, LATER: 110.0}),
    Case("unit_flip", shown({day: close * 100 for day, close in {**GOOD, NEW: 109.0}.items()}),
         {day: close * 100 for day, close in {**GOOD, NEW: 109.0}.items()}, corrected={**GOOD, NEW: 109.0}),
    Case("future_date", shown({**GOOD, date(2031, 1, 2): 109.0}), {**GOOD, date(2031, 1, 2): 109.0}),
    Case("currency_change", shown({**GOOD, NEW: 109.0}, quote_unit="EUR"), {**GOOD, NEW: 109.0}),
    Case("duplicate_timestamps", twice({**GOOD, NEW: 109.0, LATER: 110.0}, NEW, 90.0),
         {**GOOD, NEW: 109.0, LATER: 110.0}, rejected={**GOOD, LATER: 110.0}),
    Case("restated_history", shown({day: close * 1.07 for day, close in GOOD.items()}),
         {day: float(f"{close * 1.07:.8g}") for day, close in GOOD.items()}),
    Case("hidden_split", volumes(shown({**HALVED, NEW: 54.5}), [2000] * 8 + [1000]),
         {**HALVED, NEW: 54.5}, corrected={**GOOD, NEW: 54.5}),
    Case("unapplied_split",
         volumes(shown({**GOOD, NEW: 54.5, LATER: 55.0}, splits=(SplitEvent(NEW, 2, 1),)), [1000] * 10),
         {**{day: close * 2 for day, close in GOOD.items()}, NEW: 54.5, LATER: 55.0},
         corrected={**GOOD, NEW: 54.5, LATER: 55.0}, noted=("possible_split",)),
]  # fmt: skip


@pytest.fixture
def acme(fake_yahoo: Script) -> Script:
    fake_yahoo.now = NOW
    fake_yahoo.add("ACME", closes=GOOD)
    sync()
    return fake_yahoo


def held(yahoo: Script, case: Case) -> Review:
    yahoo.answer(case.history)
    result = sync()
    review = Review.objects.get()
    assert (list(result.quarantined), review.reason, review.status) == ([review], case.reason, "OPEN")
    assert (stored(), PriceRevision.objects.count(), Split.objects.count()) == (GOOD, 0, 0)
    return review


def again() -> list[str]:
    """What the same answer leaves open."""
    sync()
    return list(Review.objects.open().values_list("reason", flat=True))


every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.reason)


@every_case
def test_met_again_it_is_one_review(acme: Script, case: Case) -> None:
    first = held(acme, case)

    assert sync().quarantined == (first,)
    assert Review.objects.get().last_seen_at > first.last_seen_at


@every_case
def test_accepted_it_is_stored_and_passes_from_then_on(acme: Script, case: Case, rosa: User) -> None:
    review = accept_review(held(acme, case), by=rosa)

    assert (review.status, review.decided_by) == ("ACCEPTED", rosa)
    assert stored() == case.accepted
    assert (again(), stored()) == (list(case.noted), case.accepted)


@every_case
def test_rejected_it_is_never_stored(acme: Script, case: Case, rosa: User) -> None:
    reject_review(held(acme, case), by=rosa)

    assert stored() == case.rejected
    assert (again(), stored(), PriceRevision.objects.count()) == ([], case.rejected, 0)


@pytest.mark.parametrize("case", [case for case in CASES if case.corrected], ids=lambda case: case.reason)
def test_corrected_it_is_stored_as_proposed_and_corrected_again(acme: Script, case: Case, rosa: User) -> None:
    correct_review(held(acme, case), by=rosa)

    assert stored() == case.corrected
    assert (again(), stored(), PriceRevision.objects.count()) == ([], case.corrected, 0)


@pytest.mark.parametrize("case", [case for case in CASES if not case.corrected], ids=lambda case: case.reason)
def test_without_a_proposal_there_is_nothing_to_correct(acme: Script, case: Case, rosa: User) -> None:
    review = held(acme, case)

    with pytest.raises(NoSuchDecision):
        correct_review(review, by=rosa)
    review.refresh_from_db()
    assert (review.status, stored()) == ("OPEN", GOOD)


def test_accepted_bars_replace_others_with_predecessors(acme: Script, rosa: User) -> None:
    case = next(case for case in CASES if case.reason == "restated_history")
    accept_review(held(acme, case), by=rosa)

    kept = PriceRevision.objects.order_by("ts").values_list("close", flat=True)
    run = SyncRun.objects.get(source="review")
    assert list(kept) == list(GOOD.values())
    assert (run.started_by, run.bars_changed, run.status) == (rosa, 8, "SUCCEEDED")
    assert set(Price.objects.values_list("run", flat=True)) == {run.pk}


def test_an_empty_history_is_noted_and_still_an_error(acme: Script, rosa: User) -> None:
    acme.fail("ACME", YahooNoData())
    with pytest.raises(YahooNoData):
        sync()

    review = Review.objects.get()
    assert (review.reason, review.status, stored()) == ("empty_history", "OPEN", GOOD)
    reject_review(review, by=rosa)
    with pytest.raises(YahooNoData):
        sync()
    assert Review.objects.get().status == "REJECTED"


def test_a_later_answer_in_order_outdates_what_was_held(acme: Script) -> None:
    held(acme, CASES[0])
    acme.answer(shown({**GOOD, NEW: 109.0}))

    assert sync().quarantined == ()
    assert (Review.objects.get().status, stored()) == ("OUTDATED", {**GOOD, NEW: 109.0})


@pytest.mark.parametrize("decide", [accept_review, correct_review, reject_review])
def test_what_is_decided_is_decided(acme: Script, rosa: User, decide: Callable[..., Review]) -> None:
    review = accept_review(held(acme, CASES[0]), by=rosa)

    with pytest.raises(AlreadyDecided):
        decide(review, by=rosa)


def test_a_currency_is_not_changed_while_other_bars_would_stay_behind(acme: Script, rosa: User) -> None:
    acme.answer(shown({NEW: 109.0}, quote_unit="EUR"))
    sync()
    review = Review.objects.get()

    with pytest.raises(NoSuchDecision, match="8 stored bars are not in this answer and would stay in USD"):
        accept_review(review, by=rosa)
    assert Security.objects.get().currency_id == "USD"


def test_an_accepted_currency_is_the_securitys(acme: Script, rosa: User) -> None:
    acme.answer(shown({**GOOD, NEW: 109.0}, quote_unit="EUR"))
    sync()
    assert Security.objects.get().currency_id == "USD"

    accept_review(Review.objects.get(), by=rosa)

    assert Security.objects.get().currency_id == "EUR"


class TestPossibleSplit:
    HALF = {**GOOD, NEW: 54.0}

    @pytest.fixture
    def review(self, acme: Script) -> Review:
        acme.answer(shown(self.HALF))
        assert sync().quarantined == ()
        return Review.objects.get()

    def test_the_bar_is_stored_and_nothing_is_guessed(self, review: Review) -> None:
        assert (review.reason, stored(), Split.objects.count()) == ("possible_split", self.HALF, 0)
        assert review.proposal == {"kind": "add_split", "on": "2022-03-09", "numerator": 2, "denominator": 1}

    def test_accepted_it_was_a_move_of_the_price(self, review: Review, rosa: User) -> None:
        accept_review(review, by=rosa)

        assert (again(), Split.objects.count(), Review.objects.count()) == ([], 0, 1)

    def test_corrected_the_split_is_recorded(self, review: Review, rosa: User) -> None:
        correct_review(review, by=rosa)

        split = Split.objects.get()
        assert (split.ex_date, split.numerator, split.denominator, stored()) == (NEW, 2, 1, self.HALF)
        assert (again(), stored(), PriceRevision.objects.count()) == ([], self.HALF, 0)

    def test_it_cannot_be_rejected(self, review: Review, rosa: User) -> None:
        with pytest.raises(NoSuchDecision):
            reject_review(review, by=rosa)


def test_a_split_listed_and_not_applied_is_not_in_new_bars_before_it_either(acme: Script, rosa: User) -> None:
    closes = {**GOOD, NEW: 108.0, LATER: 109.0, MUCH_LATER: 54.5}
    acme.answer(volumes(shown(closes, splits=(SplitEvent(MUCH_LATER, 2, 1),)), [1000] * 11))
    sync()

    correct_review(Review.objects.get(), by=rosa)

    assert (again(), stored(), PriceRevision.objects.count()) == ([], closes, 0)


def test_two_splits_listed_and_not_applied_have_no_plain_correction(acme: Script, rosa: User) -> None:
    splits = (SplitEvent(NEW, 2, 1), SplitEvent(MUCH_LATER, 3, 1))
    acme.answer(shown({**GOOD, NEW: 54.0, LATER: 55.0, MUCH_LATER: 18.5}, splits=splits))
    sync()

    review = Review.objects.get()
    assert (review.reason, review.proposal) == ("unapplied_split", None)
    assert review.detail == (
        "The splits of 2022-03-09 and 2022-03-11 are among the events, and not in the prices before them."
    )
    with pytest.raises(NoSuchDecision):
        correct_review(review, by=rosa)
    assert (stored(), Split.objects.count()) == (GOOD, 0)


def test_two_splits_between_two_syncs(acme: Script) -> None:
    sixths = {day: close / 6 for day, close in GOOD.items()}
    closes = {**sixths, NEW: 18.0, LATER: 18.5, MUCH_LATER: 19.0}
    splits = (SplitEvent(NEW, 2, 1), SplitEvent(MUCH_LATER, 3, 1))
    acme.answer(volumes(shown(closes, splits=splits), [6000] * 8 + [3000] * 2 + [1000]))

    assert sync().quarantined == ()

    assert (stored(), PriceRevision.objects.count()) == ({**GOOD, NEW: 54.0, LATER: 55.5, MUCH_LATER: 19.0}, 0)
    assert (Split.objects.count(), Review.objects.count()) == (2, 0)


def test_a_correction_that_would_mend_nothing_is_refused(acme: Script, rosa: User) -> None:
    review = held(acme, next(case for case in CASES if case.reason == "hidden_split"))
    review.proposal = {**(review.proposal or {}), "on": "2022-02-28"}
    review.save()

    with pytest.raises(NoSuchDecision, match="would look wrong in the same way"):
        correct_review(review, by=rosa)

    review.refresh_from_db()
    assert (review.status, stored(), Split.objects.count()) == ("OPEN", GOOD, 0)


def test_a_restatement_by_little_is_no_split(acme: Script) -> None:
    """A factor of 101:100 with volumes as they were."""
    acme.answer(shown({day: close * 1.01 for day, close in GOOD.items()}))
    sync()

    review = Review.objects.get()
    assert (review.reason, review.proposal, stored()) == ("restated_history", None, GOOD)


def test_a_jump_beside_a_listed_split_is_no_second_one(acme: Script) -> None:
    """The listed split is in the prices before its day, and the price did not fall on it."""
    acme.answer(
        volumes(shown({**HALVED, NEW: 108.0, LATER: 109.0}, splits=(SplitEvent(NEW, 2, 1),)), [2000] * 8 + [1000] * 2)
    )

    assert sync().quarantined == ()

    review = Review.objects.get()
    assert (review.reason, review.proposal) == ("possible_split", None)
    assert wording_of(review) == {"accept": "The price moved so; there was no split."}


def test_a_listed_split_that_did_not_happen_is_voided(acme: Script, rosa: User) -> None:
    acme.answer(volumes(shown({**GOOD, NEW: 109.0}, splits=(SplitEvent(NEW, 2, 1),)), [1000] * 9))
    sync()
    review = Review.objects.get()
    assert (review.reason, review.proposal) == ("unapplied_split", {"kind": "void_split", "on": "2022-03-09"})

    correct_review(review, by=rosa)

    assert (stored(), Split.objects.get().is_void) == ({**GOOD, NEW: 109.0}, True)
    assert (again(), stored(), PriceRevision.objects.count()) == ([], {**GOOD, NEW: 109.0}, 0)
