"""The security whose history is asked for, in one statement that is compiled once."""

from functools import cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import UUIDField

from finances.errors import NotFound
from finances.statements import Parameter, Statement
from securities.models import Security
from securities.models.security import key_of

NEEDED = {"id", "uuid", "currency_id", "time_zone", "data_version", "successor_id"}
COLUMNS = tuple(field.attname for field in Security._meta.concrete_fields if field.attname in NEEDED)
"""What reading prices, splits and dividends takes, in the order of the model's fields."""


def find_history(name: str, *, reader: UUID) -> Security:
    """By UUID, or a listed one by its symbol in any case; with its predecessor. Raises NotFound."""
    key = key_of(name)
    rows = _statement(by_key=key is not None).rows(name=key or name.upper(), reader=reader)
    if not rows:
        raise NotFound("Not found.")
    [row] = rows
    security: Security = _instance(row[: len(COLUMNS)])
    before = _instance(row[len(COLUMNS) :])
    _field("predecessor").set_cached_value(security, before)
    if before is not None:
        _field("successor").set_cached_value(before, security)
    return security


@cache
def _statement(*, by_key: bool) -> Statement:
    name = Parameter("name", _field("uuid" if by_key else "symbol"))
    visible = Security.objects.visible_to(Parameter("reader", UUIDField()))
    found = visible.filter(uuid=name) if by_key else visible.listed().filter(symbol=name)
    return Statement(found.order_by(), (*COLUMNS, *(f"predecessor__{column}" for column in COLUMNS)))


def _instance(values: tuple[Any, ...]) -> Any:
    return None if values[0] is None else Security.from_db(DEFAULT_DB_ALIAS, COLUMNS, values)


def _field(name: str) -> Any:
    return Security._meta.get_field(name)
