"""People, clients, and the marks that follow from a test's folder.

alice owns things, charlie is a stranger to them, rosa is staff.
"""

from typing import Any

import pytest
from django.core.cache import caches
from rest_framework.test import APIClient

from finances.users.models import User
from finances.users.tests.factories import UserFactory


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`unit/` tests have no database, `integration/` tests have one."""
    for item in items:
        folders = item.path.parts
        if "unit" in folders:
            item.add_marker(pytest.mark.unit)
        else:
            item.add_marker(pytest.mark.integration)
            if not item.get_closest_marker("django_db"):
                item.add_marker(pytest.mark.django_db)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    empty_caches()


def empty_caches() -> None:
    """This run's keys alone: `clear` would flush a Redis that others use too."""
    backend: Any
    for backend in caches.all(initialized_only=False):
        if hasattr(backend, "delete_pattern"):
            backend.delete_pattern("*")
        else:
            backend.clear()


@pytest.fixture
def alice() -> User:
    return UserFactory.create(email="alice@example.test")


@pytest.fixture
def charlie() -> User:
    return UserFactory.create(email="charlie@example.test")


@pytest.fixture
def rosa() -> User:
    return UserFactory.create(email="rosa@example.test", is_staff=True)


def client_of(user: User | None) -> APIClient:
    """A REST client logged in as `user` by a real access token (None: anonymous)."""
    from finances.users.tokens import issue_tokens

    client = APIClient()
    if user is not None:
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_tokens(user).access_token}")
    return client


@pytest.fixture
def anonymous() -> APIClient:
    return client_of(None)


@pytest.fixture
def alice_client(alice: User) -> APIClient:
    return client_of(alice)


@pytest.fixture
def charlie_client(charlie: User) -> APIClient:
    return client_of(charlie)


@pytest.fixture
def rosa_client(rosa: User) -> APIClient:
    return client_of(rosa)
