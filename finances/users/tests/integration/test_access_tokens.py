import base64
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from finances.users.models import User
from finances.users.tests.bodies import NOT_AUTHENTICATED, TOKEN_NOT_VALID, assert_unauthenticated
from finances.users.tokens import issue_tokens

URL = "/api/v1/users/me"


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


FORGED = {
    "empty": "",
    "words": "two words",
    "text": "text",
    "latin": "tökén",
    "no signature": encoded('{"alg":"none"}') + ".e30.",
    "deep header": f"{encoded('[' * 50_000)}.e30.c2ln",
    "header in UTF-16": "__4AAA.e30.c2ln",
    "huge number": encoded('{"alg":' + "9" * 5000 + "}") + ".e30.c2ln",
    "other key": jwt.encode({"sub": "x", "token_type": "access", "jti": "1"}, "k" * 40, algorithm="HS256"),
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_forged_token(anonymous: APIClient, token: str) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert_unauthenticated(anonymous.get(URL), TOKEN_NOT_VALID)


@pytest.mark.parametrize("header", [None, "", "Basic YWxpY2U6c2VjcmV0", "Token abc"])
def test_no_token(anonymous: APIClient, header: str | None) -> None:
    if header is not None:
        anonymous.credentials(HTTP_AUTHORIZATION=header)
    assert_unauthenticated(anonymous.get(URL), NOT_AUTHENTICATED)


def test_scheme_in_any_case(anonymous: APIClient, alice: User) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION=f"bearer {issue_tokens(alice).access_token}")
    assert anonymous.get(URL).status_code == 200


def test_refresh_token_is_no_access_token(anonymous: APIClient, alice: User) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(alice).refresh_token}")
    assert_unauthenticated(anonymous.get(URL), TOKEN_NOT_VALID)


def test_expired_token(anonymous: APIClient, alice: User) -> None:
    token = AccessToken(issue_tokens(alice).access_token)  # type: ignore[arg-type]
    token.set_exp(lifetime=timedelta(seconds=-1))
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    assert_unauthenticated(anonymous.get(URL), TOKEN_NOT_VALID)


def test_token_of_deleted_user(alice_client: APIClient, alice: User) -> None:
    alice.delete()
    assert_unauthenticated(alice_client.get(URL), TOKEN_NOT_VALID)


def test_token_of_inactive_user(alice_client: APIClient) -> None:
    User.objects.update(is_active=False)
    assert_unauthenticated(alice_client.get(URL), TOKEN_NOT_VALID)


def test_token_after_password_change(alice_client: APIClient, alice: User) -> None:
    alice.set_password("another good long secret")
    alice.save()
    assert_unauthenticated(alice_client.get(URL), TOKEN_NOT_VALID)


def test_token_issued_after_password_change(anonymous: APIClient, alice: User) -> None:
    alice.set_password("another good long secret")
    alice.save()
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(alice).access_token}")
    assert anonymous.get(URL).status_code == 200


def test_token_costs_one_query(alice_client: APIClient) -> None:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        alice_client.get(URL)
    assert len(queries) == 1


def test_token_binds_user_to_logs(alice_client: APIClient, alice: User, caplog: pytest.LogCaptureFixture) -> None:
    alice_client.get(URL)
    events: list[Any] = [record.msg for record in caplog.records]
    assert [(event["event"], event.get("user_id")) for event in events] == [
        ("request_started", None),
        ("request_completed", str(alice.pk)),
    ]


def test_a_signature_once_checked_does_not_outlive_the_token(
    alice_client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alice_client.get(URL).status_code == 200
    half_an_hour_on = time.time() + 31 * 60

    monkeypatch.setattr("finances.users.authentication.time.time", lambda: half_an_hour_on)

    assert_unauthenticated(alice_client.get(URL), TOKEN_NOT_VALID)


def test_a_signature_once_checked_vouches_for_no_other_text(anonymous: APIClient, alice: User) -> None:
    token = issue_tokens(alice).access_token
    header, claims, signature = token.split(".")
    facts = jwt.decode(token, options={"verify_signature": False})
    altered = jwt.encode({**facts, "exp": facts["exp"] + 1}, "k" * 40, algorithm="HS256")
    bodies = {
        "genuine": token,
        "another's claims": f"{header}.{altered.split('.')[1]}.{signature}",
        "another key": jwt.encode(facts, "k" * 40, algorithm="HS256"),
        "no signature": f"{header}.{claims}.",
        "cut signature": token[:-2],
    }

    statuses = {}
    for name, text in bodies.items():
        anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
        statuses[name] = [anonymous.get(URL).status_code for _ in range(2)]

    assert statuses == {name: [200, 200] if name == "genuine" else [401, 401] for name in bodies}
