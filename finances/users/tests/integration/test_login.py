import pytest
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from finances.users import credentials
from finances.users.models import Session, User
from finances.users.tests.bodies import assert_unauthenticated, invalid
from finances.users.tests.factories import PASSWORD

URL = "/api/v1/auth/login"
REFUSED = {"detail": "The e-mail address or the password is wrong.", "code": "invalid_credentials"}


@pytest.mark.parametrize("email", ["alice@example.test", "ALICE@Example.TEST", "ａｌｉｃｅ＠example.test"])  # noqa: RUF001
def test_login(anonymous: APIClient, alice: User, email: str) -> None:
    response = anonymous.post(URL, {"email": email, "password": PASSWORD})
    body = response.json()
    assert response.status_code == 200
    assert list(body) == ["access_token", "refresh_token", "token_type"]
    assert body["token_type"] == "bearer"
    assert response["Cache-Control"] == "no-store"
    anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {body['access_token']}")
    assert anonymous.get("/api/v1/users/me").json()["id"] == str(alice.pk)


def test_login_claims(anonymous: APIClient, alice: User) -> None:
    body = anonymous.post(URL, {"email": alice.email, "password": PASSWORD}).json()
    access, refresh = AccessToken(body["access_token"]).payload, RefreshToken(body["refresh_token"]).payload
    session = Session.objects.get()
    shared = {"sub": str(alice.pk), "ver": 0, "sid": str(session.pk)}
    assert access == shared | {
        "token_type": "access", "jti": access["jti"], "iat": access["iat"], "exp": access["iat"] + 30 * 60,
    }  # fmt: skip
    assert refresh == shared | {
        "token_type": "refresh", "jti": session.current_jti, "iat": access["iat"], "exp": access["iat"] + 7 * 86400,
    }  # fmt: skip
    assert (session.user, session.expires_at.timestamp()) == (alice, refresh["exp"])


def test_login_stores_no_token(anonymous: APIClient, alice: User) -> None:
    body = anonymous.post(URL, {"email": alice.email, "password": PASSWORD}).json()
    stored = str(Session.objects.values().get())
    assert body["refresh_token"] not in stored
    assert body["access_token"] not in stored


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.test", "wrong"),
        ("alice@example.test", PASSWORD + " "),
        ("nobody@example.test", PASSWORD),
        ("alıce@example.test", PASSWORD),
    ],
)
def test_login_wrong_pair(anonymous: APIClient, alice: User, email: str, password: str) -> None:
    assert_unauthenticated(anonymous.post(URL, {"email": email, "password": password}), REFUSED)
    assert not Session.objects.exists()


def test_login_with_unknown_email_costs_one_hash(anonymous: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(credentials, "make_password", hashed.append)
    assert_unauthenticated(anonymous.post(URL, {"email": "nobody@example.test", "password": PASSWORD}), REFUSED)
    assert hashed == [PASSWORD]


def test_login_to_disabled_account(anonymous: APIClient, alice: User) -> None:
    User.objects.set_active(False)
    response = anonymous.post(URL, {"email": alice.email, "password": PASSWORD})
    assert response.status_code == 403
    assert response.json() == {"detail": "This account is disabled.", "code": "account_disabled"}


def test_login_to_disabled_account_with_wrong_password(anonymous: APIClient, alice: User) -> None:
    User.objects.set_active(False)
    assert_unauthenticated(anonymous.post(URL, {"email": alice.email, "password": "wrong"}), REFUSED)


@pytest.mark.parametrize(
    ("field", "value", "msg", "kind"),
    [
        ("email", 5, "Enter a valid email address.", "invalid"),
        ("email", "alice", "Enter a valid email address.", "invalid"),
        ("email", "a" * 250 + "@b.test", "Ensure this field has no more than 254 characters.", "max_length"),
        ("password", True, "Not a valid string.", "invalid"),
        ("password", "", "This field may not be blank.", "blank"),
    ],
)
def test_login_bad_input(anonymous: APIClient, field: str, value: object, msg: str, kind: str) -> None:
    response = anonymous.post(URL, {"email": "alice@example.test", "password": PASSWORD, field: value})
    assert response.status_code == 422
    assert response.json() == invalid("body", field, msg, kind)


def test_login_ignores_a_stale_access_token(anonymous: APIClient, alice: User) -> None:
    anonymous.credentials(HTTP_AUTHORIZATION="Bearer stale")
    assert anonymous.post(URL, {"email": alice.email, "password": PASSWORD}).status_code == 200
