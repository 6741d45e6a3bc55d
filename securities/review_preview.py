"""What each decision about a review would do, found by judging the held answer with it; nothing is written."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, replace

import numpy as np

from finances.sync.held_back import Choice
from finances.valuation.adjustment import differs
from securities.bars import COLUMNS, NOISE, BarColumns, moment
from securities.before import Before
from securities.corrections import corrected_dividend, settled, storable
from securities.held import dividend_from_json, from_json
from securities.models import Price, Review
from securities.quarantine import context_for
from securities.recovery import RawDividend, RawHistory
from securities.reviews import bars_left_behind
from securities.verdict import judge
from securities.wording import wording_of

Status = Review.Status
STATUS_AFTER = {"accept": Status.ACCEPTED, "correct": Status.CORRECTED, "reject": Status.REJECTED}
NOTHING_CHANGES = "No stored bar changes, none is added."
_BEFORE = {Status.ACCEPTED: "", Status.CORRECTED: "", Status.REJECTED: "Of the rest: "}


@dataclass(frozen=True)
class Preview:
    """Of one decision about a held answer."""

    bars: BarColumns
    """What would be stored, equal to what is stored already or not; nothing where it stays held back."""
    added: int = 0
    changed: int = 0
    obstacle: str = ""
    """Why nothing would be stored all the same."""
    is_possible: bool = True


def choices_of(review: Review) -> list[Choice]:
    """The decisions that a review allows, with what each of them means and does."""
    choices = []
    for decision, meaning in wording_of(review).items():
        status = STATUS_AFTER[decision]
        if review.response is None:
            choices.append(Choice(decision, meaning, _effect_without_answer(review, status)))
        else:
            seen = preview(review, status)
            effect = seen.obstacle or f"{_BEFORE[status]}{_effect(seen)}{_new_currency(review, status)}"
            choices.append(Choice(decision, meaning, effect, seen.is_possible))
    return choices


def preview(review: Review, status: Status) -> Preview:
    """Of a review that keeps an answer of bars."""
    raw, security = settled(from_json(review.response or {})), review.security
    context = context_for(Before(security), raw, time_zone=security.time_zone)
    if status == Status.ACCEPTED and raw.currency_code != security.currency_id:
        left = bars_left_behind(security, raw)
        if left:
            cause = f"Not possible: {left} stored bars are not in this answer and would stay in {security.currency_id}."
            return Preview(raw.bars.where(slice(0)), obstacle=cause, is_possible=False)
        context = replace(context, currency_code=raw.currency_code)
    verdict = judge(raw, replace(context, reviews=_as_decided(context.reviews, review, status)))
    if verdict.is_held:
        held = [found.reason for found in verdict.findings] + [known.reason for known in verdict.known]
        reasons = {Review.Reason(reason).label for reason in held}
        cause = (
            NOTHING_CHANGES if status == Status.REJECTED else f"Stays held back: {', '.join(sorted(reasons)).lower()}."
        )
        return Preview(raw.bars.where(slice(0)), obstacle=cause)
    return _compared(review, storable(verdict.raw))


def corrected_event(review: Review) -> RawDividend | None:
    """The dividend of a review as the proposed correction leaves it; None where it drops it, or nothing is proposed."""
    return corrected_dividend(dividend_from_json(review.evidence), review.proposal) if review.proposal else None


def stored_beside(review: Review, bars: BarColumns) -> BarColumns:
    """The stored bars from the first of `bars` on, all if there is none, ascending."""
    rows = Price.objects.of(review.security, review.interval).order_by("ts")
    if len(bars):
        rows = rows.filter(ts__gte=moment(bars.times[0]))
    return BarColumns.from_rows(list(rows.values_list(*COLUMNS)))


def _as_decided(reviews: Iterable[Review], review: Review, status: Status) -> list[Review]:
    decided = copy(review)
    decided.status = status
    return [decided if other.pk == review.pk else other for other in reviews]


def _compared(review: Review, raw: RawHistory) -> Preview:
    bars, stored = raw.bars, stored_beside(review, raw.bars)
    _, here, there = np.intersect1d(bars.times, stored.times, return_indices=True)
    prices = differs(stored.prices[:, there], bars.prices[:, here], NOISE.price).any(axis=0)
    volumes = np.abs(stored.volumes[there] - bars.volumes[here]) > NOISE.volume
    return Preview(bars, added=len(bars) - len(here), changed=int((prices | volumes).sum()))


def _effect(seen: Preview) -> str:
    if not seen.added and not seen.changed:
        return NOTHING_CHANGES
    counts = [(seen.added, "added"), (seen.changed, "replaced, the old ones kept as revisions")]
    told = [f"{count} {'bar' if count == 1 else 'bars'} {what}" for count, what in counts if count]
    return f"{' and '.join(told)}."


def _new_currency(review: Review, status: Status) -> str:
    code = (review.response or {})["currency_code"]
    changes = status == Status.ACCEPTED and code != review.security.currency_id
    return f" The security's currency becomes {code}." if changes else ""


def _effect_without_answer(review: Review, status: Status) -> str:
    if review.reason == Review.Reason.EMPTY_HISTORY:
        return NOTHING_CHANGES
    if review.reason == Review.Reason.POSSIBLE_SPLIT:
        split = status == Status.CORRECTED
        return "Stored bars stay as traded; adjusted prices follow the split." if split else "Nothing else changes."
    event = corrected_event(review) if status == Status.CORRECTED else dividend_from_json(review.evidence)
    if event is None or status == Status.REJECTED:
        return "No dividend is stored for it."
    return f"A dividend of {event.amount.normalize():f} {event.currency_code} a share is stored on {event.ex_date}."
