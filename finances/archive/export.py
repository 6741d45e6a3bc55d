"""All that is stored about one user, as lines of JSON. docs/api.md describes the format."""

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

from django.db.models import ForeignKey, Model
from django.utils import timezone

from finances.archive.personal import paths_to_user, rows_of
from finances.archive.rows import BATCH, line_of_fields
from finances.archive.snapshot import snapshot

FORMAT = 1
LEFT_OUT = {
    "admin.LogEntry": "what a member of staff did to the rows of others, with their names",
    "idempotency.IdempotencyKey": "copies of answers, kept for a day",
    "users.User_groups": "what staff may do, which is the installation's",
    "users.User_user_permissions": "what staff may do, which is the installation's",
}
"""Tables that hang on a user and are not exported, and why."""
WITHHELD = re.compile("password|hash|secret|seed|token|jti|key|otp")
"""In the name of a column: it proves who somebody is, or may."""
SHOWN_AS = {
    "securities.Security": {"_id": "uuid", "": "symbol"},
    "sync.SyncRun": {"_id": "uuid"},
}
"""By what a row of these is named, whose keys are internal: suffixes of the field that points there, and columns."""


def write_export(user: Any, file: IO[bytes], *, compressed: bool = False) -> None:
    """Everything as of one moment, in memory that does not grow with it."""
    if not compressed:
        file.writelines(export_lines(user, timezone.now()))
        return
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=6, mtime=0) as packed:
        packed.writelines(export_lines(user, timezone.now()))


def export_lines(user: Any, now: datetime) -> Iterator[bytes]:
    counts: Counter[str] = Counter()
    yield line_of_fields({"record": "export", "format": FORMAT, "user_id": user.pk, "exported_at": now})
    with snapshot():
        for model, paths in paths_to_user().items():
            if model._meta.label not in LEFT_OUT:
                for fields in _rows(user, model, paths):
                    counts[fields["record"]] += 1
                    yield line_of_fields(fields)
    yield line_of_fields({"record": "end", "rows": dict(counts)})


def columns_of(model: type[Model]) -> dict[str, str]:
    """The fields of an exported row, and the look-ups that fill them."""
    columns: dict[str, str] = {}
    for field in model._meta.local_concrete_fields:
        if not WITHHELD.search(field.name):
            columns |= _columns_of_field(field)
    if "uuid" in columns:
        columns["id"] = columns.pop("uuid")
    return columns


def _columns_of_field(field: Any) -> dict[str, str]:
    if not isinstance(field, ForeignKey):
        return {field.name: field.name}
    shown = SHOWN_AS.get(str(field.related_model._meta.label), {"_id": "pk"})
    return {f"{field.name}{suffix}": f"{field.name}__{column}" for suffix, column in shown.items()}


def record_of(model: type[Model]) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", model.__name__).lower()


def _rows(user: Any, model: type[Model], paths: list[str]) -> Iterator[dict[str, Any]]:
    columns, kind = columns_of(model), record_of(model)
    for cells in rows_of(user, model, paths).values_list(*columns.values()).iterator(BATCH):
        yield {"record": kind, **dict(zip(columns, cells, strict=True))}
