"""Search: what is stored first, topped up with what Yahoo knows."""

from typing import Any

import structlog

from finances.errors import FinancesError
from finances.users.models import User
from finances.yahoo import get_yahoo
from securities.models import Security

log = structlog.get_logger(__name__)


def search_securities(text: str, *, limit: int, user: User) -> list[dict[str, Any]]:
    """Stored securities that `user` sees, best match first; then Yahoo's that are not stored, `in_database` false.

    Yahoo failing costs its part of the answer and no more.
    """
    stored = Security.objects.visible_to(user).matching(text)[:limit]
    hits = [_stored_hit(security) for security in stored]
    if len(hits) < limit:
        hits += _yahoo_hits(text, limit, known={hit["symbol"] for hit in hits if not hit["is_manual"]})
    return hits[:limit]


def _stored_hit(security: Security) -> dict[str, Any]:
    return {
        "id": security.uuid,
        "symbol": security.symbol,
        "name": security.name,
        "security_type": security.security_type,
        "exchange": security.exchange,
        "currency_code": security.currency_id,
        "is_manual": security.is_manual,
        "in_database": True,
    }


def _yahoo_hits(text: str, limit: int, known: set[str]) -> list[dict[str, Any]]:
    try:
        found = get_yahoo().search(text, limit=limit)
    except FinancesError as error:
        log.warning("search_without_yahoo", code=error.code)
        return []
    # Stored ones that Yahoo finds by other words than ours were not asked for by this text, yet they are stored.
    stored = {s.symbol: s for s in Security.objects.listed().filter(symbol__in=[hit.symbol for hit in found])}
    return [
        _stored_hit(stored[hit.symbol])
        if hit.symbol in stored
        else {
            "id": None,
            "symbol": hit.symbol,
            "name": hit.name,
            "security_type": hit.security_type,
            "exchange": hit.exchange,
            "currency_code": None,
            "is_manual": False,
            "in_database": False,
        }
        for hit in found
        if hit.symbol not in known
    ]
