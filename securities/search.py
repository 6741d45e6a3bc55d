"""Search: what is stored first, topped up with what Yahoo knows."""

from collections.abc import Iterable
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

import structlog

from finances.errors import FinancesError
from finances.statements import Row, Statement
from finances.users.models import User
from finances.yahoo import get_yahoo
from finances.yahoo.types import SearchHit
from securities.models import Security
from securities.models.matching import PARAMETERS, Rank, terms

log = structlog.get_logger(__name__)


COLUMNS = ("uuid", "symbol", "name", "security_type", "exchange", "currency_id", "owner_id")
RANKED = (*COLUMNS, "rank", "pk")
SYMBOL, RANK, KEY = (RANKED.index(name) for name in ("symbol", "rank", "pk"))
BY_RANK = itemgetter(RANK, SYMBOL, KEY)


class Found(NamedTuple):
    hits: list[dict[str, Any]]
    """In the shape of SearchHitSerializer."""
    yahoo_asked: bool


def search_securities(text: str, *, limit: int, user: User) -> Found:
    """Stored securities that `user` sees, best match first; where they are fewer than `limit`, then Yahoo's, of which
    those that are not stored have `in_database` false.

    Yahoo failing costs its part of the answer and no more.
    """
    hits = _stored_hits(search_stored(text, limit=limit, user=user))
    if len(hits) >= limit:
        return Found(hits, yahoo_asked=False)
    hits += _yahoo_hits(text, limit, known={hit["symbol"] for hit in hits if not hit["is_manual"]})
    return Found(hits[:limit], yahoo_asked=True)


def search_stored(text: str, *, limit: int, user: User) -> list[Row]:
    """RANKED of the stored ones, best match first."""
    asked = terms(text, owner=user.pk, limit=limit)
    found = _prefixed_or_own().rows_from(0, limit, **asked)
    for kind, pattern in ((Rank.WORD, asked["word"]), (Rank.PART, asked["part"])):
        better = [row for row in found if row[RANK] < kind]
        if pattern is None or len(better) == limit:
            break
        listed = _listed_inside(kind).rows_from(0, limit, **asked)
        found = [*better, *_merged(found[len(better) :], listed, known=better)][:limit]
    return found


@cache
def _prefixed_or_own() -> Statement:
    return Statement(Security.objects.prefixed_or_own(PARAMETERS), RANKED)


@cache
def _listed_inside(kind: Rank) -> Statement:
    """Which index is best depends on the text, so each is planned for itself."""
    return Statement(Security.objects.listed_inside(kind, PARAMETERS), RANKED, planned=False)


def _merged(own: list[Row], listed: list[Row], *, known: list[Row]) -> list[Row]:
    """In order, without listed ones that are `known` for a better match: so many less are wanted, too."""
    keys = {row[KEY] for row in known}
    return sorted(own + [row for row in listed if row[KEY] not in keys], key=BY_RANK)


def _stored_hits(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [
        {
            "id": key,
            "symbol": symbol,
            "name": name,
            "security_type": security_type,
            "exchange": exchange,
            "currency_code": currency_code,
            "is_manual": owner is not None,
            "in_database": True,
        }
        for key, symbol, name, security_type, exchange, currency_code, owner, *_ in rows
    ]


def _yahoo_hits(text: str, limit: int, known: set[str]) -> list[dict[str, Any]]:
    try:
        found = get_yahoo().search(text, limit=limit)
    except FinancesError as error:
        log.warning("search_without_yahoo", code=error.code)
        return []
    # Stored ones that Yahoo finds by other words than ours were not asked for by this text, yet they are stored.
    listed = Security.objects.listed().filter(symbol__in=[hit.symbol for hit in found]).values_list(*COLUMNS)
    stored = {hit["symbol"]: hit for hit in _stored_hits(listed)}
    return [stored.get(hit.symbol) or _yahoo_hit(hit) for hit in found if hit.symbol not in known]


def _yahoo_hit(hit: SearchHit) -> dict[str, Any]:
    return {
        "id": None,
        "symbol": hit.symbol,
        "name": hit.name,
        "security_type": hit.security_type,
        "exchange": hit.exchange,
        "currency_code": None,
        "is_manual": False,
        "in_database": False,
    }
