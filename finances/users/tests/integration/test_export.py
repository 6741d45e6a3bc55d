"""The export as a file. That it holds everything is in tests/integration/test_personal.py, which knows all apps."""

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from finances.users.models import Session, User
from finances.users.tests.bodies import NOT_AUTHENTICATED, as_text, assert_unauthenticated

URL = "/api/v1/users/me/export"


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def records(body: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in body.splitlines()]


@pytest.mark.usefixtures("charlie")
def test_export(alice_client: APIClient, alice: User) -> None:
    response = alice_client.get(URL)
    first, *rows, last = records(body_of(response))

    session = Session.objects.get()
    assert response.status_code == 200
    assert (first.pop("exported_at")[-1], first) == ("Z", {"record": "export", "format": 1, "user_id": str(alice.pk)})
    assert rows == [
        {
            "record": "user", "id": str(alice.pk), "email": alice.email, "last_login": None, "is_active": True,
            "is_staff": False, "is_superuser": False, "is_verified": False, "base_currency": "USD", "time_zone": "UTC",
            "created_at": as_text(alice.created_at), "updated_at": as_text(alice.updated_at),
        },
        {
            "record": "session", "id": str(session.pk), "user_id": str(alice.pk), "address": None, "user_agent": "",
            "rotated_at": None, "revoked_at": None,
            "created_at": as_text(session.created_at), "expires_at": as_text(session.expires_at),
        },
    ]  # fmt: skip
    assert last == {"record": "end", "rows": {"user": 1, "session": 1}}


def test_export_is_a_file_that_is_not_kept(alice_client: APIClient) -> None:
    response = alice_client.get(URL)
    name = response["Content-Disposition"]

    assert (name[:31], name[-8:]) == ('attachment; filename="finances-', '.ndjson"')
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/x-ndjson", "private, no-store")
    assert int(response["Content-Length"]) == len(body_of(response))


def test_export_is_compressed_for_who_takes_it(alice_client: APIClient) -> None:
    plain = alice_client.get(URL)
    response = alice_client.get(URL, headers={"Accept-Encoding": "gzip"})

    assert (response["Content-Encoding"], response["Vary"]) == ("gzip", "Accept-Encoding, origin")
    assert records(gzip.decompress(body_of(response)))[1:] == records(body_of(plain))[1:]


def test_export_unauthenticated(anonymous: APIClient) -> None:
    assert_unauthenticated(anonymous.get(URL), NOT_AUTHENTICATED)


def test_exports_are_few(alice_client: APIClient, settings: Any) -> None:
    rates = {**settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "export": "1/hour"}
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}

    responses = [alice_client.get(URL) for _ in range(2)]

    assert [response.status_code for response in responses] == [200, 429]
    assert body_of(responses[0])


@pytest.mark.parametrize(("name", "read"), [("alice.ndjson", bytes), ("alice.ndjson.gz", gzip.decompress)])
def test_export_by_command(alice: User, tmp_path: Path, name: str, read: Any) -> None:
    file = tmp_path / name

    call_command("export_user", "Alice@Example.test", "--output", str(file))

    assert [row["record"] for row in records(read(file.read_bytes()))] == ["export", "user", "end"]
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.usefixtures("alice")
def test_export_by_command_refuses(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    file.write_text("what is there")

    with pytest.raises(CommandError, match="Nobody has the address bob@example.test."):
        call_command("export_user", "bob@example.test", stdout=StringIO())
    with pytest.raises(CommandError, match="kept exists."):
        call_command("export_user", "alice@example.test", "--output", str(file))
    assert file.read_text() == "what is there"
