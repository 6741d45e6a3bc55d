"""What changes who may act as a user is on the audit trail."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.utils import timezone
from rest_framework.test import APIClient

from finances.audit.models import Entry
from finances.testing.plugin import client_of
from finances.users import totp
from finances.users.models import Session, User
from finances.users.signing import InvalidToken
from finances.users.tests.factories import PASSWORD, PersonalTokenFactory
from finances.users.tests.letters import outbox, token_in
from finances.users.tokens import issue_tokens, rotate

NEW = "another good long secret"


def entries() -> list[tuple[Any, ...]]:
    return list(Entry.objects.order_by("pk").values_list("action", "object_type", "object_id", "actor_id", "fields"))


def test_tokens(alice_client: APIClient, alice: User) -> None:
    asked = {"name": "Sheet", "scope": "read", "expires_at": timezone.now() + timedelta(days=1)}
    made = alice_client.post("/api/v1/auth/tokens", asked).json()["id"]
    alice_client.delete(f"/api/v1/auth/tokens/{made}")

    assert entries() == [
        ("create", "personal-token", made, alice.pk, ["expires_at", "name", "scope"]),
        ("revoke", "personal-token", made, alice.pk, []),
    ]


def test_sessions(alice_client: APIClient, alice: User) -> None:
    own = Session.objects.get().pk
    issue_tokens(alice)
    other = Session.objects.exclude(pk=own).get().pk

    alice_client.delete(f"/api/v1/auth/sessions/{other}")
    alice_client.delete("/api/v1/auth/sessions")

    assert entries() == [
        ("revoke", "session", str(other), alice.pk, []),
        ("revoke_others", "session", str(own), alice.pk, []),
    ]


def test_one_time_codes(alice: User, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("enrol_totp", alice.email)
    totp.end(alice, by=alice)

    assert [(action, actor) for action, _type, _id, actor, _fields in entries()] == [
        ("end_totp", None), ("enrol_totp", None), ("end_totp", alice.pk),
    ]  # fmt: skip


def test_by_staff(client: Browser, alice: User) -> None:
    root = User.objects.create_superuser("root@example.test", PASSWORD)
    issue_tokens(alice)
    token, session = PersonalTokenFactory.create(user=alice), Session.objects.get()
    device, _ = totp.enrol(alice)
    Entry.objects.all().delete()
    client.force_login(root)

    chosen = {"users/personaltoken": token, "users/session": session, "otp_totp/totpdevice": device}
    for page, row in chosen.items():
        action = "reset" if row is device else "revoke"
        for _ in range(2):
            response = client.post(f"/admin/{page}/", {"action": action, "_selected_action": [str(row.pk)]})
            assert response.status_code == 302

    assert entries() == [
        ("revoke", "personal-token", str(token.pk), root.pk, []),
        ("revoke", "session", str(session.pk), root.pk, []),
        ("end_totp", "user", str(alice.pk), root.pk, []),
    ]


@pytest.fixture
def _typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getpass", lambda prompt: NEW)


@pytest.mark.usefixtures("_typed")
def test_a_password_changed_by_an_operator(alice: User) -> None:
    client, pair = client_of(alice), issue_tokens(alice)

    call_command("changepassword", alice.email, stdout=StringIO())

    assert entries() == [("change_password", "user", str(alice.pk), None, [])]
    assert User.objects.get(pk=alice.pk).check_password(NEW)
    assert client.get("/api/v1/users/me").status_code == 401
    with pytest.raises(InvalidToken):
        rotate(pair.refresh_token)
    assert not Session.objects.live(timezone.now()).exists()


def test_a_password_changed_by_staff_is_told_once(client: Browser, alice: User) -> None:
    root = User.objects.create_superuser("root@example.test", PASSWORD)
    Entry.objects.all().delete()
    client.force_login(root)
    form = {"usable_password": "true", "password1": NEW, "password2": NEW, "set-password": "1"}

    assert client.post(f"/admin/users/user/{alice.pk}/password/", form).status_code == 302

    assert entries() == [("change", "users.user", str(alice.pk), root.pk, ["password"])]


def test_registration_and_the_proof_of_an_address(anonymous: APIClient) -> None:
    made = anonymous.post("/api/v1/auth/register", {"email": "dora@example.test", "password": PASSWORD}).json()["id"]
    dora = User.objects.get()
    assert anonymous.post("/api/v1/auth/verify-email", {"token": token_in(outbox()[-1])}).status_code == 204
    client_of(dora).patch("/api/v1/users/me", {"email": "dora@new.example.test", "current_password": PASSWORD})
    assert anonymous.post("/api/v1/auth/verify-email", {"token": token_in(outbox()[-1])}).status_code == 204

    assert entries() == [
        ("create", "user", made, dora.pk, []),
        ("verify_email", "user", made, dora.pk, ["is_verified"]),
        ("change", "user", made, dora.pk, ["email"]),
        ("verify_email", "user", made, dora.pk, ["email", "is_verified"]),
    ]
