"""Search: what is stored first, topped up with what Yahoo knows."""

from functools import cache
from typing import Any
from uuid import UUID

import structlog

from finances.errors import FinancesError
from finances.statements import Row, Statement
from finances.users.models import User
from finances.yahoo import get_yahoo
from finances.yahoo.types import SearchHit
from securities.models import Security
from securities.models.matching import PARAMETERS, terms

log = structlog.get_logger(__name__)


COLUMNS = ("uuid", "symbol", "name", "security_type", "exchange", "currency_id", "owner_id")


def search_securities(text: str, *, limit: int, user: User) -> list[dict[str, Any]]:
    """Stored securities that `user` sees, best match first; then Yahoo's that are not stored, `in_database` false.

    In the shape of SearchHitSerializer. Yahoo failing costs its part of the answer and no more.
    """
    hits = [_stored_hit(*row) for row in search_stored(text, limit=limit, user=user)]
    if len(hits) < limit:
        hits += _yahoo_hits(text, limit, known={hit["symbol"] for hit in hits if not hit["is_manual"]})
    return hits[:limit]


def search_stored(text: str, *, limit: int, user: User) -> list[Row]:
    """COLUMNS of the stored ones, best match first."""
    return _best_first().rows_from(0, limit, **terms(text, owner=user.pk, limit=limit))


@cache
def _best_first() -> Statement:
    """Which index is best depends on the text, so each is planned for itself."""
    return Statement(Security.objects.matching(PARAMETERS), COLUMNS, planned=False)


def _stored_hit(
    key: UUID, symbol: str, name: str, security_type: str, exchange: str, currency_code: str, owner: UUID | None
) -> dict[str, Any]:
    return {
        "id": key,
        "symbol": symbol,
        "name": name,
        "security_type": security_type,
        "exchange": exchange,
        "currency_code": currency_code,
        "is_manual": owner is not None,
        "in_database": True,
    }


def _yahoo_hits(text: str, limit: int, known: set[str]) -> list[dict[str, Any]]:
    try:
        found = get_yahoo().search(text, limit=limit)
    except FinancesError as error:
        log.warning("search_without_yahoo", code=error.code)
        return []
    # Stored ones that Yahoo finds by other words than ours were not asked for by this text, yet they are stored.
    listed = Security.objects.listed().filter(symbol__in=[hit.symbol for hit in found]).values_list(*COLUMNS)
    stored = {row[1]: _stored_hit(*row) for row in listed}
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
