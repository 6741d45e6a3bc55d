"""Profiles, histories and search hits as tuples of plain values, and back: what a cache may hold.

Reading raises TypeError, ValueError, LookupError, ArithmeticError or AttributeError for anything of another shape.
"""

from dataclasses import astuple, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, get_args

from finances.yahoo.types import Bars, DividendEvent, History, Interval, Profile, SearchHit, SecurityType, SplitEvent

Plain = tuple[Any, ...]

COLUMNS = tuple(field.name for field in fields(Bars))
PROFILE_TEXTS = tuple(field.name for field in fields(Profile))[:-1]
"""All but the market capitalisation, which is the last."""


def plain_profile(profile: Profile) -> Plain:
    return astuple(profile)


def profile_from_plain(plain: Plain) -> Profile:
    *texts, market_cap = plain
    described: dict[str, Any] = dict(zip(PROFILE_TEXTS, _texts(texts), strict=True))
    profile = Profile(**described, market_cap=None if market_cap is None else Decimal(market_cap))
    _check_type(profile.security_type)
    return profile


def plain_history(history: History) -> Plain:
    return (
        (history.symbol, history.interval, history.quote_unit, history.time_zone),
        history.fetched_at.isoformat(),
        # Column by column: dataclasses.astuple would copy every number one by one.
        tuple(getattr(history.bars, name) for name in COLUMNS),
        tuple((split.ex_date, split.numerator, split.denominator) for split in history.splits),
        tuple((event.ex_date, event.amount, event.kind, event.unit) for event in history.dividends),
        history.duplicates,
    )


def history_from_plain(plain: Plain) -> History:
    texts, fetched_at, columns, splits, dividends, duplicates = plain
    symbol, interval, quote_unit, time_zone = _texts(texts)
    if interval not in get_args(Interval):
        raise ValueError(interval)
    return History(
        symbol=symbol,
        interval=interval,  # type: ignore[arg-type]
        quote_unit=quote_unit,
        time_zone=time_zone,
        fetched_at=datetime.fromisoformat(fetched_at).astimezone(UTC),
        bars=_bars(columns),
        splits=tuple(SplitEvent(_date(day), int(new), int(old)) for day, new, old in splits),
        dividends=tuple(
            DividendEvent(_date(day), Decimal(amount), kind, unit) for day, amount, kind, unit in dividends
        ),
        duplicates=tuple(int(timestamp) for timestamp in duplicates),
    )


def plain_hits(hits: list[SearchHit]) -> Plain:
    return tuple(astuple(hit) for hit in hits)


def hits_from_plain(plain: Plain) -> list[SearchHit]:
    hits = [SearchHit(*_texts(row)) for row in plain]  # type: ignore[arg-type]
    for hit in hits:
        _check_type(hit.security_type)
    return hits


def _bars(columns: Plain) -> Bars:
    bars = Bars(*(tuple(column) for column in columns))
    lengths = {len(getattr(bars, name)) for name in COLUMNS if name != "adjusted"}
    if len(lengths) != 1 or len(bars.adjusted) not in (0, len(bars)):
        raise ValueError("columns of different lengths")
    return bars


def _texts(values: Any) -> tuple[str, ...]:
    if not all(isinstance(value, str) for value in values):
        raise TypeError("not all text")
    return tuple(values)


def _date(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError("not a date")
    return value


def _check_type(security_type: str) -> None:
    if security_type not in get_args(SecurityType):
        raise ValueError(security_type)
