"""The user of a request, from the cache where that is as true as the database."""

from uuid import UUID

from django.db import DEFAULT_DB_ALIAS

from finances.users import principal_cache
from finances.users.models import User

COLUMNS = tuple(field.attname for field in User._meta.concrete_fields if field.attname != "password")


def read_principal(pk: UUID) -> User:
    """Without the password's hash, which is read when it is asked for. Raises User.DoesNotExist."""
    values, versions = principal_cache.find(pk)
    # Another release's columns may be others.
    if values is not None and tuple(values) == COLUMNS:
        return User.from_db(DEFAULT_DB_ALIAS, COLUMNS, values.values())
    user = User.objects.defer("password").get(pk=pk)
    if versions is not None:
        principal_cache.keep(pk, {name: getattr(user, name) for name in COLUMNS}, versions)
    return user
