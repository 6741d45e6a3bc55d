"""A write that is sent again is done once."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Account, FinancialInstitution, Transaction
from accounts.tests.factories import AccountFactory
from finances.audit.models import Entry
from finances.idempotency.models import IdempotencyKey
from finances.testing.plugin import client_of
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.races import together
from securities.models import Price
from securities.tests.factories import SecurityFactory

URL = "/api/v1/financial-institutions"
BANK = {"name": "Bank"}
IN_PROGRESS = {"detail": "A request with this Idempotency-Key is in progress.", "code": "in_progress"}


def post(client: APIClient, body: Any = BANK, *, key: str = "k-1", url: str = URL) -> Any:
    return client.post(url, body, HTTP_IDEMPOTENCY_KEY=key)


def acme(fake_yahoo: Script) -> None:
    fake_yahoo.now = datetime(2024, 2, 29, 22, tzinfo=UTC)
    fake_yahoo.add("ACME", closes={date(2024, 1, 31): 5.0}, name="Acme")


def test_the_stored_answer_comes_again(alice_client: APIClient) -> None:
    first, again = post(alice_client), post(alice_client)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["ETag"] == first["ETag"]
    assert again["Content-Type"] == first["Content-Type"]
    assert (again["Idempotent-Replayed"], first.has_header("Idempotent-Replayed")) == ("true", False)
    assert (FinancialInstitution.objects.count(), Entry.objects.count()) == (1, 1)


def test_spaces_and_the_order_of_names_do_not_count(alice_client: APIClient) -> None:
    def send(body: str) -> Any:
        return alice_client.generic("POST", URL, body, "application/json", HTTP_IDEMPOTENCY_KEY="k-1")

    first, again = send('{"name": "Bank", "country": "DE"}'), send('{"country":"DE","name":"Bank"}')

    assert (first.status_code, again["Idempotent-Replayed"]) == (201, "true")


def test_another_body_or_path_is_refused(alice_client: APIClient) -> None:
    post(alice_client)
    expected = {
        "detail": "This Idempotency-Key was sent with another request; a new request needs a new key.",
        "code": "idempotency_key_reused",
    }

    other_body = post(alice_client, {"name": "Other"})
    other_path = post(alice_client, {"name": "Bank", "account_type": "CASH"}, url="/api/v1/accounts")

    assert (other_body.status_code, other_body.json()) == (409, expected)
    assert (other_path.status_code, other_path.json()) == (409, expected)
    assert (FinancialInstitution.objects.count(), Account.objects.count()) == (1, 0)


def test_two_users_may_choose_the_same_key(alice_client: APIClient, charlie_client: APIClient) -> None:
    first, other = post(alice_client), post(charlie_client)

    assert (first.status_code, other.status_code) == (201, 201)
    assert first.json()["id"] != other.json()["id"]


def test_what_was_refused_is_not_kept(alice_client: APIClient) -> None:
    refused, mended = post(alice_client, {"name": ""}), post(alice_client)

    assert (refused.status_code, mended.status_code) == (422, 201)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "ä"])
def test_a_key_that_is_none(alice_client: APIClient, key: str) -> None:
    response = post(alice_client, key=key)

    assert response.status_code == 422
    assert response.json() == {
        "detail": [
            {
                "loc": ["header", "Idempotency-Key"],
                "msg": "Give 1 to 255 printable ASCII characters.",
                "type": "invalid",
            }
        ],
        "code": "validation_error",
    }
    assert not FinancialInstitution.objects.exists()


def test_a_key_is_of_no_use_without_a_token(anonymous: APIClient) -> None:
    assert post(anonymous).status_code == 401
    assert not IdempotencyKey.objects.exists()


def test_a_key_counts_for_a_day(alice_client: APIClient) -> None:
    post(alice_client)
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(hours=24))

    again = post(alice_client, {"name": "Other"})

    assert (again.status_code, again.json()["name"]) == (201, "Other")
    assert IdempotencyKey.objects.count() == 1


def test_expired_keys_are_flushed(alice_client: APIClient, capsys: pytest.CaptureFixture[str]) -> None:
    post(alice_client)
    post(alice_client, key="k-2")
    IdempotencyKey.objects.filter(key="k-1").update(created_at=timezone.now() - timedelta(hours=24))

    call_command("flush_expired")

    assert capsys.readouterr().out.endswith(", 1 idempotency keys.\n")
    assert IdempotencyKey.objects.get().key == "k-2"


def test_many_transactions_in_one_body(alice_client: APIClient, alice: User) -> None:
    account = AccountFactory.create(owner=alice)
    url = f"/api/v1/accounts/{account.pk}/transactions/bulk"
    rows = [{"type": "DEPOSIT", "trade_date": "2024-01-31", "amount": "1.00"}] * 3

    first, again = post(alice_client, rows, url=url), post(alice_client, rows, url=url)

    assert (first.status_code, again.content) == (201, first.content)
    assert Transaction.objects.count() == 3


def test_an_upload_whatever_the_boundary(alice_client: APIClient, alice: User) -> None:
    security = SecurityFactory.create(owner=alice)

    def upload(content: bytes) -> Any:
        file = SimpleUploadedFile("prices.csv", content, "text/csv")
        url = f"/api/v1/securities/{security.uuid}/prices/upload"
        return alice_client.post(url, {"file": file}, format="multipart", HTTP_IDEMPOTENCY_KEY="k-1")

    first, again = upload(b"date,close\n2024-01-31,5\n"), upload(b"date,close\n2024-01-31,5\n")
    other = upload(b"date,close\n2024-01-31,6\n")

    assert (first.status_code, first.json()) == (200, {"added": 1, "changed": 0, "unchanged": 0})
    assert (again.content, again["Idempotent-Replayed"]) == (first.content, "true")
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_key_reused")
    assert Price.objects.get().close == 5


def test_a_sync_asks_yahoo_once(alice_client: APIClient, fake_yahoo: Script) -> None:
    acme(fake_yahoo)

    first, again = (post(alice_client, {}, url="/api/v1/securities/ACME/sync") for _ in range(2))

    assert (first.status_code, again.content) == (200, first.content)
    assert again["Idempotent-Replayed"] == "true"


def test_a_sync_that_failed_may_be_tried_again(alice_client: APIClient, fake_yahoo: Script) -> None:
    failed = post(alice_client, {}, url="/api/v1/securities/NONE/sync")

    assert failed.status_code == 404
    assert not IdempotencyKey.objects.exists()


def test_a_claim_of_a_process_that_died_ends(alice_client: APIClient, fake_yahoo: Script) -> None:
    acme(fake_yahoo)
    url = "/api/v1/securities/ACME/sync"
    post(alice_client, {}, url=url)
    claim = IdempotencyKey.objects.all()
    claim.update(status=None, claimed_until=timezone.now() + timedelta(minutes=1))

    held = post(alice_client, {}, url=url)
    claim.update(claimed_until=timezone.now())
    taken = post(alice_client, {}, url=url)

    assert (held.status_code, held.json(), held["Retry-After"]) == (409, IN_PROGRESS, "1")
    assert (taken.status_code, taken.has_header("Idempotent-Replayed")) == (200, False)


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_one_is_done(alice: User) -> None:
    calls = [partial(post, client_of(alice)) for _ in range(8)]

    answers = together(calls)

    assert Counter(answer.status_code for answer in answers) == {201: 8}
    assert len({answer.content for answer in answers}) == 1
    assert sum(answer.has_header("Idempotent-Replayed") for answer in answers) == 7
    assert FinancialInstitution.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_with_one_key_at_once_one_is_refused(alice: User) -> None:
    calls = [partial(post, client_of(alice), {"name": name}) for name in ("One", "Two", "Three", "Four")]

    answers = together(calls)

    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 3}
    assert FinancialInstitution.objects.count() == 1


def test_a_key_goes_with_its_user(alice_client: APIClient, alice: User) -> None:
    post(alice_client)

    alice.delete()

    assert not IdempotencyKey.objects.exists()
