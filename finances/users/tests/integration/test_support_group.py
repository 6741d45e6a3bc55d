from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.test import Client
from rest_framework.test import APIClient

from finances.users.groups import ensure_support_group
from finances.users.models import User
from finances.users.tests.bodies import PERMISSION_DENIED
from finances.users.tests.factories import PASSWORD
from finances.users.tokens import issue_tokens

OWN_MODELS = [model for model in admin.site._registry if not model.__module__.startswith("django.")]
USERS = "/admin/users/user/"


@pytest.fixture
def supporter(rosa: User, client: Client) -> Client:
    rosa.groups.add(ensure_support_group())
    client.force_login(rosa)
    return client


def page_of(model: Any) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def test_support_group_holds_every_view_permission_of_the_project() -> None:
    granted = ensure_support_group().permissions.all()
    labels = set(granted.values_list("content_type__app_label", flat=True))
    assert {permission.codename.partition("_")[0] for permission in granted} == {"view"}
    assert {"users", "sync", "currencies", "securities"} <= labels
    assert not labels & {"auth", "admin", "sessions", "contenttypes"}
    assert granted.filter(codename="view_user").exists()
    assert not Permission.objects.filter(codename__endswith="emailtoken").exists()


def test_support_group_is_made_once_and_keeps_what_it_has(rosa: User) -> None:
    group = ensure_support_group()
    extra = Permission.objects.get(codename="change_group")
    group.permissions.add(extra)
    rosa.groups.add(group)
    assert ensure_support_group() == Group.objects.get() == group
    assert extra in group.permissions.all()
    assert rosa in group.user_set.all()


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model._meta.label_lower)
def test_support_sees_lists_and_adds_nothing(supporter: Client, model: Any) -> None:
    assert supporter.get(page_of(model)).status_code == 200
    assert supporter.post(f"{page_of(model)}add/", {}).status_code == 403


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model._meta.label_lower)
def test_support_has_no_action(supporter: Client, rosa: User, model: Any, rf: Any) -> None:
    request = rf.get("/")
    request.user = User.objects.get(pk=rosa.pk)
    page = admin.site._registry[model]
    assert (page.has_change_permission(request), page.has_delete_permission(request)) == (False, False)
    assert page.get_actions(request) == {}


def test_support_sees_a_person_and_changes_nothing(supporter: Client, alice: User) -> None:
    assert alice.email in supporter.get(f"{USERS}{alice.pk}/change/").content.decode()
    for path in ("change/", "password/", "delete/"):
        assert supporter.post(f"{USERS}{alice.pk}/{path}", {"post": "yes", "email": "x@x.test"}).status_code == 403
    for action in ("deactivate", "delete_selected"):
        supporter.post(USERS, {"action": action, "_selected_action": [str(alice.pk)], "post": "yes"})
    assert User.objects.filter(pk=alice.pk, is_active=True, email=alice.email).exists()


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_support_changes_nobody_by_the_api(supporter: Client, rosa_client: APIClient, alice: User, method: str) -> None:
    assert rosa_client.get(f"/api/v1/users/{alice.pk}").status_code == 200
    response = getattr(rosa_client, method)(f"/api/v1/users/{alice.pk}", {"is_active": False})
    assert (response.status_code, response.json()) == (403, PERMISSION_DENIED)
    assert User.objects.filter(pk=alice.pk, is_active=True).exists()


def test_support_member_who_is_superuser_changes_people(
    supporter: Client, rosa: User, rosa_client: APIClient, alice: User
) -> None:
    User.objects.filter(pk=rosa.pk).update(is_superuser=True)
    assert rosa_client.delete(f"/api/v1/users/{alice.pk}").status_code == 204


def test_one_time_tokens_are_not_in_the_back_office(alice: User, client: Client) -> None:
    root = User.objects.create_superuser("root@example.test", PASSWORD)
    client.force_login(root)
    issue_tokens(alice)
    assert "emailtoken" not in {model._meta.model_name for model in admin.site._registry}
    assert client.get("/admin/users/emailtoken/").status_code == 404
