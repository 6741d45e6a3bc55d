"""What Yahoo says of one symbol, recovered and judged: every network call of a sync, and nothing written but that a
history has vanished."""

from dataclasses import dataclass, replace
from datetime import date

from finances.errors import Unavailable, YahooNoData, YahooNotFound
from finances.sync.models import SyncRun
from finances.yahoo.cached import CachedYahoo
from finances.yahoo.types import Interval, Profile
from securities.actions import known_splits, void_days
from securities.bars import INTERVALS
from securities.continuity import starts_alike
from securities.models import Bar, Price, Security
from securities.quality import first_gap
from securities.quarantine import context_for, held_bars, raise_empty
from securities.recovery import recover
from securities.verdict import WHOLE_ANSWER, Verdict, judge

OVERLAP_BARS = 60
"""How many stored bars an answer is to repeat, to show whether it continues them."""


@dataclass(frozen=True)
class Fetched:
    profile: Profile | None
    answers: list["Answer"]

    @property
    def splits_used(self) -> list[list[object]]:
        splits = self.answers[0].verdict.answered.splits if self.answers else ()
        return [[split.ex_date.isoformat(), split.numerator, split.denominator] for split in splits]


@dataclass(frozen=True)
class Answer:
    verdict: Verdict
    bars_held: int
    """How many new or changed bars may not be stored."""
    starts_alike: bool


@dataclass(frozen=True)
class Source:
    yahoo: CachedYahoo
    symbol: str
    security: Security | None
    run: SyncRun
    refresh: bool


def fetch(
    yahoo: CachedYahoo, symbol: str, intervals: tuple[Interval, ...], run: SyncRun, *, refresh: bool = False
) -> Fetched:
    """`refresh` goes back to the oldest gap, however far that is; else the overlap alone is filled.

    Raises YahooNotFound or another YahooError when Yahoo has no usable answer.
    """
    source = Source(yahoo, symbol, Security.objects.listed().filter(symbol=symbol).first(), run, refresh)
    answers = [answer for interval in intervals if (answer := _fetch_interval(source, interval)) is not None]
    return Fetched(_fetch_profile(source), answers)


def _fetch_profile(source: Source) -> Profile | None:
    """None where Yahoo gives prices but no profile for a security that is known: prices go on without it."""
    try:
        return source.yahoo.profile(source.symbol)
    except (Unavailable, YahooNotFound):
        if source.security is None:
            raise
        return None


def _fetch_interval(source: Source, interval: Interval) -> Answer | None:
    """What is new, or everything where nothing is stored or the new does not continue the stored. None where the
    market has no bars this short."""
    start = window_start(source.security, INTERVALS[interval], refresh=source.refresh)
    try:
        answer = _ask(source, interval, start)
        doubtful = any(finding.reason in WHOLE_ANSWER for finding in answer.verdict.findings)
        if start is not None and (doubtful or not answer.starts_alike):
            source.yahoo.forget(source.symbol)
            answer = _ask(source, interval, None)
    except YahooNoData as error:
        if source.security is not None:
            raise_empty(source.security, INTERVALS[interval], source.run, str(error))
        if interval == "1d" or start is not None:
            raise
        return None
    return answer


def _ask(source: Source, interval: Interval, start: date | None) -> Answer:
    history = source.yahoo.history(source.symbol, interval=interval, start=start)
    security = source.security
    known = (known_splits(security), void_days(security)) if security else ()
    raw = replace(recover(history, *known), asked_from=start)
    context = context_for(security, raw, time_zone=history.time_zone)
    verdict = judge(raw, context)
    return Answer(verdict, held_bars(verdict, context.window), starts_alike(verdict.raw, context.window))


def window_start(security: Security | None, interval: int, *, refresh: bool) -> date | None:
    """The day from which to ask: an overlap before the last settled bar, or an older gap. None where nothing is
    stored."""
    if security is None:
        return None
    settled = Price.objects.of(security, interval).filter(provisional=False).newest_first()
    newest = list(settled.values_list("ts", flat=True)[:OVERLAP_BARS])
    if not newest:
        return None
    start: date = newest[-1].date()
    gap = first_gap(security) if refresh and interval == Bar.Interval.DAY else None
    return start if gap is None else min(start, gap)
