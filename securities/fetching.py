"""What Yahoo says of one symbol, recovered and judged: every network call of a sync, and nothing written but that a
history has vanished."""

from dataclasses import dataclass, replace
from datetime import date

from finances.errors import Unavailable, YahooNoData, YahooNotFound
from finances.sync.models import SyncRun
from finances.yahoo.cached import CachedYahoo
from finances.yahoo.types import Interval, Profile
from securities.bars import INTERVALS, moment
from securities.before import OVERLAP_BARS, Before
from securities.continuity import starts_alike
from securities.models import Bar
from securities.quality import first_gap
from securities.quarantine import context_for, held_bars, raise_empty
from securities.recovery import recover
from securities.verdict import WHOLE_ANSWER, Verdict, judge


@dataclass(frozen=True)
class Fetched:
    profile: Profile | None
    answers: list["Answer"]
    before: Before | None
    """What they were judged against; None for a new security."""

    @property
    def quote_unit(self) -> str:
        """A profile may name another unit than the prices; what is stored is the prices."""
        if self.answers:
            return self.answers[0].verdict.answered.quote_unit
        return self.profile.quote_unit if self.profile else ""

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
    before: Before | None
    run: SyncRun
    refresh: bool


def fetch(
    yahoo: CachedYahoo, symbol: str, intervals: tuple[Interval, ...], run: SyncRun, *, refresh: bool = False
) -> Fetched:
    """`refresh` goes back to the oldest gap, however far that is; else the overlap alone is filled.

    Raises YahooNotFound or another YahooError when Yahoo has no usable answer.
    """
    source = Source(yahoo, symbol, Before.of(symbol), run, refresh)
    answers = [answer for interval in intervals if (answer := _fetch_interval(source, interval)) is not None]
    return Fetched(_fetch_profile(source), answers, source.before)


def _fetch_profile(source: Source) -> Profile | None:
    """None where Yahoo gives prices but no profile for a security that is known: prices go on without it."""
    try:
        return source.yahoo.profile(source.symbol)
    except (Unavailable, YahooNotFound):
        if source.before is None:
            raise
        return None


def _fetch_interval(source: Source, interval: Interval) -> Answer | None:
    """What is new, or everything where nothing is stored or the new does not continue the stored. None where the
    market has no bars this short."""
    start = window_start(source.before, INTERVALS[interval], refresh=source.refresh)
    try:
        answer = _ask(source, interval, start)
        doubtful = any(finding.reason in WHOLE_ANSWER for finding in answer.verdict.findings)
        if start is not None and (doubtful or not answer.starts_alike):
            source.yahoo.forget(source.symbol)
            answer = _ask(source, interval, None)
    except YahooNoData as error:
        if source.before is not None:
            raise_empty(source.before.security, INTERVALS[interval], source.run, str(error))
        if interval == "1d" or start is not None:
            raise
        return None
    return answer


def _ask(source: Source, interval: Interval, start: date | None) -> Answer:
    history = source.yahoo.history(source.symbol, interval=interval, start=start)
    before = source.before
    known = (before.splits, before.void_days) if before else ()
    raw = replace(recover(history, *known), asked_from=start)
    context = context_for(before, raw, time_zone=history.time_zone)
    verdict = judge(raw, context)
    return Answer(verdict, held_bars(verdict, context.window), starts_alike(verdict.raw, context.window))


def window_start(before: Before | None, interval: int, *, refresh: bool) -> date | None:
    """The day from which to ask: an overlap before the last settled bar, or an older gap. None where nothing is
    stored."""
    if before is None or not len(before.tail(interval)):
        return None
    newest = before.tail(interval).times[-OVERLAP_BARS:]
    start = moment(newest[0]).date()
    gap = first_gap(before.security) if refresh and interval == Bar.Interval.DAY else None
    return start if gap is None else min(start, gap)
