"""A performance as it is answered: money and fractions as strings, null where they are not known."""

from collections.abc import Iterator
from typing import Any

from accounts.portfolio.performance.figures import PARTS, Stage, fraction
from accounts.portfolio.performance.reading import Performance
from finances.api.fields import decimal_text, money_text
from finances.valuation.figures import Figure

Body = dict[str, Any]
MONEY = ("opening_value", "closing_value", "change", "gain")
RISK = ("volatility", "sharpe")
BENCHMARK = ("twr", "twr_annualized", "excess", "beta", "correlation")
STAGE = (*MONEY, *PARTS, "twr")


def performance_body(performance: Performance) -> Body:
    stage, query = performance.stage, performance.query
    return stage_body(stage) | {
        "base_currency": query.base,
        "known_at": query.known_at,
        "account_ids": performance.account_ids,
        "measured_days": stage.passage.measured_days,
        "twr_annualized": fraction_text(stage.passage.annualized),
        "xirr": fraction_text(Figure(stage.money_weighted.rate)),
        "risk_free_rate": decimal_text(query.risk_free_rate),
        "volatility": fraction_text(performance.risk.volatility),
        "sharpe": fraction_text(performance.risk.sharpe),
        "max_drawdown": _drawdown(performance),
        "benchmark": _benchmark(performance),
        "years": [stage_body(year) for year in performance.years],
        "months": [stage_body(month) for month in performance.months],
        "excluded_days": performance.excluded_days,
        "left_out": [vars(account) for account in performance.left_out],
        "missing": performance.missing,
        "figures": list(figure_names(performance)),
    }


def stage_body(stage: Stage) -> Body:
    money = {name: getattr(stage, name) for name in MONEY} | dict(stage.parts)
    return {
        "start_date": stage.start,
        "end_date": stage.end,
        **{name: None if amount is None else money_text(amount, stage.base) for name, amount in money.items()},
        "twr": fraction_text(stage.twr),
        "missing": stage.missing,
    }


def figure_names(performance: Performance) -> Iterator[str]:
    """Of all figures that the answer holds."""
    own = (*STAGE, "twr_annualized", "xirr", *RISK, "max_drawdown:depth")
    yield from (f"performance:{name}" for name in own)
    if performance.benchmark is not None:
        yield from (f"performance:benchmark:{name}" for name in BENCHMARK)
    for rows, form in ((performance.years, "%Y"), (performance.months, "%Y-%m")):
        for row in rows:
            yield from (f"performance:{row.start:{form}}:{name}" for name in STAGE)


def fraction_text(figure: Figure) -> str | None:
    shown = fraction(figure.value)
    return None if shown is None else decimal_text(shown)


def _drawdown(performance: Performance) -> Body:
    depth, found = performance.stage.passage.drawdown
    journey = performance.stage.journey
    places: dict[str, int | None] = dict.fromkeys(("peak", "trough", "recovery"))
    if found is not None:
        places |= {"peak": found.peak, "trough": found.trough, "recovery": found.recovery}
    offset = performance.stage.bounds[0]
    dates = {f"{name}_date": None if at is None else journey.day(offset + at) for name, at in places.items()}
    return {"depth": fraction_text(depth), **dates}


def _benchmark(performance: Performance) -> Body | None:
    comparison, benchmark = performance.comparison, performance.benchmark
    if comparison is None or benchmark is None:
        return None
    figures = {name.removeprefix("benchmark."): figure for name, figure in comparison.figures.items()}
    security = benchmark.security
    return {
        "security_id": security.uuid,
        "symbol": security.symbol,
        "name": security.name,
        "currency_code": security.currency_id,
        **{name: fraction_text(figure) for name, figure in figures.items()},
    }
