from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities import calendars
from securities.models import Bar, Price, PriceRevision
from securities.tests.factories import SecurityFactory, store_closes

LIST = "/admin/securities/securityquality/"


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


def test_the_stalest_come_first(office: Client, django_assert_max_num_queries: Any) -> None:
    today = timezone.now().date()
    for symbol, age in [("FRESH", 1), ("STALE", 40), ("EMPTY", None), ("OLD", 9)]:
        security = SecurityFactory.create(symbol=symbol)
        store_closes(security, {} if age is None else {today - timedelta(days=age): 10.0})
    bar = Price.objects.get(security__symbol="OLD")
    for close in (8.0, 9.0):
        PriceRevision.objects.create(
            security=bar.security, interval=Bar.Interval.DAY, ts=bar.ts, close=close, run=bar.run,
            superseded_at=timezone.now(),
        )  # fmt: skip

    with django_assert_max_num_queries(8):
        rows = office.get(LIST).context["cl"].result_list

    assert [(row.symbol, row.changed_bars, row.open_reviews) for row in rows] == [
        ("EMPTY", 0, 0), ("STALE", 0, 0), ("OLD", 1, 0), ("FRESH", 0, 0),
    ]  # fmt: skip


def test_a_securitys_page_shows_what_was_measured(office: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "WAIT_SECONDS", 60.0)
    security = SecurityFactory.create(symbol="ACME")
    store_closes(security, {date(2022, 12, 22): 1.0, date(2022, 12, 27): 1.0})

    page = office.get(f"{LIST}{security.pk}/change/").content.decode()

    assert "missing days: 1<br>" in page
    assert "newest missing days: 2022-12-23<br>" in page
    assert "completeness (50 points): 0.6666<br>" in page


def test_what_cannot_be_known_says_why(office: Client) -> None:
    page = office.get(f"{LIST}{SecurityFactory.create().pk}/change/").content.decode()

    assert "score: No price is stored yet.<br>" in page


def test_only_those_who_may_see_it(rosa: User) -> None:
    client = Client()
    client.force_login(rosa)

    assert client.get(LIST).status_code == 403
