"""Backup and restore within one engine; test_backup_of_the_demo.py goes from one to the other."""

from datetime import date
from io import StringIO
from pathlib import Path
from threading import Thread
from typing import Any
from zipfile import ZipFile

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.models import ForeignKey

from accounts.models import Account
from accounts.tests.factories import AccountFactory, AccountValueFactory
from currencies.catalogue import load_currencies
from finances.archive.snapshot import snapshot
from finances.archive.tables import FILLED_BY_PREPARE, LEFT_OUT, backed_up, columns, lines_of
from finances.sync.models import SyncRun
from finances.users.groups import ensure_support_group
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities.models import Price
from securities.tests.factories import SecurityFactory, store_closes
from tests.archives import changed, empty_database, make_backup


def everything() -> dict[str, bytes]:
    return {model._meta.label: b"".join(text for _, text in lines_of(model, columns(model))) for model in backed_up()}


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def backup(alice: User, tmp_path: Path) -> Path:
    load_currencies()
    ensure_support_group()
    AccountValueFactory.create(account__owner=alice, value="0.10000001")
    successor = SecurityFactory.create(symbol="NEW")
    store_closes(SecurityFactory.create(symbol="OLD", successor=successor), {date(2024, 1, 2): 0.1 + 0.2})
    return make_backup(tmp_path / "all.zip")


def test_every_table_is_backed_up_or_left_out_for_a_reason() -> None:
    tables = {model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy}
    left = {model for model in tables if model._meta.label in LEFT_OUT}

    assert {model._meta.label for model in left} == set(LEFT_OUT)
    assert {*backed_up(), *left} == tables
    assert {model._meta.label for model in tables} >= FILLED_BY_PREPARE
    for model in backed_up():
        for field in model._meta.local_fields:
            assert not isinstance(field, ForeignKey) or field.related_model not in left, field


def test_restore_brings_everything_back(backup: Path, alice: User) -> None:
    before = everything()
    empty_database()

    assert "each table reads back as it was" in run("restore", str(backup))

    assert everything() == before
    assert Price.objects.get().close == 0.30000000000000004
    assert User.objects.get().password == alice.password
    # Numbers go on after those restored.
    assert SyncRun.objects.create(symbol="X", trigger="COMMAND", started_at=alice.created_at).pk > 1
    connection.check_constraints()


@pytest.mark.usefixtures("backup")
def test_backup_tells_what_it_holds_and_verifies(tmp_path: Path) -> None:
    file = tmp_path / "by-command.zip"

    written, verified = run("backup", str(file)), run("backup", "--verify", str(file))

    assert written == verified
    assert f"of {len(backed_up())} tables" in written
    assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError, match=r"by-command.zip exists\."):
        run("backup", str(file))


def test_restore_refuses_what_is_not_empty(backup: Path) -> None:
    before = everything()

    with pytest.raises(CommandError, match=r"The database is not empty: there are rows of accounts\.Account, "):
        run("restore", str(backup))
    assert everything() == before


def newer_format(manifest: Any) -> None:
    manifest["format"] = 2


def unknown_migration(manifest: Any) -> None:
    manifest["migrations"].append(["accounts", "9999_tomorrow"])


def earlier_release(manifest: Any) -> None:
    manifest["migrations"].remove(["accounts", "0003_openings"])


def another_column(manifest: Any) -> None:
    manifest["tables"][-1]["columns"].append("colour")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (newer_format, "format 2, of a newer release"),
        (unknown_migration, r"newer release: it has the migration accounts\.9999_tomorrow"),
        (earlier_release, r"needs a database without tables: this has accounts\.0003_openings"),
        (another_column, "does not fit this installation: "),
    ],
)
def test_restore_refuses_another_release(backup: Path, change: Any, message: str) -> None:
    empty_database()

    with pytest.raises(CommandError, match=message):
        run("restore", str(changed(backup, manifest=change)))
    assert not User.objects.exists()


@pytest.mark.parametrize("command", [["restore"], ["backup", "--verify"]])
def test_a_damaged_backup_is_refused_before_anything_is_written(backup: Path, tmp_path: Path, command: Any) -> None:
    empty_database()
    damaged = tmp_path / "damaged.zip"
    with ZipFile(backup) as old, ZipFile(damaged, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"0.10000001", b"0.10000002"))

    with pytest.raises(CommandError, match=r"tables/accounts.AccountValue.ndjson is not as it was written"):
        run(*command, str(damaged))
    assert not User.objects.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 what", b"no archive at all"])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "what.zip"
    file.write_bytes(content)

    with pytest.raises(CommandError, match="is no backup, or damaged"):
        run("backup", "--verify", str(file))
    with pytest.raises(CommandError, match=r"nowhere.zip cannot be read: No such file or directory\."):
        run("restore", str(tmp_path / "nowhere.zip"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "rows",
    [
        {"users.User": b""},  # the accounts' owner is missing
        {"accounts.AccountValue": b"not json\n"},
        {"accounts.AccountValue": b"[1]\n"},
    ],
)
def test_a_restore_that_fails_leaves_nothing(backup: Path, rows: dict[str, bytes]) -> None:
    empty_database()

    with pytest.raises(Exception, match=r".") as failed:
        run("restore", str(changed(backup, tables=rows)))

    assert failed.type is not AssertionError
    assert not Account.objects.exists()
    assert not SyncRun.objects.exists()
    call_command("migrate", verbosity=0)  # the content types, which other tests want


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_does_not_see_what_is_written_meanwhile_and_keeps_nobody_waiting() -> None:
    AccountFactory.create()

    def write() -> None:
        UserFactory.create()
        connections.close_all()

    with snapshot():
        before = User.objects.count()
        writer = Thread(target=write)
        writer.start()
        writer.join(timeout=10)
        assert (writer.is_alive(), User.objects.count()) == (False, before)
    assert User.objects.count() == before + 1
