"""Every operation that needs a token refuses each that is none, in the same words whatever it is asked for."""

import base64
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
import pytest
import yaml
from django.conf import settings
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from finances.audit.models import Entry
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from finances.users.tokens import issue_tokens
from tests.installation import ROOT

METHODS = ("get", "post", "put", "patch", "delete")
SAMPLES = {"day": "2024-01-31", "symbol": "ACME", "code": "EUR"}


@cache
def document() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docs/openapi.yaml").read_text())
    return loaded


def operations() -> Iterator[tuple[str, str]]:
    """Method and path of all that is not open to everybody."""
    for path, described in document()["paths"].items():
        for method in METHODS:
            if method in described and {} not in described[method].get("security", [{}]):
                names = {part.strip("{}") for part in path.split("/") if part.startswith("{")}
                yield method, path.format(**{name: SAMPLES.get(name, uuid.UUID(int=7)) for name in names})


def claims(user: User) -> dict[str, Any]:
    """Of a token that is taken."""
    decoded: dict[str, Any] = jwt.decode(access(user), options={"verify_signature": False})
    return decoded


def access(user: User) -> str:
    return issue_tokens(user).access_token


def expired(alice: User) -> str:
    token = AccessToken(access(alice))  # type: ignore[arg-type]
    token.set_exp(lifetime=-timedelta(seconds=1))
    return str(token)


def of_another_key(alice: User) -> str:
    return jwt.encode(claims(alice), "another-signing-key-that-is-long-enough-too", "HS256")


def of_another_algorithm(alice: User) -> str:
    return jwt.encode(claims(alice), settings.JWT_SIGNING_KEY.ljust(64, "x"), "HS512")


def unsigned(alice: User) -> str:
    return jwt.encode(claims(alice), "", "none")


def altered(alice: User) -> str:
    header, _, signature = access(alice).split(".")
    other = json.dumps({**claims(alice), "sub": str(UserFactory.create(is_staff=True).pk)}).encode()
    return f"{header}.{base64.urlsafe_b64encode(other).rstrip(b'=').decode()}.{signature}"


def refresh(alice: User) -> str:
    return issue_tokens(alice).refresh_token


def of_the_deleted(alice: User) -> str:
    token = access(alice)
    alice.delete()
    return token


def of_the_deactivated(alice: User) -> str:
    token = access(alice)
    User.objects.filter(pk=alice.pk).set_active(False)
    return token


def garbage(alice: User) -> str:
    return "a.b.c"


def not_ascii(alice: User) -> str:
    return "ключ\xff"


def endless(alice: User) -> str:
    return "a" * 50_000


FORMS = [
    expired, of_another_key, of_another_algorithm, unsigned, altered, refresh, of_the_deleted, of_the_deactivated,
    garbage, not_ascii, endless,
]  # fmt: skip
REFUSED = {"detail": "The token is invalid or has expired.", "code": "token_not_valid"}
ABSENT = {"detail": "Authentication credentials were not provided.", "code": "not_authenticated"}


def asked(client: APIClient, authorization: str | None) -> set[tuple[int, str, str]]:
    """The distinct answers of all operations."""
    headers = {} if authorization is None else {"HTTP_AUTHORIZATION": authorization}
    found = set()
    for method, path in operations():
        response = getattr(client, method)(path, **headers)
        found.add((response.status_code, response["WWW-Authenticate"], json.dumps(response.json())))
    return found


def refused(body: dict[str, str]) -> set[tuple[int, str, str]]:
    return {(401, 'Bearer realm="api"', json.dumps(body))}


@pytest.mark.parametrize("form", FORMS, ids=[form.__name__ for form in FORMS])
def test_a_token_that_is_none(anonymous: APIClient, alice: User, form: Callable[[User], str]) -> None:
    assert asked(anonymous, f"Bearer {form(alice)}") == refused(REFUSED)
    assert not Entry.objects.exists()


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Token abc"])
def test_no_token(anonymous: APIClient, header: str | None) -> None:
    assert asked(anonymous, header) == refused(ABSENT)


def test_these_are_all_but_the_open_ones() -> None:
    described = {(method, path) for path, found in document()["paths"].items() for method in METHODS if method in found}

    assert len(set(operations())) == len(described) - len(
        {
            ("post", f"/api/v1/auth/{name}")
            for name in (
                "register", "login", "refresh", "logout", "forgot-password", "reset-password", "verify-email",
            )
        }
    )  # fmt: skip
