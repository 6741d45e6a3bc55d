"""Sessions and messages are the back office's alone."""

import pytest
from django.test import Client

OF_SESSIONS = ("session", "_messages")


@pytest.mark.parametrize(
    ("path", "has"),
    [
        ("/admin/login/", True),
        ("/health/redis", False),
        ("/api/v1/users/me", False),
        ("/api/docs", False),
        ("/administration/", False),
        ("/api/v1/admin/", False),
    ],
)
@pytest.mark.django_db
def test_sessions_are_those_of_the_back_office(path: str, has: bool) -> None:
    request = Client().get(path).wsgi_request

    assert [hasattr(request, name) for name in OF_SESSIONS] == [has] * 2
