"""Price history as JSON: rows or columns, with the fields that PriceSerializer declares."""

from datetime import date
from functools import cache, partial
from typing import Any

import numpy as np
import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from finances.api.bodies import kept_answer
from finances.api.conditional import entity_tag
from finances.statements import Parameter, Statement
from securities.api.serializers import PriceSerializer
from securities.bars import BarColumns
from securities.history import PriceQuery, read_bars, stored_interval
from securities.models import Bar, Security
from securities.succession import chain_of

FIELDS = tuple(PriceSerializer().fields)
TIMES = {"date", "timestamp"}


class HistoryMoved(Exception):  # noqa: N818 - it says what happened
    """It was written to while it was read, so that what was read may be half of each."""


def price_answer(
    request: HttpRequest, security: Security, query: PriceQuery, *, today: date, layout: str
) -> HttpResponse:
    """The body of this history as it is now, kept as long as nothing of it changes. Raises HistoryMoved."""
    render = partial(_unmoved_body, security, query, today=today, layout=layout)
    return kept_answer(request, _tag(security, query, today, layout), render)


def price_data(bars: BarColumns, interval: str, layout: str) -> Any:
    """[{"date" or "timestamp", "open", ...}, ...], or of layout "columns" {"date": [...], "open": [...], ...}."""
    columns = _columns(bars, interval)
    if layout == "columns":
        return columns
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def ordered_bars(security: Security, query: PriceQuery, *, today: date) -> BarColumns:
    bars = read_bars(security, query, today=today)
    return bars.where(slice(None, None, -1)) if query.newest_first else bars


def _tag(security: Security, query: PriceQuery, today: date, layout: str) -> str:
    """Of all that the body depends on: the day too, since an announced split takes effect with it."""
    release = settings.SPECTACULAR_SETTINGS["VERSION"]
    members = [(member.pk, member.data_version) for member in chain_of(security)]
    return entity_tag(release, FIELDS, members, security.pk, security.time_zone, query, today, layout)


def _unmoved_body(security: Security, query: PriceQuery, *, today: date, layout: str) -> bytes:
    body = orjson.dumps(price_data(ordered_bars(security, query, today=today), query.interval, layout))
    if any(_version().rows(pk=member.pk) != [(member.data_version,)] for member in chain_of(security)):
        raise HistoryMoved
    return body


@cache
def _version() -> Statement:
    pk: Any = Security._meta.pk
    return Statement(Security.objects.filter(pk=Parameter("pk", pk)).order_by(), ["data_version"])


def _columns(bars: BarColumns, interval: str) -> dict[str, list[Any]]:
    daily = stored_interval(interval) == Bar.Interval.DAY
    label, suffix = ("date", "") if daily else ("timestamp", "Z")
    times = np.datetime_as_string(bars.times.astype("datetime64[s]"), unit="D" if daily else "s").tolist()
    figures = {
        "open": bars.prices[0].tolist(),
        "high": bars.prices[1].tolist(),
        "low": bars.prices[2].tolist(),
        "close": bars.prices[3].tolist(),
        "volume": [None if volume < 0 else volume for volume in bars.volumes.tolist()],
    }
    named = {label: [at + suffix for at in times] if suffix else times}
    return named | {name: figures[name] for name in FIELDS if name not in TIMES}
