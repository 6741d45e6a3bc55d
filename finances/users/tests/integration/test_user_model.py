import importlib
from collections.abc import Iterator

import pytest
from asgiref.sync import async_to_sync
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.utils import timezone

from finances import errors
from finances.users.models import User
from finances.users.tests.factories import PASSWORD, UserFactory
from finances.users.tokens import issue_tokens


def test_create_user_normalizes_email() -> None:
    user = User.objects.create_user("ALICE@Example.TEST", PASSWORD)
    assert (user.email, user.is_staff, user.is_superuser) == ("alice@example.test", False, False)
    assert user.check_password(PASSWORD)


def test_create_user_without_email() -> None:
    with pytest.raises(ValueError, match="needs an e-mail address"):
        User.objects.create_user("", PASSWORD)


def test_create_superuser() -> None:
    user = User.objects.create_superuser("root@example.test", PASSWORD)
    assert (user.is_staff, user.is_superuser) == (True, True)


def test_email_is_unique(alice: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("Alice@example.test", PASSWORD)


def test_get_by_natural_key_of_unnormalized_email(alice: User) -> None:
    assert User.objects.get_by_natural_key("ＡＬＩＣＥ@example.test") == alice  # noqa: RUF001


def test_set_password_steps_token_version(alice: User) -> None:
    alice.set_password("another good long secret")
    alice.save(update_fields=["password"])
    alice.save()
    assert alice.token_version == 1
    assert User.objects.get().token_version == 1


def test_set_password_twice_from_stale_rows_steps_twice(alice: User) -> None:
    stale = User.objects.get()
    for user in (alice, stale):
        user.set_password("another good long secret")
        user.save()
    assert stale.token_version == 2


def test_set_unusable_password_steps_token_version(alice: User) -> None:
    alice.set_unusable_password()
    alice.save()
    assert alice.token_version == 1


def test_set_active_ends_the_sessions_of_changed_users_only(alice: User, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).set_active(False)
    for user in (alice, charlie):
        issue_tokens(user)

    User.objects.set_active(False)

    assert [user.sessions.live(timezone.now()).count() for user in (alice, charlie)] == [0, 1]


def test_set_active_steps_token_version_of_changed_users_only(alice: User, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).set_active(False)
    assert User.objects.set_active(False) == 1
    versions = User.objects.order_by("email").values_list("email", "is_active", "token_version")
    assert list(versions) == [("alice@example.test", False, 1), ("charlie@example.test", False, 1)]


def test_change_writes_only_what_it_is_given(alice: User) -> None:
    stale = User.objects.get()
    alice.change(base_currency="EUR")
    stale.change(time_zone="Europe/Vienna")
    stored = User.objects.get()
    assert (stored.base_currency, stored.time_zone) == ("EUR", "Europe/Vienna")
    assert stored.updated_at == stale.updated_at > alice.updated_at


def test_change_of_deleted_user(alice: User) -> None:
    User.objects.all().delete()
    with pytest.raises(errors.NotFound):
        alice.change(base_currency="EUR")


@pytest.fixture
def production_hashers() -> Iterator[None]:
    """Argon2 as in production, and the cheap hasher still known."""
    # By name: this floor imports nothing from config.
    production = importlib.import_module("config.settings").PASSWORD_HASHERS
    with override_settings(PASSWORD_HASHERS=[*production, "django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.mark.usefixtures("production_hashers")
def test_production_hashes_with_argon2() -> None:
    user = UserFactory.create()
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(PASSWORD)
    assert not user.check_password("wrong")


def test_check_password_upgrades_hash_and_ends_no_session(alice: User, request: pytest.FixtureRequest) -> None:
    assert alice.password.startswith("md5$")
    request.getfixturevalue("production_hashers")
    assert alice.check_password(PASSWORD)
    stored = User.objects.get()
    assert stored.password == alice.password
    assert stored.password.startswith("argon2$argon2id$")
    assert stored.token_version == 0


@pytest.mark.usefixtures("production_hashers")
def test_upgrade_of_hash_loses_to_a_new_password(alice: User) -> None:
    User.objects.update(password="changed meanwhile")
    assert alice.check_password(PASSWORD)
    assert User.objects.get().password == "changed meanwhile"


def test_acheck_password(alice: User) -> None:
    assert async_to_sync(alice.acheck_password)(PASSWORD)
    assert async_to_sync(User.objects.aget_by_natural_key)("ALICE@example.test") == alice
