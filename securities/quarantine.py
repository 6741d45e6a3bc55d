"""Holding answers back: what a new one is judged against, and the reviews that it leaves behind."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import Any

import numpy as np
from django.utils import timezone

from finances.sync.models import SyncRun
from finances.valuation.adjustment import differs
from securities.bars import BarColumns, moment, seconds
from securities.before import Before
from securities.held import dividend_from_json, dividend_json, evidence, to_json
from securities.models import Bar, Price, Review, Security
from securities.payouts import is_same
from securities.recovery import RawHistory
from securities.screening import SAME, Finding
from securities.verdict import Context, Verdict

Reason = Review.Reason
NOTHING = BarColumns.from_rows([])


def context_for(before: Before | None, raw: RawHistory, *, time_zone: str) -> Context:
    """What an answer is judged against. time_zone: the exchange's, where the security is new."""
    if before is None:
        return Context(raw.currency_code, time_zone, NOTHING, NOTHING, (), ())
    window = before.bars_from(raw.interval, _window_start(raw))
    first = min([*window.times[:1].tolist(), *raw.bars.times[:1].tolist()], default=0)
    return Context(
        currency_code=before.security.currency_id,
        time_zone=before.security.time_zone,
        window=window,
        around=BarColumns.joined([before.bar_before(raw.interval, first), window]),
        dividends=before.dividends,
        reviews=[review for review in before.reviews if review.interval == raw.interval],
    )


def _window_start(raw: RawHistory) -> datetime | None:
    """From when on the answer should hold what is stored."""
    if raw.interval != Bar.Interval.DAY and len(raw.bars):
        # Yahoo keeps short bars for a while only: what is older cannot be in the answer.
        return moment(raw.bars.times[0])
    return None if raw.asked_from is None else datetime.combine(raw.asked_from, time(), UTC)


def raise_reviews(security: Security, verdict: Verdict, run: SyncRun) -> list[Review]:
    """Open a review for each suspicion, or renew the open one of the same kind. Returns those that hold something
    back, those rejected before among them."""
    response = to_json(verdict.answered) if verdict.findings else None
    reviews = [_renewed(security, verdict, finding, run, response) for finding in verdict.findings]
    Review.objects.filter(pk__in=[review.pk for review in verdict.known]).update(last_seen_at=timezone.now())
    for note in verdict.notes:
        told = evidence(verdict.raw, note.times)
        _opened(security, verdict.raw.interval, note, run, told, None, evidence=told)
    dividends = [_dividend_review(security, verdict, found, run) for found in verdict.dividends]
    return [*reviews, *verdict.known, *dividends]


def raise_empty(security: Security, interval: int, run: SyncRun, detail: str) -> None:
    """Yahoo gives nothing where there was a history. Silent after a decision, until more was stored."""
    last = Price.objects.of(security, interval).newest_first().values_list("ts", "close").first()
    if last is None:
        return
    told = [[seconds(last[0]), last[1]]]
    finding = Finding(Reason.EMPTY_HISTORY, detail)
    earlier = Review.objects.filter(security=security, interval=interval, reason=Reason.EMPTY_HISTORY)
    if not any(review.evidence == told for review in earlier.decided()):
        _opened(security, interval, finding, run, told, None)


def outdate(reviews: Iterable[Review], raw: RawHistory) -> None:
    """An answer in order was stored: what an earlier one was held back for is over. `reviews`: the security's."""
    over = [review.pk for review in reviews if review.status == Review.Status.OPEN and _is_over(review, raw)]
    Review.objects.open().filter(pk__in=over).update(status=Review.Status.OUTDATED)


def _is_over(review: Review, raw: RawHistory) -> bool:
    if review.reason in Review.DIVIDEND_REASONS:
        return _is_dividend_over(review, raw)
    if review.reason == Reason.POSSIBLE_SPLIT:
        return (review.proposal or {}).get("on") in [split.ex_date.isoformat() for split in raw.splits]
    return review.interval == raw.interval


def _is_dividend_over(review: Review, raw: RawHistory) -> bool:
    """Whether the answer holds its day and lists it no more, or otherwise."""
    if raw.interval != Bar.Interval.DAY or not len(raw.bars):
        return False
    held, first = dividend_from_json(review.evidence), moment(raw.bars.times[0]).date()
    return held.ex_date >= first and not any(is_same(held, event) for event in raw.dividends)


def held_bars(verdict: Verdict, window: BarColumns) -> int:
    """How many bars of a held answer would have been new or changed."""
    if not verdict.is_held:
        return 0
    bars = verdict.answered.bars
    _, here, there = np.intersect1d(bars.times, window.times, return_indices=True)
    same = ~differs(window.prices[:, there], bars.prices[:, here], SAME).any(axis=0)
    return len(bars) - int(same.sum())


def _renewed(
    security: Security, verdict: Verdict, finding: Finding, run: SyncRun, response: dict[str, Any] | None
) -> Review:
    told = evidence(verdict.raw, finding.times)
    return _opened(security, verdict.answered.interval, finding, run, told, response)


def _opened(
    security: Security,
    interval: int,
    finding: Any,
    run: SyncRun,
    told: list[Any],
    response: dict[str, Any] | None,
    **identity: Any,
) -> Review:
    """One open review a series and reason (`identity`: and event); met again, it shows the latest answer."""
    now = timezone.now()
    review: Review = Review.objects.update_or_create(
        security=security,
        interval=interval,
        reason=finding.reason,
        status=Review.Status.OPEN,
        **identity,
        defaults={
            "detail": finding.detail, "proposal": finding.proposal, "run": run, "evidence": told,
            "response": response, "last_seen_at": now,
        },
        create_defaults={
            "detail": finding.detail, "proposal": finding.proposal, "run": run, "evidence": told,
            "response": response, "last_seen_at": now, "opened_at": now,
        },
    )[0]  # fmt: skip
    return review


def _dividend_review(security: Security, verdict: Verdict, found: Any, run: SyncRun) -> Review:
    told = dividend_json(found.event)
    return _opened(security, verdict.answered.interval, found, run, told, None, evidence=told)
