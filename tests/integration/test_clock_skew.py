"""Servers whose clocks are ten minutes apart, or a clock that is put back by as much."""

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework_simplejwt.utils import aware_utcnow

from finances.sync.leases import LeaseLost, SyncInProgress, spend, take
from finances.sync.models import Lease
from finances.users.models import User
from finances.users.tokens import TokenPair, issue_tokens

SKEW = timedelta(minutes=10)


def issued_by_a_clock(user: User, ahead: timedelta) -> TokenPair:
    with mock.patch("rest_framework_simplejwt.tokens.aware_utcnow", return_value=aware_utcnow() + ahead):
        return issue_tokens(user)


def me(access: str) -> int:
    return APIClient(headers={"authorization": f"Bearer {access}"}).get("/api/v1/users/me").status_code


@pytest.mark.parametrize("ahead", [SKEW - timedelta(seconds=5), -SKEW])
def test_tokens_of_a_server_with_another_clock_are_taken(alice: User, ahead: timedelta) -> None:
    pair = issued_by_a_clock(alice, ahead)
    refreshed = APIClient().post("/api/v1/auth/refresh", {"refresh_token": pair.refresh_token})

    assert me(pair.access_token) == 200
    assert refreshed.status_code == 200
    assert me(refreshed.json()["access_token"]) == 200


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_the_end_of_a_token_is_not_put_off(alice: User, kind: str, settings: Any) -> None:
    life = settings.SIMPLE_JWT[f"{kind.upper()}_TOKEN_LIFETIME"]
    pair = issued_by_a_clock(alice, -life - timedelta(seconds=1))

    if kind == "access":
        assert me(pair.access_token) == 401
    else:
        assert APIClient().post("/api/v1/auth/refresh", {"refresh_token": pair.refresh_token}).status_code == 401


def take_by_a_clock(ahead: timedelta) -> Lease:
    with mock.patch.object(timezone, "now", return_value=timezone.now() + ahead):
        return take("prices:ACME", lambda: None)[0]


def test_a_lease_taken_by_a_clock_ahead_is_lost_to_its_holder() -> None:
    first, _ = take("prices:ACME", lambda: None)
    second = take_by_a_clock(SKEW)

    with pytest.raises(LeaseLost):
        spend(first)
    spend(second)


def test_a_lease_is_respected_by_a_clock_behind() -> None:
    first, _ = take("prices:ACME", lambda: None)

    with pytest.raises(SyncInProgress):
        take_by_a_clock(-SKEW)
    spend(first)
