import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from finances.users import email_tokens
from finances.users.models import EmailToken, Session, User
from finances.users.tests.factories import PASSWORD, UserFactory
from finances.users.tokens import issue_tokens
from finances.users.verification import VerificationTokenInvalid, verify_email

USERS = "/admin/users/user/"


@pytest.fixture
def root() -> User:
    return UserFactory.create(email="root@example.test", is_staff=True, is_superuser=True)


@pytest.fixture
def office(root: User, client: Client) -> Client:
    client.force_login(root)
    return client


@pytest.fixture
def desk(rosa: User, client: Client) -> Client:
    """Staff with every permission on people, but no superuser."""
    rosa.user_permissions.set(Permission.objects.filter(content_type__app_label="users"))
    client.force_login(rosa)
    return client


def form_of(user: User, **changes: str) -> dict[str, str]:
    fields = {"email": user.email, "is_active": "on", "base_currency": "USD", "time_zone": "UTC"}
    return {name: value for name, value in (fields | changes).items() if value}


def test_login_by_email_in_any_case(client: Client, root: User) -> None:
    response = client.post("/admin/login/?next=/admin/", {"username": "ROOT@Example.test", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/admin/")


@pytest.mark.parametrize("path", ["", "{}/change/", "{}/password/", "{}/delete/", "{}/history/", "?q=alice"])
def test_pages_show_no_hash(office: Client, alice: User, path: str) -> None:
    response = office.get(USERS + path.format(alice.pk))
    page = response.content.decode()
    assert response.status_code == 200
    assert alice.email in page
    algorithm, salt, digest = alice.password.split("$")
    assert salt not in page
    assert digest[:6] not in page
    assert f"<strong>{algorithm}" not in page


def test_change_page_links_to_password_form(office: Client, alice: User) -> None:
    page = office.get(f"{USERS}{alice.pk}/change/").content.decode()
    assert f'<a href="{USERS}{alice.pk}/password/">Set password</a>' in page


def test_add_user_normalizes_email(office: Client) -> None:
    form = {"email": "DORA@Example.TEST", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    response = office.post(f"{USERS}add/", form)
    dora = User.objects.get(email="dora@example.test")
    assert response["Location"] == f"{USERS}{dora.pk}/change/"
    assert dora.check_password(PASSWORD)


def test_add_user_with_taken_email(office: Client, alice: User) -> None:
    form = {"email": "ALICE@example.test", "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    response = office.post(f"{USERS}add/", form)
    assert response.context["adminform"].errors == {"email": ["User with this E-mail address already exists."]}


def test_change_user_with_invalid_profile(office: Client, alice: User) -> None:
    response = office.post(f"{USERS}{alice.pk}/change/", form_of(alice, base_currency="XYZ", time_zone="Mars"))
    assert sorted(response.context["adminform"].errors) == ["base_currency", "time_zone"]


def test_change_user_writes_only_what_changed(office: Client, alice: User) -> None:
    response = office.post(f"{USERS}{alice.pk}/change/", form_of(alice, email="ALICE@New.test", base_currency="EUR"))
    stored = User.objects.get(pk=alice.pk)
    assert response.status_code == 302
    assert (stored.email, stored.base_currency, stored.token_version) == ("alice@new.test", "EUR", 0)
    assert stored.updated_at > alice.updated_at


def test_changing_the_email_ends_a_change_that_waits(office: Client, alice: User) -> None:
    token = email_tokens.issue(alice, EmailToken.Purpose.CHANGE_EMAIL, to="thief@example.test")
    office.post(f"{USERS}{alice.pk}/change/", form_of(alice, email="alice@new.test"))
    with pytest.raises(VerificationTokenInvalid):
        verify_email(token or "")
    assert User.objects.get(pk=alice.pk).email == "alice@new.test"


@pytest.mark.parametrize("before", [True, False])
def test_changing_is_active_ends_tokens(office: Client, alice: User, before: bool) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=before)
    office.post(f"{USERS}{alice.pk}/change/", form_of(alice, is_active="" if before else "on"))
    stored = User.objects.get(pk=alice.pk)
    assert (stored.is_active, stored.token_version) == (not before, 1)


def test_set_password_ends_tokens(office: Client, alice: User) -> None:
    form = {"usable_password": "true", "password1": "another good long secret", "password2": "another good long secret"}
    response = office.post(f"{USERS}{alice.pk}/password/", form | {"set-password": "1"})
    stored = User.objects.get(pk=alice.pk)
    assert response.status_code == 302
    assert stored.check_password("another good long secret")
    assert stored.token_version == 1


def test_deactivate_action(office: Client, alice: User, charlie: User) -> None:
    office.post(USERS, {"action": "deactivate", "_selected_action": [str(alice.pk), str(charlie.pk)]})
    found = User.objects.filter(pk__in=[alice.pk, charlie.pk]).values_list("is_active", "token_version")
    assert list(found) == [(False, 1), (False, 1)]


def test_deactivate_action_of_staff_spares_staff(desk: Client, rosa: User, root: User, alice: User) -> None:
    selected = [str(user.pk) for user in (alice, rosa, root)]
    desk.post(USERS, {"action": "deactivate", "_selected_action": selected})
    assert list(User.objects.filter(is_active=False)) == [alice]


def test_staff_do_not_change_staff(desk: Client, rosa: User, root: User) -> None:
    for colleague in (rosa, root):
        assert desk.post(f"{USERS}{colleague.pk}/change/", form_of(colleague)).status_code == 403
        assert desk.post(f"{USERS}{colleague.pk}/password/", {}).status_code == 403
        assert desk.post(f"{USERS}{colleague.pk}/delete/", {"post": "yes"}).status_code == 403


def test_staff_hand_out_no_privileges(desk: Client, alice: User) -> None:
    privileges = {"is_staff": "on", "is_superuser": "on"}
    assert desk.post(f"{USERS}{alice.pk}/change/", form_of(alice, **privileges)).status_code == 302
    stored = User.objects.get(pk=alice.pk)
    assert (stored.is_staff, stored.is_superuser) == (False, False)


@pytest.mark.parametrize("path", ["", "{}/change/"])
def test_sessions_show_no_token_id(office: Client, alice: User, path: str) -> None:
    issue_tokens(alice)
    session = Session.objects.get()
    response = office.get("/admin/users/session/" + path.format(session.pk))
    page = response.content.decode()
    assert response.status_code == 200
    assert alice.email in page
    assert session.current_jti not in page


def test_sessions_are_read_only(office: Client, alice: User) -> None:
    issue_tokens(alice)
    session = Session.objects.get()
    for path in ("add/", f"{session.pk}/change/", f"{session.pk}/delete/"):
        assert office.post(f"/admin/users/session/{path}", {"post": "yes"}).status_code == 403
    assert Session.objects.get() == session
