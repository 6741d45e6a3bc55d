"""A backup into an empty database of either engine: everything or nothing, and only if it reads back as it was."""

from contextlib import closing
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from finances.archive.loading import load_rows
from finances.archive.manifest import Manifest, Table
from finances.archive.reading import Backup
from finances.archive.tables import FILLED_BY_PREPARE, backed_up, columns, digest, lines_of

Node = tuple[str, str]


def restore(backup: Backup) -> None:
    """Make the tables as they were, fill them, check each, and migrate to this release. Raises CommandError.

    Tables of an earlier release are filled as that one had them; this one's migrations then do what they do in an
    upgrade.
    """
    models = _tables_as_of(backup.manifest)
    _check_columns(backup.manifest, models)
    with transaction.atomic():
        _check_empty(models)
        for model in reversed(models):
            model._base_manager.all().delete()
        ContentType.objects.clear_cache()
        for table in backup.manifest.tables:
            _fill(backup, table, models)
        _go_on_counting(models)
        connection.check_constraints()
    call_command("migrate", verbosity=0)


def _tables_as_of(manifest: Manifest) -> list[type[Model]]:
    """Models of the release that wrote the backup, on tables made by its migrations."""
    executor = MigrationExecutor(connection)
    wanted = {(app, name) for app, name in manifest.migrations if app in executor.loader.migrated_apps}
    if unknown := sorted(wanted - set(executor.loader.disk_migrations)):
        raise CommandError(f"The backup is of a newer release: it has the migration {'.'.join(unknown[0])}.")
    if beyond := sorted(set(executor.loader.applied_migrations) - wanted):
        raise CommandError(
            f"The backup is of an earlier release and needs a database without tables: this has {'.'.join(beyond[0])}."
        )
    newest = _newest(wanted, executor)
    executor.migrate(newest)
    return backed_up(executor.loader.project_state(newest).apps)


def _newest(wanted: set[Node], executor: MigrationExecutor) -> list[Any]:
    """Those that no other wanted one of the same app comes after."""
    graph = executor.loader.graph
    followed = {parent.key for node in wanted for parent in graph.node_map[node].parents if parent.key[0] == node[0]}
    return sorted(wanted - followed)


def _check_columns(manifest: Manifest, models: list[type[Model]]) -> None:
    needed = {model._meta.label: sorted(columns(model)) for model in models}
    stated = {table.model: sorted(table.columns) for table in manifest.tables}
    if wrong := sorted(label for label in {*needed, *stated} if needed.get(label) != stated.get(label)):
        raise CommandError(f"The backup does not fit this installation: {', '.join(wrong)}.")


def _check_empty(models: list[type[Model]]) -> None:
    used = [m._meta.label for m in models if m._meta.label not in FILLED_BY_PREPARE and m._base_manager.exists()]
    if used:
        raise CommandError(f"The database is not empty: there are rows of {', '.join(sorted(used))}.")


def _fill(backup: Backup, table: Table, models: list[type[Model]]) -> None:
    """Each row is read back, so that nothing that an engine would change slips through."""
    model = next(model for model in models if model._meta.label == table.model)
    with closing(backup.rows(table)) as batches:
        count = load_rows(model, table.columns, batches)
    if count != table.rows or digest(lines for _, lines in lines_of(model, table.columns)) != table.sha256:
        raise CommandError(f"{table.model} does not read back as it was; nothing is restored.")


def _go_on_counting(models: list[type[Model]]) -> None:
    """New rows get the numbers after those restored."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
