"""The cache may be away in any way: what is asked of it is a miss, and what is told it is lost."""

import pytest
from pytest_django import Settings

from finances.yahoo import store
from finances.yahoo.tests.broken_caches import BROKEN


@pytest.mark.parametrize("broken", BROKEN)
def test_without_a_cache_nothing_is_kept_and_nothing_raised(settings: Settings, broken: str) -> None:
    settings.CACHES = {"default": {"BACKEND": broken}}

    store.remember("name", "value", 60)
    store.forget("other")

    assert (store.recall("name"), store.count("counter", 60)) == (None, 0)
