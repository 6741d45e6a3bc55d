"""What becomes of one answer: what may be stored, what is held back, what is worth a look.

Pure: it takes the answer, what is stored around it and what staff decided before. The same function judges a new answer
and, after each decision, the one held back; so a decision counts for later answers as for this one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from securities import corrections
from securities.bars import BarColumns
from securities.continuity import contradiction
from securities.ex_dates import unapplied_splits
from securities.held import dividend_from_json
from securities.models import Review
from securities.payouts import DividendFinding, is_same, screen_dividends, with_specials
from securities.recovery import RawDividend, RawHistory
from securities.screening import SAME, Finding, possible_splits, screen_bars

Reason, Status = Review.Reason, Review.Status

OF_SINGLE_BARS = frozenset(
    {
        Reason.IMPOSSIBLE_PRICE, Reason.HIGH_BELOW_LOW, Reason.CLOSE_OUTSIDE_RANGE, Reason.JUMP, Reason.FUTURE_DATE,
        Reason.DUPLICATE_TIMESTAMPS,
    }
)  # fmt: skip
"""Rejected, these bars alone are left out of later answers; of the other reasons the whole answer is."""

WHOLE_ANSWER = frozenset(
    {
        Reason.TRUNCATED_HISTORY, Reason.CURRENCY_CHANGE, Reason.RESTATED_HISTORY, Reason.HIDDEN_SPLIT,
        Reason.UNAPPLIED_SPLIT, Reason.UNIT_FLIP,
    }
)  # fmt: skip
"""Worth asking once more for everything: the whole list of splits may explain them."""


@dataclass(frozen=True)
class Context:
    """What an answer is judged against."""

    currency_code: str
    time_zone: str
    window: BarColumns
    """Settled bars stored from the first day asked for on."""
    around: BarColumns
    """The same and the bar before them."""
    dividends: Sequence[RawDividend]
    """Stored ones."""
    reviews: Sequence[Review]
    """Earlier ones of this series, the latest last."""


@dataclass(frozen=True)
class Verdict:
    raw: RawHistory
    """The answer with earlier decisions applied, without the dividends held back."""
    answered: RawHistory
    """The answer as it came."""
    findings: tuple[Finding, ...] = ()
    """If there is any, nothing of the answer may be stored."""
    known: tuple[Review, ...] = ()
    """Rejected before, and here again: held back without a new review."""
    dividends: tuple[DividendFinding, ...] = ()
    notes: tuple[Finding, ...] = ()

    @property
    def is_held(self) -> bool:
        return bool(self.findings or self.known)


def judge(answered: RawHistory, context: Context) -> Verdict:
    raw = _with_decisions(answered, context)
    findings = [finding for finding in _findings(raw, context) if not _accepted(finding, raw, context.reviews)]
    known = {finding.reason: review for finding in findings if (review := _rejected(finding, raw, context.reviews))}
    # Beside prices that are off, dividends cannot be judged; they are held back with them.
    suspicious = [] if findings else screen_dividends(raw, context.around, context.dividends)
    held = [found for found in suspicious if not _dividend_decision(found.event, context.reviews, Status.ACCEPTED)]
    paid = [event for event in raw.dividends if not any(event is found.event for found in held)]
    return Verdict(
        raw=with_specials(replace(raw, dividends=tuple(paid)), context.around, context.dividends),
        answered=answered,
        findings=tuple(finding for finding in findings if finding.reason not in known),
        known=tuple(known.values()),
        dividends=tuple(held),
        notes=() if findings else tuple(_notes(raw, context)),
    )


def _findings(raw: RawHistory, context: Context) -> list[Finding]:
    quoted = {"currency_code": context.currency_code, "time_zone": context.time_zone}
    findings = screen_bars(raw, context.around, **quoted)
    if any(finding.reason == Reason.CURRENCY_CHANGE for finding in findings):
        return findings
    whole = contradiction(raw, context.window)
    if whole is not None:
        # Steps between bars say nothing where the answer as a whole is off.
        return [whole, *(finding for finding in findings if finding.reason not in (Reason.JUMP, Reason.UNIT_FLIP))]
    return [*findings, *unapplied_splits(raw, context.window)]


def _notes(raw: RawHistory, context: Context) -> list[Finding]:
    seen = [review for review in context.reviews if review.reason == Reason.POSSIBLE_SPLIT]
    found = possible_splits(raw, context.around, time_zone=context.time_zone)
    return [note for note in found if not any(_common(note, raw, review) for review in seen)]


def _with_decisions(raw: RawHistory, context: Context) -> RawHistory:
    for review in context.reviews:
        if review.reason in Review.DIVIDEND_REASONS:
            continue
        if review.status == Status.REJECTED and review.reason in OF_SINGLE_BARS:
            raw = corrections.without_bars(raw, _met_again(raw, review))
        if review.status == Status.CORRECTED and review.proposal:
            raw = _corrected(raw, review, context)
    decided = (_decided_dividend(event, context.reviews) for event in raw.dividends)
    return replace(raw, dividends=tuple(event for event in decided if event is not None))


def _corrected(raw: RawHistory, review: Review, context: Context) -> RawHistory:
    proposal: dict[str, Any] = review.proposal or {}
    if proposal["kind"] == "scale_bars":
        return corrections.scaled_towards(raw, proposal, context.around)
    if proposal["kind"] == "fit_range":
        return corrections.fit_range(raw, _met_again(raw, review))
    if proposal["kind"] == "void_split":
        return corrections.void_split(raw, proposal)
    if review.reason == Reason.HIDDEN_SPLIT:
        return corrections.add_split(raw, proposal)
    # Recovery has undone the split that staff recorded; the provider may not have applied it yet.
    return corrections.scaled_towards(raw, corrections.quoted_before(proposal), context.around)


def _decided_dividend(event: RawDividend, reviews: Iterable[Review]) -> RawDividend | None:
    if _dividend_decision(event, reviews, Status.REJECTED):
        return None
    corrected = _dividend_decision(event, reviews, Status.CORRECTED)
    return corrections.corrected_dividend(event, corrected.proposal or {}) if corrected else event


def _dividend_decision(event: RawDividend, reviews: Iterable[Review], status: str) -> Review | None:
    for review in reviews:
        about_dividend = review.reason in Review.DIVIDEND_REASONS and review.status == status
        if about_dividend and is_same(event, dividend_from_json(review.evidence)):
            return review
    return None


def _accepted(finding: Finding, raw: RawHistory, reviews: Iterable[Review]) -> bool:
    """Whether every bar it is about was accepted as it is."""
    accepted = [review for review in reviews if review.status == Status.ACCEPTED and review.holds_bars]
    met = {time for review in accepted for time in _met_again(raw, review)}
    return bool(finding.times) and met.issuperset(finding.times)


def _rejected(finding: Finding, raw: RawHistory, reviews: Iterable[Review]) -> Review | None:
    """The review of the same trouble with the same bars, as far as both hold them."""
    rejected = [review for review in reviews if review.status == Status.REJECTED and review.reason == finding.reason]
    return next((review for review in rejected if _common(finding, raw, review)), None)


def _common(finding: Finding, raw: RawHistory, review: Review) -> bool:
    told = {time for time, _ in review.evidence}
    common = told.intersection(finding.times)
    return bool(common) and common.issubset(_met_again(raw, review))


def _met_again(raw: RawHistory, review: Review) -> list[int]:
    """The times of a review's bars that `raw` holds with the same closes."""
    told = {time: np.nan if close is None else close for time, close in review.evidence}
    times = np.array([time for time in raw.bars.times.tolist() if time in told], dtype=np.int64)
    here = raw.bars.closes[np.isin(raw.bars.times, times)]
    there = np.array([told[time] for time in times.tolist()], dtype=np.float64)
    same = np.abs(here - there) <= SAME * np.abs(there)
    return list(times[same | (~np.isfinite(here) & np.isnan(there))].tolist())
