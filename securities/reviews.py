"""What staff decide about answers that were held back.

A decision is recorded and the held answer judged again with it, by the same rules as any new one: what is then in
order is stored, with predecessors kept, under a run of the decision's own. A later answer that brings the same figures
is treated alike: accepted ones pass, corrected ones are corrected again (unless the provider has mended them), rejected
ones stay out without another review. Of rejected single bars the rest of the answer is stored; the other reasons keep
out the whole.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from currencies.catalogue import ensure_currency
from finances.errors import Conflict, RuleViolation
from finances.sync.leases import spend
from finances.sync.models import Lease, SyncRun
from finances.sync.runs import leased_run, stamp, succeed
from finances.users.models import User
from finances.yahoo.types import SplitEvent
from securities.actions import store_dividends, store_splits, store_void, withdraw_dividend
from securities.admission import admit
from securities.before import Before
from securities.corrections import corrected_dividend, settled
from securities.held import dividend_from_json, evidence, from_json
from securities.models import Price, Review, Security
from securities.quarantine import context_for
from securities.recovery import RawHistory
from securities.storage import Stored
from securities.verdict import Verdict, judge

SOURCE = "review"


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = "This review is not open any more."


class NoSuchDecision(RuleViolation):
    code = "decision_not_possible"


def accept_review(review: Review, *, by: User) -> Review:
    """The figures are right as they came, a negative price too. Raises NoSuchDecision, AlreadyDecided or, while a sync
    of the symbol runs, SyncInProgress."""
    return _decide(review, Review.Status.ACCEPTED, by)


def correct_review(review: Review, *, by: User) -> Review:
    """Apply the proposed correction. Raises as accept_review, NoSuchDecision also where nothing is proposed or where it
    would leave the answer looking as wrong."""
    return _decide(review, Review.Status.CORRECTED, by)


def reject_review(review: Review, *, by: User) -> Review:
    """The figures are wrong and are never stored. Raises as accept_review; a possible split cannot be rejected, since
    its bar is stored: it is accepted as a move of the price, or corrected."""
    return _decide(review, Review.Status.REJECTED, by)


def bars_left_behind(security: Security, raw: RawHistory) -> int:
    """How many stored bars an answer in another currency does not hold."""
    times = set(raw.bars.times.tolist())
    stored = Price.objects.filter(security=security).values_list("interval", "ts")
    return sum(interval != raw.interval or int(ts.timestamp()) not in times for interval, ts in stored)


def _decide(review: Review, status: Review.Status, by: User) -> Review:
    symbol = review.security.symbol
    origin: Any = {"symbol": symbol, "source": SOURCE, "trigger": SyncRun.Trigger.ADMIN, "started_by": by}
    with leased_run(f"sync:{symbol}", **origin) as (lease, run):
        return _settle(review.pk, status, by, lease, run)


@transaction.atomic
def _settle(pk: int, status: Review.Status, by: User, lease: Lease, run: SyncRun) -> Review:
    spend(lease)
    review: Review = Review.objects.select_related("security").get(pk=pk)
    security = Security.objects.lock(review.security_id)
    review.refresh_from_db()
    _refuse_impossible(review, status)
    stamp(run)
    review.status, review.decided_by, review.decided_at = status, by, timezone.now()
    review.save(update_fields=["status", "decided_by", "decided_at"])
    stored = _effect(review)(security, review, run)
    succeed(run, bars_added=stored.added, bars_changed=stored.changed, splits_used=[])
    return review


def _refuse_impossible(review: Review, status: Review.Status) -> None:
    if review.status != Review.Status.OPEN:
        raise AlreadyDecided
    if status == Review.Status.CORRECTED and not review.proposal:
        raise NoSuchDecision("No correction is proposed; accept or reject it.")
    if status == Review.Status.REJECTED and review.reason == Review.Reason.POSSIBLE_SPLIT:
        raise NoSuchDecision("The bar is stored: accept it as a move of the price, or record the split.")


def _effect(review: Review) -> Callable[[Security, Review, SyncRun], Stored]:
    if review.reason in Review.DIVIDEND_REASONS:
        return _settle_dividend
    if review.reason == Review.Reason.POSSIBLE_SPLIT:
        return _settle_split
    return _settle_answer if review.response is not None else _nothing


def _nothing(_security: Security, _review: Review, _run: SyncRun) -> Stored:
    """An empty history holds nothing to store."""
    return Stored(0, 0)


def _settle_dividend(security: Security, review: Review, run: SyncRun) -> Stored:
    event = dividend_from_json(review.evidence)
    due = None if review.status == Review.Status.REJECTED else event
    if review.status == Review.Status.CORRECTED:
        due = corrected_dividend(event, review.proposal or {})
    if due is None:
        withdraw_dividend(security, event, run)
    else:
        store_dividends(security, [due], run)
    return Stored(0, 0)


def _settle_split(security: Security, review: Review, run: SyncRun) -> Stored:
    if review.status == Review.Status.CORRECTED:
        proposal = review.proposal or {}
        split = SplitEvent(date.fromisoformat(proposal["on"]), proposal["numerator"], proposal["denominator"])
        store_splits(security, [split], run)
    return Stored(0, 0)


def _settle_answer(security: Security, review: Review, run: SyncRun) -> Stored:
    raw, proposal = settled(from_json(review.response or {})), review.proposal or {}
    if review.status == Review.Status.ACCEPTED and raw.currency_code != security.currency_id:
        _change_currency(security, raw)
    if review.status == Review.Status.CORRECTED and proposal["kind"] == "void_split":
        void = next(split for split in raw.splits if split.ex_date.isoformat() == proposal["on"])
        store_void(security, void, run)
    before = Before(security)
    verdict = judge(raw, context_for(before, raw, time_zone=security.time_zone))
    if review.status == Review.Status.CORRECTED and _is_found_again(review, verdict):
        raise NoSuchDecision("With this correction the answer would look wrong in the same way; accept or reject it.")
    return admit(security, before, verdict, run).stored


def _is_found_again(review: Review, verdict: Verdict) -> bool:
    again = [finding for finding in verdict.findings if finding.reason == review.reason]
    return any(evidence(verdict.raw, finding.times) == review.evidence for finding in again)


def _change_currency(security: Security, raw: RawHistory) -> None:
    left = bars_left_behind(security, raw)
    if left:
        raise NoSuchDecision(f"{left} stored bars are not in this answer and would stay in {security.currency_id}.")
    security.currency, security.quote_unit = ensure_currency(raw.currency_code), raw.quote_unit
    security.save(update_fields=["currency", "quote_unit", "updated_at"])
    security.step_version()
