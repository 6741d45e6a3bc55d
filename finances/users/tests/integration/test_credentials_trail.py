"""What changes who may act as a user is on the audit trail."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from finances.audit.models import Entry
from finances.users import totp
from finances.users.models import Session, User
from finances.users.tokens import issue_tokens


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
    totp.end(alice)

    assert [(action, actor) for action, _type, _id, actor, _fields in entries()] == [
        ("end_totp", None), ("enrol_totp", None), ("end_totp", alice.pk),
    ]  # fmt: skip
