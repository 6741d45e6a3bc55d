"""What needs no replica."""

from typing import Any

import pytest
from django.http import HttpResponseNotFound
from django.test import RequestFactory

from finances.api.replica import ReplicaMiddleware


def test_a_write_that_no_view_took_has_no_user(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES, "replica", {})
    middleware = ReplicaMiddleware(lambda request: HttpResponseNotFound())

    assert middleware(RequestFactory().post("/nowhere")).status_code == 404
