"""A judged answer into the database: stored where it is in order, held for review where it is not."""

from dataclasses import dataclass

from finances.sync.models import SyncRun
from securities.before import Before
from securities.models import Review, Security
from securities.quarantine import outdate, raise_reviews
from securities.storage import Stored, store_answer
from securities.verdict import Verdict


@dataclass(frozen=True)
class Admitted:
    stored: Stored
    reviews: list[Review]
    """What was held back, the whole answer or single dividends of it."""


def admit(security: Security, before: Before | None, verdict: Verdict, run: SyncRun) -> Admitted:
    """`before`: what the answer was judged against; None for a new security. Call inside a transaction that has locked
    the security's row, spent its lease and stamped the run."""
    stored = Stored(0, 0)
    if not verdict.is_held:
        if before is not None:
            outdate(before.reviews, verdict.answered)
        stored = store_answer(security, verdict.raw, run, before=before)
    return Admitted(stored, raise_reviews(security, verdict, run))
