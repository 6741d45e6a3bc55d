"""What becomes of one answer, with what staff decided before. March 1 is the first day."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finances.yahoo.types import SplitEvent
from securities.ex_dates import unapplied_splits
from securities.held import dividend_json, evidence
from securities.models import Review
from securities.recovery import RawDividend, RawHistory
from securities.tests.histories import raw
from securities.verdict import Context, Verdict, judge

FIRST = date(2022, 3, 1)
GOOD = [100.0, 101.0, 102.0, 103.0]


def history(*closes: float, **changes: Any) -> RawHistory:
    return replace(raw({FIRST + timedelta(days=number): close for number, close in enumerate(closes)}), **changes)


def judged(answer: RawHistory, *reviews: Review, stored: list[float] = GOOD) -> Verdict:
    bars = history(*stored).bars
    return judge(answer, Context("USD", "UTC", bars, bars, (), reviews))


def reasons(verdict: Verdict) -> list[str]:
    return [finding.reason for finding in verdict.findings]


def decided(verdict: Verdict, status: str) -> Review:
    """The review that staff made of the first finding."""
    finding = verdict.findings[0]
    return Review(
        interval=1440, reason=finding.reason, status=status, proposal=finding.proposal,
        evidence=evidence(verdict.raw, finding.times),
    )  # fmt: skip


def kept(verdict: Verdict) -> list[float]:
    return [float(close) for close in verdict.raw.bars.closes]


def test_an_answer_in_order() -> None:
    verdict = judged(history(*GOOD, 104.0))

    assert (verdict.is_held, reasons(verdict), verdict.notes, kept(verdict)) == (False, [], (), [*GOOD, 104.0])


def test_an_answer_is_kept_as_it_came_beside_what_is_made_of_it() -> None:
    answer = history(*GOOD, 4000.0)
    rejected = decided(judged(answer), "REJECTED")

    verdict = judged(answer, rejected)

    assert (kept(verdict), verdict.answered) == (GOOD, answer)


@pytest.mark.parametrize(
    ("status", "held", "closes"),
    [("OPEN", True, [*GOOD, 4000.0]), ("ACCEPTED", False, [*GOOD, 4000.0]), ("REJECTED", False, GOOD),
     ("OUTDATED", True, [*GOOD, 4000.0])],
)  # fmt: skip
def test_decisions_about_single_bars(status: str, held: bool, closes: list[float]) -> None:
    answer = history(*GOOD, 4000.0)

    verdict = judged(answer, decided(judged(answer), status))

    assert (verdict.is_held, kept(verdict)) == (held, closes)


def test_a_decision_is_about_its_figures() -> None:
    accepted = decided(judged(history(*GOOD, 4000.0)), "ACCEPTED")

    assert reasons(judged(history(*GOOD, 5000.0), accepted)) == ["jump"]


def test_more_bars_than_were_accepted_are_held() -> None:
    accepted = decided(judged(history(*GOOD, 4000.0)), "ACCEPTED")

    assert reasons(judged(history(*GOOD, 4000.0, 4100.0), accepted)) == ["jump"]


def test_a_restatement_is_told_without_the_jumps_it_brings() -> None:
    verdict = judged(history(4.0, 4.1, 4.3, 4.2, 104.0))

    assert reasons(verdict) == ["restated_history"]


def test_a_rejected_restatement_is_held_without_a_new_review() -> None:
    answer = history(*(close * 1.5 for close in GOOD))
    rejected = decided(judged(answer), "REJECTED")

    verdict = judged(answer, rejected)

    assert (verdict.is_held, verdict.findings, verdict.known) == (True, (), (rejected,))


def test_an_accepted_restatement_passes() -> None:
    answer = history(*(close * 1.5 for close in GOOD))

    assert not judged(answer, decided(judged(answer), "ACCEPTED")).is_held


def test_a_corrected_unit_is_corrected_again_until_the_provider_mends_it() -> None:
    answer = history(*(close * 100 for close in GOOD), 10_400.0)
    corrected = decided(judged(answer), "CORRECTED")

    assert kept(judged(answer, corrected)) == [*GOOD, 104.0]
    assert kept(judged(history(*GOOD, 104.0), corrected)) == [*GOOD, 104.0]


def test_another_currency_is_the_only_finding() -> None:
    assert reasons(judged(history(-1.0, currency_code="EUR"))) == ["currency_change"]


def test_beside_prices_that_are_off_dividends_are_not_judged() -> None:
    huge = RawDividend(FIRST + timedelta(days=2), Decimal(500), "ordinary", "USD")

    assert judged(history(*GOOD, 4000.0, dividends=(huge,))).dividends == ()
    held = judged(history(*GOOD, dividends=(huge,)))
    assert ([found.event for found in held.dividends], held.raw.dividends, held.is_held) == ([huge], (), False)


@pytest.mark.parametrize(
    ("status", "proposal", "amounts"),
    [
        ("ACCEPTED", None, ["500"]),
        ("REJECTED", None, []),
        ("CORRECTED", {"kind": "scale_dividend", "factor": 0.01}, ["5.00000000"]),
        ("CORRECTED", {"kind": "drop_dividend"}, []),
    ],
)
def test_decisions_about_dividends(status: str, proposal: Any, amounts: list[str]) -> None:
    huge = RawDividend(FIRST + timedelta(days=2), Decimal(500), "ordinary", "USD")
    review = Review(reason="large_dividend", status=status, proposal=proposal, evidence=dividend_json(huge))

    verdict = judged(history(*GOOD, dividends=(huge,)), review)

    assert ([str(event.amount) for event in verdict.raw.dividends], verdict.dividends) == (amounts, ())


def test_a_possible_split_is_a_note_and_told_once() -> None:
    answer = history(*GOOD, 52.0)
    first = judged(answer)
    (note,) = first.notes
    seen = Review(reason=note.reason, status="ACCEPTED", evidence=evidence(answer, note.times))

    assert (first.is_held, note.reason, kept(first)) == (False, "possible_split", [*GOOD, 52.0])
    assert judged(answer, seen).notes == ()


class TestUnappliedSplits:
    """Of a new history: recovery has doubled what was before March 3."""

    EX = date(2022, 3, 3)

    def found(
        self, *closes: float, ratio: tuple[int, int] = (2, 1), stored: tuple[float, ...] = (), **facts: Any
    ) -> Any:
        answer = history(*closes, splits=(SplitEvent(self.EX, *ratio),), **facts)
        return [
            (finding.reason, len(finding.times), finding.proposal)
            for finding in unapplied_splits(answer, history(*stored).bars)
        ]

    def test_a_step_that_is_smooth_only_as_quoted(self) -> None:
        proposal = {"kind": "scale_bars", "factor": 0.5, "from": None, "to": "2022-03-02", "volumes": True}

        assert self.found(200.0, 202.0, 50.5) == [("unapplied_split", 2, proposal)]

    @pytest.mark.parametrize("after", [101.0, 90.0, 80.0, 130.0])
    def test_a_step_that_is_smooth_as_recovered(self, after: float) -> None:
        assert self.found(200.0, 202.0, after) == []

    def test_a_small_ratio_is_not_told_from_a_days_move(self) -> None:
        assert self.found(103.0, 104.0, 98.0, ratio=(103, 100)) == []

    def test_what_was_paid_on_the_day_belongs_to_the_step(self) -> None:
        paid = RawDividend(self.EX, Decimal(100), "ordinary", "USD")

        assert self.found(200.0, 202.0, 51.0, dividends=(paid,)) == []

    def test_bars_that_are_stored_as_they_come_are_beyond_doubt(self) -> None:
        assert self.found(200.0, 202.0, 50.5, stored=(200.0,)) == []

    def test_without_a_bar_on_either_side_nothing_is_said(self) -> None:
        assert self.found(200.0, 202.0) == []

    def test_short_bars_are_not_judged(self) -> None:
        assert self.found(200.0, 202.0, 50.5, interval=60) == []
