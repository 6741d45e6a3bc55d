"""One-time codes: enrolment, logins that need one, staff."""

import re
from base64 import b32decode
from collections.abc import Callable
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django_otp.oath import totp as code_at
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework.test import APIClient

from finances.errors import NotFound
from finances.testing.plugin import client_of
from finances.users import totp
from finances.users.models import LoginFailures, Session, User
from finances.users.tests.bodies import NOT_AUTHENTICATED, PERMISSION_DENIED, assert_unauthenticated, invalid
from finances.users.tests.factories import PASSWORD
from finances.users.tests.races import at_once

URL = "/api/v1/auth/totp"
LOGIN = "/api/v1/auth/login"
REQUIRED = {"detail": "This account needs a one-time code as well: send it as otp.", "code": "otp_required"}
INVALID = {"detail": "The one-time code is wrong or was used before.", "code": "otp_invalid"}
LOCKED = {"detail": "Too many failed attempts. Try again later.", "code": "locked_out"}
WRONG_PASSWORD = {"detail": "The current password is wrong.", "code": "wrong_password"}
# Only what is really committed takes principals out of the cache.
committed = pytest.mark.django_db(transaction=True)


def code_of(user: User, *, ahead: int = 0) -> str:
    """What the app shows now, or `ahead` steps of 30 seconds later."""
    device = TOTPDevice.objects.get(user=user)
    return f"{code_at(device.bin_key, t0=-30 * ahead):06}"


def wrong_code_of(user: User) -> str:
    near = {code_of(user, ahead=steps) for steps in range(-2, 3)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555") if code not in near)


def log_in(user: User, otp: str | None = None, password: str = PASSWORD) -> Any:
    return APIClient().post(LOGIN, {"email": user.email, "password": password, **({"otp": otp} if otp else {})})


def client_by(response: Any) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {response.json()['access_token']}")
    return client


@pytest.fixture
def recovery_codes(alice: User) -> list[str]:
    """Of alice, who has enrolled."""
    return totp.enrol(alice)[1]


def test_enrolment(alice_client: APIClient, alice: User) -> None:
    assert alice_client.get(URL).json() == {"enrolled": False, "recovery_codes_left": 0}
    started = alice_client.post(URL, {"password": PASSWORD})
    uri = urlsplit(started.json()["otpauth_uri"])
    assert (started.status_code, started["Cache-Control"], list(started.json())) == (201, "no-store", ["otpauth_uri"])
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Finances%20API%3Aalice%40example.test")
    secret = b32decode(parse_qs(uri.query)["secret"][0])
    assert log_in(alice).status_code == 200  # nothing changes yet

    confirmed = alice_client.post(f"{URL}/confirm", {"otp": f"{code_at(secret):06}"})
    codes = confirmed.json()["recovery_codes"]
    assert (confirmed.status_code, confirmed["Cache-Control"], len(set(codes))) == (200, "no-store", 10)
    assert all(re.fullmatch(r"([a-z2-7]{4}-){3}[a-z2-7]{4}", code) for code in codes)
    assert alice_client.get(URL).json() == {"enrolled": True, "recovery_codes_left": 10}
    assert_unauthenticated(log_in(alice), REQUIRED)
    stored = " ".join(StaticToken.objects.values_list("token", flat=True))
    assert not any(code.replace("-", "") in stored for code in codes)


def test_starting_again_replaces_the_secret(alice_client: APIClient, alice: User) -> None:
    first, second = (alice_client.post(URL, {"password": PASSWORD}).json() for _ in range(2))
    assert first != second
    assert TOTPDevice.objects.get().config_url == second["otpauth_uri"]


def test_start_when_enrolled(alice_client: APIClient, recovery_codes: list[str]) -> None:
    response = alice_client.post(URL, {"password": PASSWORD})
    body = {"detail": "One-time codes are in use already. End that first.", "code": "totp_enrolled"}
    assert (response.status_code, response.json()) == (409, body)


@pytest.mark.parametrize("method", ["post", "delete"])
def test_the_password_is_needed(alice_client: APIClient, method: str) -> None:
    response = getattr(alice_client, method)(URL, {"password": "wrong"})
    assert (response.status_code, response.json()) == (400, WRONG_PASSWORD)
    response = getattr(alice_client, method)(URL)
    assert (response.status_code, response.json()) == (
        422,
        invalid("body", "password", "This field is required.", "required"),
    )


def test_confirm_with_a_wrong_code(alice_client: APIClient, alice: User) -> None:
    alice_client.post(URL, {"password": PASSWORD})
    response = alice_client.post(f"{URL}/confirm", {"otp": wrong_code_of(alice)})
    assert (response.status_code, response.json()) == (400, INVALID)
    # The next attempt has to wait, and then longer.
    response = alice_client.post(f"{URL}/confirm", {"otp": code_of(alice)})
    assert (response.status_code, response.json(), response["Retry-After"]) == (429, LOCKED, "1")
    assert not totp.is_enrolled(alice)


def test_confirm_nothing(alice_client: APIClient) -> None:
    response = alice_client.post(f"{URL}/confirm", {"otp": "123456"})
    body = {"detail": "There is nothing to confirm. Start first.", "code": "totp_not_started"}
    assert (response.status_code, response.json()) == (409, body)


@pytest.mark.parametrize("otp", ["", 123456, None, "1" * 33])
def test_confirm_bad_input(alice_client: APIClient, otp: Any) -> None:
    assert alice_client.post(f"{URL}/confirm", {"otp": otp}).status_code == 422


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", ""), ("delete", ""), ("post", "/confirm")])
def test_unauthenticated(anonymous: APIClient, method: str, path: str) -> None:
    assert_unauthenticated(getattr(anonymous, method)(URL + path), NOT_AUTHENTICATED)


def test_login_with_a_code(alice: User, recovery_codes: list[str]) -> None:
    assert log_in(alice, code_of(alice)).status_code == 200
    assert Session.objects.get().otp_verified


def test_a_code_works_once(alice: User, recovery_codes: list[str]) -> None:
    code = code_of(alice)
    assert log_in(alice, code).status_code == 200
    assert_unauthenticated(log_in(alice, code), INVALID)


@committed
def test_a_code_works_once_of_many_at_once(alice: User, recovery_codes: list[str]) -> None:
    code = code_of(alice)
    answers = at_once([lambda: log_in(alice, code)] * 4)
    assert [status for status, _ in answers].count(200) == 1


@pytest.mark.parametrize("shown", [str, lambda code: code.upper(), lambda code: code.replace("-", " ")])
def test_a_recovery_code_works_once(alice: User, recovery_codes: list[str], shown: Callable[[str], str]) -> None:
    code = shown(recovery_codes[3])
    assert log_in(alice, code).status_code == 200
    assert totp.recovery_codes_left(alice) == 9
    assert_unauthenticated(log_in(alice, code), INVALID)
    assert Session.objects.get().otp_verified


@pytest.mark.parametrize("otp", ["wrong", "12345", "1234567", "aaaa-aaaa-aaaa-aaaa"])
def test_no_code_at_all(alice: User, recovery_codes: list[str], otp: str) -> None:
    assert_unauthenticated(log_in(alice, otp), INVALID)


def test_wrong_codes_make_one_wait_and_lock(alice: User, recovery_codes: list[str], settings: Any) -> None:
    wrong = wrong_code_of(alice)
    assert_unauthenticated(log_in(alice, wrong), INVALID)
    response = log_in(alice, code_of(alice))
    assert (response.status_code, response.json(), response["Retry-After"]) == (429, LOCKED, "1")
    settings.OTP_TOTP_THROTTLE_FACTOR = 0
    for _ in range(4):
        assert_unauthenticated(log_in(alice, wrong), INVALID)
    response = log_in(alice, code_of(alice))
    assert (response.status_code, response.json()) == (429, LOCKED)
    assert int(response["Retry-After"]) > 60


def test_a_wrong_password_says_nothing_of_codes(alice: User, recovery_codes: list[str]) -> None:
    assert log_in(alice, code_of(alice), password="wrong").json()["code"] == "invalid_credentials"
    assert log_in(alice, code_of(alice)).status_code == 200  # the code was not used up
    assert LoginFailures.objects.filter(account=alice.email).exclude(address="").count() == 0


def test_one_who_has_none_may_send_one(alice: User) -> None:
    assert log_in(alice, "123456").status_code == 200
    assert not Session.objects.get().otp_verified


@committed
def test_end(alice: User, recovery_codes: list[str]) -> None:
    client = client_by(log_in(alice, code_of(alice)))
    response = client.delete(URL, {"password": PASSWORD})
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(URL).json() == {"enrolled": False, "recovery_codes_left": 0}
    assert log_in(alice).status_code == 200
    assert not Session.objects.filter(otp_verified=True).exists()


def test_a_changed_password_keeps_the_proof(alice: User, recovery_codes: list[str]) -> None:
    client = client_by(log_in(alice, code_of(alice)))
    body = {"current_password": PASSWORD, "new_password": "another good long secret"}
    assert client.post("/api/v1/auth/change-password", body).status_code == 200
    assert Session.objects.get(revoked_at=None).otp_verified


# --- Staff ---


@pytest.fixture
def _required(settings: Any) -> None:
    settings.REQUIRE_STAFF_TOTP = True


def assert_no_staff(client: APIClient) -> None:
    response = client.get("/api/v1/users")
    assert (response.status_code, response.json()) == (403, PERMISSION_DENIED)


@pytest.mark.usefixtures("_required")
def test_staff_without_a_code_are_no_staff(rosa: User) -> None:
    client = client_by(log_in(rosa))
    assert_no_staff(client)
    assert client.get("/api/v1/accounts").status_code == 200


@pytest.mark.usefixtures("_required")
def test_staff_with_a_code_are_staff(rosa: User) -> None:
    totp.enrol(rosa)
    first = log_in(rosa, code_of(rosa))
    assert client_by(first).get("/api/v1/users").status_code == 200
    refreshed = APIClient().post("/api/v1/auth/refresh", {"refresh_token": first.json()["refresh_token"]})
    assert client_by(refreshed).get("/api/v1/users").status_code == 200


@committed
@pytest.mark.usefixtures("_required")
def test_staff_who_enrol_are_staff_at_once_and_no_more_when_they_end_it(rosa: User) -> None:
    client = client_of(rosa)
    assert_no_staff(client)
    client.post(URL, {"password": PASSWORD})
    assert client.post(f"{URL}/confirm", {"otp": code_of(rosa)}).status_code == 200
    assert client.get("/api/v1/users").status_code == 200
    assert client.delete(URL, {"password": PASSWORD}).status_code == 204
    assert_no_staff(client)


def test_where_it_is_not_required_staff_are_staff(rosa: User) -> None:
    assert client_by(log_in(rosa)).get("/api/v1/users").status_code == 200


def enter(office: Browser, user: User, otp: str = "") -> Any:
    form = {"username": user.email, "password": PASSWORD, "otp": otp}
    return office.post("/admin/login/?next=/admin/", form)


def test_the_back_office_asks_who_has_enrolled(client: Browser, rosa: User) -> None:
    totp.enrol(rosa)
    refused = enter(client, rosa)
    assert (refused.status_code, REQUIRED["detail"] in refused.content.decode()) == (200, True)
    assert client.get("/admin/").status_code == 302
    assert enter(client, rosa, code_of(rosa)).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_the_back_office_asks_nobody_else(client: Browser, rosa: User) -> None:
    assert 'name="otp"' in client.get("/admin/login/").content.decode()
    assert enter(client, rosa).status_code == 302
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("_required")
def test_the_back_office_requires_a_code(client: Browser, rosa: User) -> None:
    refused = enter(client, rosa)
    assert (refused.status_code, "Staff need a one-time code here." in refused.content.decode()) == (200, True)
    assert client.get("/admin/").status_code == 302
    _, codes = totp.enrol(rosa)
    assert enter(client, rosa, codes[0]).status_code == 302
    assert client.get("/admin/").status_code == 200


@pytest.mark.usefixtures("_required")
@pytest.mark.parametrize("change", [totp.end, totp.enrol])
def test_the_back_office_closes_when_the_device_goes(
    client: Browser, rosa: User, change: Callable[[User], Any]
) -> None:
    _, codes = totp.enrol(rosa)
    enter(client, rosa, codes[0])
    assert client.get("/admin/").status_code == 200
    change(rosa)
    assert client.get("/admin/").status_code == 302


@pytest.mark.usefixtures("_required")
def test_a_session_from_before_it_was_required_does_not_count(client: Browser, rosa: User) -> None:
    client.force_login(rosa)
    assert client.get("/admin/").status_code == 302


@pytest.mark.usefixtures("_required")
def test_no_elses_code_opens_a_session(client: Browser, rosa: User, alice: User) -> None:
    """alice, no staff, gives a code where rosa is half logged in."""
    client.force_login(rosa)
    totp.enrol(alice)
    assert enter(client, alice, code_of(alice)).status_code == 200
    assert client.get("/admin/").status_code == 302


def test_staff_reset_who_has_lost_the_device(client: Browser, alice: User, recovery_codes: list[str]) -> None:
    client.force_login(User.objects.create_superuser("root@example.test", PASSWORD))
    device = TOTPDevice.objects.get()
    for path in ("", f"{device.pk}/change/"):
        page = client.get(f"/admin/otp_totp/totpdevice/{path}").content.decode()
        assert "alice@example.test" in page
        assert device.key not in page
    assert client.get("/admin/otp_static/staticdevice/").status_code == 404
    assert client.get(f"/admin/otp_totp/totpdevice/{device.pk}/qrcode/").status_code == 302
    response = client.post("/admin/otp_totp/totpdevice/", {"action": "reset", "_selected_action": [str(device.pk)]})
    assert response.status_code == 302
    assert log_in(alice).status_code == 200


def test_an_operator_enrols_the_first_member_of_staff(rosa: User) -> None:
    out = StringIO()
    call_command("enrol_totp", "ROSA@example.test", stdout=out)
    uri, title, *codes = out.getvalue().splitlines()
    assert (uri, title, len(codes)) == (TOTPDevice.objects.get().config_url, "Recovery codes, each good once:", 10)
    assert log_in(rosa, codes[0]).status_code == 200
    with pytest.raises(CommandError, match="--replace"):
        call_command("enrol_totp", "rosa@example.test", stdout=out)
    call_command("enrol_totp", "rosa@example.test", "--replace", stdout=out)
    assert_unauthenticated(log_in(rosa, codes[1]), INVALID)


def test_an_operator_enrols_nobody(alice: User) -> None:
    with pytest.raises(CommandError, match="No account"):
        call_command("enrol_totp", "nobody@example.test")


@pytest.mark.parametrize("use", [totp.start, totp.end, totp.enrol, lambda user: totp.confirm(user, "123456", None)])
def test_whoever_is_gone_is_not_found(alice: User, use: Callable[[User], Any]) -> None:
    gone = User.objects.get()
    alice.delete()
    with pytest.raises(NotFound):
        use(gone)
