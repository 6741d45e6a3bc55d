"""Keys are replaced without logging anybody out."""

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client as Browser
from rest_framework.test import APIClient

from finances.users.models import Session, User
from finances.users.signing import ALGORITHM, AccessToken, InvalidToken, KeyRing, RefreshToken, read_token
from finances.users.tests.bodies import TOKEN_NOT_VALID, assert_unauthenticated
from finances.users.tests.factories import UserFactory
from finances.users.tokens import TokenPair, issue_tokens, rotate

FORMER = "the key before, long enough for an HMAC of SHA-256"
ME = "/api/v1/users/me"


@pytest.fixture
def old_pair(alice: User, monkeypatch: pytest.MonkeyPatch) -> TokenPair:
    """Signed with the key before."""
    with monkeypatch.context() as patched:
        for kind in (AccessToken, RefreshToken):
            patched.setattr(kind, "_token_backend", KeyRing(ALGORITHM, FORMER))
        return issue_tokens(alice)


def test_tokens_of_the_former_key(anonymous: APIClient, old_pair: TokenPair, settings: Any) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {old_pair.access_token}")
    assert_unauthenticated(anonymous.get(ME), TOKEN_NOT_VALID)
    settings.JWT_SIGNING_KEY_FALLBACKS = ["the one before that, long enough for SHA-256", FORMER]
    assert anonymous.get(ME).status_code == 200
    settings.JWT_SIGNING_KEY_FALLBACKS = []
    assert_unauthenticated(anonymous.get(ME), TOKEN_NOT_VALID)


def test_a_refresh_moves_to_the_new_key(old_pair: TokenPair, settings: Any) -> None:
    settings.JWT_SIGNING_KEY_FALLBACKS = [FORMER]
    pair = rotate(old_pair.refresh_token)
    settings.JWT_SIGNING_KEY_FALLBACKS = []
    assert rotate(pair.refresh_token).token_type == "bearer"


def test_an_expired_token_of_the_former_key(old_pair: TokenPair, settings: Any) -> None:
    settings.JWT_SIGNING_KEY_FALLBACKS = [FORMER]
    token = read_token(AccessToken, old_pair.access_token)
    token.payload["exp"] = 1
    expired = KeyRing(ALGORITHM, FORMER).encode(token.payload)
    with pytest.raises(InvalidToken):
        read_token(AccessToken, expired)


def test_an_unsigned_token_is_never_taken(alice: User, settings: Any) -> None:
    settings.JWT_SIGNING_KEY_FALLBACKS = [FORMER]
    signed = issue_tokens(alice).access_token
    with pytest.raises(InvalidToken):
        read_token(AccessToken, signed.rpartition(".")[0] + ".")
    assert Session.objects.filter(revoked_at=None).count() == 1


def logged_in() -> Browser:
    office = Browser()
    office.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return office


def test_the_back_office_stays_logged_in(settings: Any) -> None:
    seen, unseen = logged_in(), logged_in()
    settings.SECRET_KEY_FALLBACKS = [django_settings.SECRET_KEY]
    settings.SECRET_KEY = "a new secret key that is long enough for every check of Django"
    assert seen.get("/admin/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    # What was used meanwhile has moved to the new key.
    assert [office.get("/admin/").status_code for office in (seen, unseen)] == [200, 302]
