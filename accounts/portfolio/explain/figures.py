"""Which figures can be explained: each kind is declared once, by the form of its name.

A value stands on a day (`net_worth@2024-01-31`), what happened in a range
(`performance:market@2024-01-01..2024-01-31`). The names that the answers list leave the day or range out: then it is
the one that is asked for along with them. A row of a table has its year or month (`performance:2024-03:twr`).
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from accounts.portfolio.allocation import GROUPERS
from accounts.portfolio.explain.benchmark import BenchmarkReturn
from accounts.portfolio.explain.lines import LineOnDay, place_of
from accounts.portfolio.explain.linestages import LineStage
from accounts.portfolio.explain.lots import with_lots
from accounts.portfolio.explain.ranges import Range
from accounts.portfolio.explain.returns import Return, annualized_term, flows_term, xirr_term
from accounts.portfolio.explain.stages import StageTerms, value_term
from accounts.portfolio.explain.statistics import SUMS, Statistics, Sum
from accounts.portfolio.explain.terms import Operation, Term, UnknownFigure
from accounts.portfolio.explain.worths import WorthOnDay
from accounts.portfolio.inputs import Inputs, read_inputs
from accounts.portfolio.lines import Line
from accounts.portfolio.names import TOTALS
from accounts.portfolio.performance.bookings import Part
from accounts.portfolio.performance.figures import FRACTION_PLACES, Stage
from accounts.portfolio.performance.reading import Performance, PerformanceQuery, read_performance
from finances.users.models import User

DAY = timedelta(days=1)
DAY_FORM = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
PERIOD = re.compile(r"performance:(\d{4})(?:-(\d{2}))?:(\w+)\Z", re.ASCII)


Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class Question:
    """as_of: for values without a day of their own. query: for what happened in a range."""

    figure: str
    as_of: date
    query: PerformanceQuery


def explain(owner: User, question: Question, *, today: date) -> Term:
    """Raises UnknownFigure, EndsInFuture, RangeTooLong."""
    name, _, when = question.figure.partition("@")
    if name.startswith("performance:"):
        return _Performed(owner, question, today).term(name, when)
    return _valued(owner, question, name, _day(when) if when else question.as_of)


def _valued(owner: User, question: Question, name: str, on: date) -> Term:
    query = question.query
    # To the end of the range, as the answers that name it: up to there an archived account counts.
    inputs = read_inputs(
        owner,
        base=query.base,
        start=on,
        end=max(on, question.as_of),
        known_at=query.known_at,
        account_ids=query.account_ids,
    )
    kind, _, rest = name.partition(":")
    if name in TOTALS:
        return WorthOnDay(inputs, on).total(name)
    if kind == "account":
        return WorthOnDay(inputs, on).account(_own(inputs, rest))
    if kind == "allocation":
        by, _, key = rest.partition(":")
        _known(GROUPERS, by)
        return WorthOnDay(inputs, on).group(by, key)
    if kind in OF_LINES:
        return OF_LINES[kind](LineOnDay(inputs, _line(inputs, rest), on))
    return WorthOnDay(inputs, on).line(name)


def _own(inputs: Inputs, text: str) -> uuid.UUID:
    key = next((key for key in inputs.scope if str(key) == text), None)
    if key is None:
        raise UnknownFigure
    return key


def _known(figures: Mapping[str, Found], name: str) -> Found:
    if name not in figures:
        raise UnknownFigure
    return figures[name]


def _line(inputs: Inputs, name: str) -> Line:
    return inputs.lines[place_of(inputs, name)]


OF_LINES: Mapping[str, Callable[[LineOnDay], Term]] = {
    "value": LineOnDay.term,
    "quantity": with_lots,
    "balance-amount": LineOnDay.balance_term,
    "recorded-amount": LineOnDay.recorded_term,
}


class _Performed:
    """The figures of a performance, and what is below them."""

    def __init__(self, owner: User, question: Question, today: date) -> None:
        self.performance = read_performance(owner, question.query, today=today)

    def term(self, name: str, when: str) -> Term:
        row = PERIOD.match(name)
        if row is not None:
            return self._of_row(*row.groups())
        _, figure, *rest = name.split(":", 2)
        if when:
            return self._of_range(figure, rest[0] if rest else "", self._range(when))
        whole = ":".join((figure, *rest))
        if whole in STAGE:
            return STAGE[whole](self.performance.stage)
        if whole.startswith("benchmark:") and self.performance.benchmark is None:
            raise UnknownFigure
        return _known(WHOLE, whole)(self.performance)

    def _of_row(self, year: str, month: str | None, figure: str) -> Term:
        rows = self.performance.years if month is None else self.performance.months
        for row in rows:
            if row.start.year == int(year) and (month is None or row.start.month == int(month)):
                return _known(STAGE, figure)(row)
        raise UnknownFigure

    def _of_range(self, figure: str, rest: str, over: Range) -> Term:
        stage = Stage(self.performance.stage.journey, over.first, over.last)
        if rest and figure in OF_LINE_RANGES:
            return self._of_line(figure, rest, over)
        if figure == "sum" and rest in SUMS:
            return Sum(self.performance, rest, over).term()
        if figure == "benchmark-return" and self.performance.benchmark is not None:
            return BenchmarkReturn(self.performance.stage, self.performance.benchmark, over).term()
        return _known({**STAGE, **OF_RANGES}, figure)(stage)

    def _of_line(self, figure: str, name: str, over: Range) -> Term:
        journey = self.performance.stage.journey
        wanted = _line(journey.inputs, name)
        for place, line in enumerate(journey.lines):
            if line is wanted:
                return OF_LINE_RANGES[figure](LineStage(journey, place, over))
        raise UnknownFigure

    def _range(self, when: str) -> Range:
        """Within the days of the performance, or the day before them."""
        first, _, last = when.partition("..")
        found, whole = Range(_day(first), _day(last)), self.performance.stage
        if not whole.start - DAY <= found.first <= found.last <= whole.end:
            raise UnknownFigure
        return found


def _day(text: str) -> date:
    if not DAY_FORM.fullmatch(text):
        raise UnknownFigure
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UnknownFigure from error


def _twr(stage: Stage) -> Term:
    return Return(stage.journey, Range(stage.start, stage.end)).term(places=FRACTION_PLACES)


def _part(part: Part) -> Callable[[Stage], Term]:
    return lambda stage: StageTerms(stage).booked(part)


def _annualized(performance: Performance) -> Term:
    stage = performance.stage
    total = Return(stage.journey, Range(stage.start, stage.end)).brief()
    return annualized_term("twr_annualized", total, stage.passage.annualized, stage.passage.measured_days)


def _benchmark(performance: Performance) -> BenchmarkReturn:
    assert performance.benchmark is not None
    stage = performance.stage
    return BenchmarkReturn(stage, performance.benchmark, Range(stage.start, stage.end))


def _benchmark_annualized(performance: Performance) -> Term:
    assert performance.benchmark is not None
    passage = performance.benchmark.passage
    total = _benchmark(performance).brief()
    return annualized_term("benchmark:twr_annualized", total, passage.annualized, passage.measured_days)


def _excess(performance: Performance) -> Term:
    assert performance.comparison is not None
    stage = performance.stage
    found = Statistics(performance).compared("excess", Operation.DIFFERENCE, [
        Return(stage.journey, Range(stage.start, stage.end)).brief(), _benchmark(performance).brief()
    ])  # fmt: skip
    return replace(found, rule="The portfolio's return less the benchmark's.")


STAGE: Mapping[str, Callable[[Stage], Term]] = {
    "opening_value": lambda stage: StageTerms(stage).opening_value(),
    "closing_value": lambda stage: StageTerms(stage).closing_value(),
    "change": lambda stage: StageTerms(stage).change(),
    "gain": lambda stage: StageTerms(stage).gain(),
    "market": lambda stage: StageTerms(stage).moved("market"),
    "fx": lambda stage: StageTerms(stage).moved("fx"),
    **{part.value: _part(part) for part in Part},
    "twr": _twr,
}
"""What the whole range and each row of a table have."""

WHOLE: Mapping[str, Callable[[Performance], Term]] = {
    "twr_annualized": _annualized,
    "xirr": lambda performance: xirr_term(performance.stage),
    "volatility": lambda performance: Statistics(performance).volatility(),
    "sharpe": lambda performance: Statistics(performance).sharpe(),
    "max_drawdown:depth": lambda performance: Statistics(performance).drawdown(),
    "benchmark:twr": lambda performance: _benchmark(performance).term(name="benchmark:twr", places=FRACTION_PLACES),
    "benchmark:twr_annualized": _benchmark_annualized,
    "benchmark:excess": _excess,
    "benchmark:beta": lambda performance: Statistics(performance).beta(),
    "benchmark:correlation": lambda performance: Statistics(performance).correlation(),
}
"""What only the whole range has."""

OF_RANGES: Mapping[str, Callable[[Stage], Term]] = {
    "return": lambda stage: Return(stage.journey, Range(stage.start, stage.end)).term(),
    "deposits": lambda stage: flows_term(stage.journey, Range(stage.start, stage.end), "deposits"),
    "withdrawals": lambda stage: flows_term(stage.journey, Range(stage.start, stage.end), "withdrawals"),
    "value": lambda stage: value_term(
        stage.journey, stage.end, places=None, figure=f"performance:value@{stage.start}..{stage.end}"
    ),
}
"""What the figures above are made of."""

OF_LINE_RANGES: Mapping[str, Callable[[LineStage], Term]] = {
    "market": lambda stage: stage.term("market"),
    "fx": lambda stage: stage.term("fx"),
    "flow": lambda stage: stage.moved,
    "booked": lambda stage: stage.booked,
}
