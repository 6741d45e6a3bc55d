"""All of a user's data: exported whole, deleted whole. Both are proved by walking every model there is."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import CASCADE, RESTRICT, SET_NULL, ForeignKey
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.demo_books import write_books
from accounts.demo_ledger import GROWTH, LONDON
from accounts.models import Account, AccountValue, AccountValueRevision, Holding, Transaction, TransactionRevision
from accounts.tests.factories import AccountFactory, TransactionFactory
from currencies.catalogue import load_currencies
from finances.archive.export import LEFT_OUT, columns_of, export_lines, record_of
from finances.archive.personal import paths_to_user, rows_of
from finances.sync.models import SyncRun
from finances.testing.plugin import client_of
from finances.users.models import EmailToken, Session, User
from finances.users.verification import send_verification
from securities.models import Price, PriceRevision, Security
from securities.tests.factories import SecurityFactory, SyncRunFactory, store_closes

API = "/api/v1"
MENTIONS = {
    "sync.SyncRun.started_by", "sync.SyncBatch.started_by", "currencies.QuarantinedRates.decided_by",
    "securities.Review.decided_by", "accounts.Transaction.posted_by", "accounts.Transaction.voided_by",
    "accounts.TransactionRevision.superseded_by",
}  # fmt: skip
"""Who did something to a row that is not theirs, or not by that: forgotten with the user, and not theirs to export."""


def models() -> list[Any]:
    return [model for model in apps.get_models(include_auto_created=True) if not model._meta.proxy]


def keys() -> Iterator[Any]:
    for model in models():
        yield from (field for field in model._meta.local_fields if isinstance(field, ForeignKey))


def test_every_key_to_a_user_is_known() -> None:
    to_user = {f"{key.model._meta.label}.{key.name}": key for key in keys() if key.related_model is User}
    mentions = {name for name, key in to_user.items() if key.remote_field.on_delete is SET_NULL}

    assert {name for name, key in to_user.items() if key.remote_field.on_delete is not CASCADE} == mentions
    assert mentions == MENTIONS


def test_every_key_to_what_is_owned_goes_with_it() -> None:
    """RESTRICT and its like stand only where another key of the row cascades, so that the row goes all the same."""
    owned = paths_to_user()
    stays = [key for key in keys() if key.related_model in owned and key.model not in owned]

    assert {key.remote_field.on_delete for key in stays if key.related_model is not User} <= {SET_NULL}
    assert RESTRICT not in {key.remote_field.on_delete for key in stays}


def test_every_table_of_a_users_is_exported_or_left_out_for_a_reason() -> None:
    owned = {model._meta.label for model in paths_to_user()}

    assert set(LEFT_OUT) <= owned
    assert all(LEFT_OUT.values())
    records = [record_of(model) for model in paths_to_user() if model._meta.label not in LEFT_OUT]
    assert len(records) == len(set(records))


def test_no_exported_column_proves_who_somebody_is() -> None:
    shown = {f"{model.__name__}.{name}" for model in paths_to_user() for name in columns_of(model)}
    secrets = {"User.password", "User.token_version", "Session.current_jti", "Session.previous_jti",
               "EmailToken.token_hash", "EmailToken.token_version"}  # fmt: skip

    assert shown & secrets == set()
    assert {"User.email", "Session.created_at", "EmailToken.email", "Account.name", "Transaction.note"} <= shown


@pytest.fixture
def _full(alice: User, alice_client: APIClient, charlie: User) -> None:
    """Alice has a row in every table that users have rows in; so has charlie."""
    load_currencies()
    for symbol, currency in ((GROWTH, "USD"), (LONDON, "GBP")):
        store_closes(SecurityFactory.create(symbol=symbol, currency_id=currency), {date(2020, 1, 2): 10.0})
    for user in (alice, charlie):
        fill(user, client_of(user))


def fill(user: User, client: APIClient) -> None:
    write_books(user, today=date(2026, 7, 31))
    send_verification(user)
    house = {"symbol": "HOUSE", "name": "House", "security_type": "OTHER", "currency_code": "EUR"}
    path = f"{API}/securities/{client.post(f'{API}/securities', house).json()['id']}"
    for close in (350_000.1, 350_000.2):
        assert client.put(f"{path}/prices", [{"date": "2022-12-30", "close": close}]).status_code == 200
    depot = Account.objects.get(owner=user, name="Depot")
    holding = {"account_id": str(depot.pk), "security_id": path.rpartition("/")[2], "quantity": "1"}
    assert client.post(f"{API}/holdings", holding).status_code == 201
    revise(user, client)


def revise(user: User, client: APIClient) -> None:
    trade = Transaction.objects.for_user(user).filter(type="FEE")[0]
    assert client.patch(f"{API}/transactions/{trade.pk}", {"amount": "7", "reason": "typo"}).status_code == 200
    value = AccountValue.objects.for_user(user)[0]
    values = f"{API}/accounts/{value.account_id}/values/{value.value_date}"
    assert client.patch(values, {"value": "7"}).status_code == 200


def exported(user: User) -> list[dict[str, Any]]:
    return [json.loads(line) for line in export_lines(user, timezone.now())]


@pytest.mark.usefixtures("_full")
def test_the_export_has_every_row_and_nobody_elses(alice: User, charlie: User) -> None:
    text = b"".join(export_lines(alice, timezone.now())).decode()
    rows = exported(alice)[-1]["rows"]

    shown = {model: paths for model, paths in paths_to_user().items() if model._meta.label not in LEFT_OUT}
    counts = {record_of(model): rows_of(alice, model, paths).count() for model, paths in shown.items()}
    assert rows == {name: count for name, count in counts.items() if count}
    for model in (Account, AccountValue, AccountValueRevision, EmailToken, Holding, Price, PriceRevision, Security,
                  Session, Transaction, TransactionRevision, User):  # fmt: skip
        assert counts[record_of(model)], model
    assert alice.email in text
    assert alice.password not in text
    for secret in (charlie.email, charlie.pk, *Session.objects.values_list("current_jti", flat=True)):
        assert str(secret) not in text


@pytest.mark.usefixtures("_full")
def test_exported_figures_are_exact(alice: User) -> None:
    rows = exported(alice)
    price = next(row for row in rows if row["record"] == "price")
    house = Security.objects.get(owner=alice)
    depot = Account.objects.get(owner=alice, name="Depot")
    holding = next(row for row in rows if row["record"] == "holding" and row["security"] == "HOUSE")

    assert (price["close"], price["security_id"], price["ts"]) == (350_000.2, str(house.uuid), "2022-12-30T00:00:00Z")
    assert (holding["quantity"], holding["account_id"]) == ("1.000000000000", str(depot.pk))


@pytest.mark.usefixtures("_full")
def test_the_export_asks_each_table_once(alice: User) -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        exported(alice)

    assert len(asked) <= len(paths_to_user())


@pytest.mark.usefixtures("_full")
def test_deletion_leaves_nothing(alice: User, alice_client: APIClient, charlie: User, rosa: User) -> None:
    mine = {
        model: list(rows_of(alice, model, paths).values_list("pk", flat=True))
        for model, paths in paths_to_user().items()
    }
    theirs = {model: rows_of(charlie, model, paths).count() for model, paths in paths_to_user().items()}
    of_charlie = Transaction.objects.for_user(charlie)[0]
    Transaction.objects.filter(pk=of_charlie.pk).update(posted_by=alice, voided_by=alice)
    run = SyncRunFactory.create(started_by=alice)
    log(rosa, alice, alice.email)
    log(rosa, Account.objects.filter(owner=alice)[0], "Alice's own name for it")
    log(rosa, charlie, charlie.email)

    assert alice_client.delete(f"{API}/users/me").status_code == 204

    assert {model: model._base_manager.filter(pk__in=pks).count() for model, pks in mine.items()} == dict.fromkeys(
        mine, 0
    )
    assert {model: rows_of(charlie, model, paths).count() for model, paths in paths_to_user().items()} == theirs
    for key in keys():
        if key.related_model is User:
            assert not key.model._base_manager.filter(**{key.attname: alice.pk}).exists(), key
    assert SyncRun.objects.get(pk=run.pk).started_by is None
    assert sorted(LogEntry.objects.values_list("object_repr", "change_message")) == [
        ("(deleted with its user)", ""), ("(deleted with its user)", ""), (charlie.email, "renamed"),
    ]  # fmt: skip
    assert no_orphans()


def log(staff: User, row: Any, name: str) -> None:
    kind = ContentType.objects.get_for_model(row)
    LogEntry.objects.create(
        user=staff,
        content_type=kind,
        object_id=str(row.pk),
        object_repr=name,
        action_flag=CHANGE,
        change_message="renamed",
    )


def no_orphans() -> bool:
    """Also of what only looks like a key: the manual security's runs are market data without an owner."""
    connection.check_constraints()
    return not Security.objects.exclude(owner=None).exclude(owner__in=User.objects.all()).exists()


def test_deletion_of_what_voided_transfers_tie_together(alice: User, alice_client: APIClient) -> None:
    load_currencies()
    one, other = AccountFactory.create(owner=alice), AccountFactory.create(owner=alice)
    for voided_at in (None, datetime(2024, 2, 1, tzinfo=UTC)):
        TransactionFactory.create(account=one, counter_account=other, type="TRANSFER", voided_at=voided_at)

    assert alice_client.delete(f"{API}/users/me").status_code == 204
    assert not Transaction.objects.exists()


def test_deletion_of_staff_ends_their_back_office_session(rosa: User, client: Client) -> None:
    client.force_login(rosa)
    sessions = apps.get_model("sessions", "Session")
    assert sessions.objects.count() == 1

    rosa.delete()

    assert not sessions.objects.exists()


def test_staff_who_gave_no_code_end_their_back_office_session_too(
    rosa: User, rosa_client: APIClient, client: Client, settings: Any
) -> None:
    client.force_login(rosa)
    settings.REQUIRE_STAFF_TOTP = True

    assert rosa_client.delete(f"{API}/users/me").status_code == 204

    assert not apps.get_model("sessions", "Session").objects.exists()
