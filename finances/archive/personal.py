"""Which rows are a user's: found by walking the models, so that a new table is never forgotten.

A row belongs to a user if it goes with them: through a foreign key that cascades to the user, or to a row of theirs.
"""

from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import CASCADE, ForeignKey, Model, Q, QuerySet

Paths = dict[type[Model], list[str]]
"""Of each model the look-ups that lead to its user."""


def paths_to_user() -> Paths:
    """The user's own table first, and each table after those that it hangs on."""
    found: Paths = {get_user_model(): ["pk"]}
    waiting = [get_user_model()]
    while waiting:
        parent = waiting.pop(0)
        for key in _keys_that_cascade_to(parent):
            if key.model not in found:
                waiting.append(key.model)
            found.setdefault(key.model, []).extend(_path(key, step) for step in found[parent])
    return found


def rows_of(user: Any, model: type[Model], paths: list[str]) -> QuerySet[Any]:
    whose = Q()
    for path in paths:
        whose |= Q(**{path: user.pk})
    return model._base_manager.filter(whose).order_by("pk")


def _keys_that_cascade_to(parent: type[Model]) -> list[Any]:
    return [
        field
        for model in apps.get_models(include_auto_created=True)
        if not model._meta.proxy
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey) and field.related_model is parent and field.model is not parent
        if field.remote_field.on_delete is CASCADE
    ]


def _path(key: Any, step: str) -> str:
    return key.name if step == "pk" else f"{key.name}__{step}"
