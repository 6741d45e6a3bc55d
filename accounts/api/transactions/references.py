"""What bodies name: rows looked up together, however many bodies there are."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q
from rest_framework import serializers

from accounts.models import Account
from currencies.models import Currency
from finances.users.models import User
from securities.models import Security

SYMBOL_LENGTH = 32
KEYS, SYMBOLS = ("security_id", "new_security_id"), ("symbol", "new_symbol")


def key_of(text: Any) -> UUID | None:
    """The UUID that a text is; None for what is none."""
    try:
        return UUID(text) if isinstance(text, str) else None
    except ValueError:
        return None


class References:
    """The securities, accounts and currencies that `bodies` name, as far as `user` sees them: one query a kind."""

    def __init__(self, user: User, bodies: Iterable[Any]) -> None:
        named = [body for body in bodies if isinstance(body, Mapping)]
        self._securities = self._read_securities(user, named)
        accounts = {key for body in named if (key := key_of(body.get("counter_account_id")))}
        self._accounts = Account.objects.for_user(user).in_bulk(accounts) if accounts else {}
        codes = {code for body in named if isinstance(code := body.get("currency_code"), str) and "\x00" not in code}
        self._currencies = Currency.objects.in_bulk(codes) if codes else {}

    def _read_securities(self, user: User, bodies: list[Mapping[str, Any]]) -> dict[UUID | str, Security]:
        keys = {
            key for body in bodies for name in ("security_id", "new_security_id") if (key := key_of(body.get(name)))
        }
        symbols = {
            symbol for body in bodies for name in ("symbol", "new_symbol") if (symbol := _symbol(body.get(name)))
        }
        if not keys and not symbols:
            return {}
        rows = Security.objects.visible_to(user).filter(Q(uuid__in=keys) | Q(owner=None, symbol__in=symbols))
        found: dict[UUID | str, Security] = {row.uuid: row for row in rows.select_related("currency")}
        return found | {row.symbol: row for row in found.values() if row.owner_id is None}

    def security(self, named: Any) -> Security | None:
        """By id."""
        return self._securities.get(key) if (key := key_of(named)) else None

    def listed(self, named: Any) -> Security | None:
        """By symbol."""
        return self._securities.get(symbol) if (symbol := _symbol(named)) else None

    def account(self, named: Any) -> Account | None:
        return self._accounts.get(key) if (key := key_of(named)) else None

    def currency(self, named: Any) -> Currency | None:
        return self._currencies.get(named) if isinstance(named, str) else None


def _symbol(text: Any) -> str | None:
    plain = isinstance(text, str) and 0 < len(text) <= SYMBOL_LENGTH and "\x00" not in text
    return text.upper() if plain else None


class NamedField(serializers.Field[Any, Any, Any, Any]):
    """A row that the context's References know; what is unknown, malformed or hidden is refused in the same words."""

    default_error_messages = {"does_not_exist": "This does not exist."}

    def __init__(self, kind: str, **kwargs: Any) -> None:
        self.kind = kind
        super().__init__(**{"required": False, "allow_null": True, **kwargs})

    def to_internal_value(self, data: Any) -> Any:
        row = getattr(self.context["references"], self.kind)(data)
        return self.fail("does_not_exist") if row is None else row
