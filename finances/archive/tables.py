"""What a backup of the installation holds: every table but those named here, each after those that it points to."""

from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model

from finances.archive.rows import BATCH, in_batches, line_of_cells

LEFT_OUT = {
    "sessions.Session": "logins of the back office, which end with a restore",
    "users.Session": "logins of the API, which end with a restore: a refresh token used since would come back to life",
    "users.EmailToken": "works for a day at most, and a used one would come back to life",
    "users.PersonalToken": "one revoked since would come back to life",
    "users.LoginFailures": "counts of the last minutes",
    "idempotency.IdempotencyKey": "answers of the last day, to writes of which the backup may lack some",
    "sync.Lease": "the right of a process that is gone by then",
    "sync.Turn": "when this installation last did its jobs",
}
"""Tables that are not in a backup, and why."""
FILLED_BY_PREPARE = frozenset(
    {"contenttypes.ContentType", "auth.Permission", "auth.Group", "auth.Group_permissions", "currencies.Currency"}
)
"""What `migrate` and `prepare` put into a new database; a restore puts the backup's in its place."""


def backed_up(registry: Any = apps) -> list[type[Model]]:
    """Models of an app registry, the current one or that of a migration's state."""
    models = {model for model in registry.get_models(include_auto_created=True) if _has_table_of_its_own(model)}
    order = TopologicalSorter({model: _needed_by(model) & models for model in sorted(models, key=_label)})
    return list(order.static_order())


def columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.local_concrete_fields]


def lines_of(model: type[Model], names: list[str]) -> Iterator[tuple[int, bytes]]:
    """The rows in order of their keys, in batches: how many, and one line a row."""
    rows = model._base_manager.order_by("pk").values_list(*names).iterator(BATCH)
    for batch in in_batches(rows):
        yield len(batch), b"".join(map(line_of_cells, batch))


def digest(chunks: Iterable[bytes]) -> str:
    found = sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def _has_table_of_its_own(model: type[Model]) -> bool:
    return model._meta.managed and not model._meta.proxy and model._meta.label not in LEFT_OUT


def _needed_by(model: type[Model]) -> set[Any]:
    return {
        field.related_model
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey) and field.related_model is not model
    }


def _label(model: type[Model]) -> str:
    return str(model._meta.label)
