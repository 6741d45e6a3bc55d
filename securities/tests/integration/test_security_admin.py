from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from finances.errors import YahooUnavailable
from finances.sync.models import SyncBatch
from finances.sync.tests.factories import batch_of
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities import admin
from securities.models import Security
from securities.tests.factories import DividendFactory, ReviewFactory, SecurityFactory, SplitFactory, store_closes

LIST = "/admin/securities/security/"


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def acme() -> Security:
    security = SecurityFactory.create(symbol="ACME")
    store_closes(security, {date(2020, 8, 28): 500.0, date(2020, 8, 31): 125.0}, volume=None)
    SplitFactory.create(security=security)
    DividendFactory.create(security=security)
    return security


def sync_now(office: Client, *securities: Security) -> Any:
    """The page that it leads to."""
    chosen = {"action": "sync_now", "_selected_action": [security.pk for security in securities]}
    return office.post(LIST, chosen, follow=True)


def test_the_list_shows_last_closes_and_finds_symbols(office: Client, acme: Security) -> None:
    SecurityFactory.create(symbol="BOLT")

    page = office.get(LIST, {"q": "acm"}).content.decode()

    assert "125.0" in page
    assert "Aug. 31, 2020" in page
    assert "BOLT" not in page


def test_the_page_has_events_and_a_chart_of_its_own_files(office: Client, acme: Security) -> None:
    page = office.get(f"{LIST}{acme.pk}/change/").content.decode()

    assert f'data-url="{LIST}{acme.pk}/prices"' in page
    assert "securities/uplot/uPlot.iife.min.js" in page
    assert "4:1 on 2020-08-31" in page
    assert 'src="http' not in page


@pytest.mark.parametrize(
    ("adjusted", "closes"), [("", [125.0, 125.0]), ("none", [500.0, 125.0]), ("splits", [125.0, 125.0])]
)
def test_the_charts_columns(office: Client, acme: Security, adjusted: str, closes: list[float]) -> None:
    response = office.get(f"{LIST}{acme.pk}/prices", {"adjusted": adjusted})

    assert response.json() == {
        "times": [1598572800, 1598832000], "closes": closes, "volumes": [None, None], "currency": "USD",
    }  # fmt: skip


def test_the_chart_is_for_staff_who_may_view(acme: Security) -> None:
    client = Client()
    assert client.get(f"{LIST}{acme.pk}/prices").status_code == 302
    client.force_login(UserFactory.create(is_staff=True))
    assert client.get(f"{LIST}{acme.pk}/prices").status_code == 403


@pytest.mark.django_db(transaction=True)
def test_sync_now_leads_to_its_progress(office: Client, fake_yahoo: Script) -> None:
    security = SecurityFactory.create(symbol="ACME")
    fake_yahoo.add("ACME", closes={date(2022, 12, 28): 10.0})

    page = sync_now(office, security)

    batch = SyncBatch.objects.get()
    assert page.redirect_chain == [(f"/admin/sync/syncbatch/{batch.pk}/change/", 302)]
    assert "ACME" in page.content.decode()
    assert (batch.trigger, batch.started_by, batch.status) == ("ADMIN", User.objects.get(), "SUCCEEDED")
    assert list(batch.runs.values_list("symbol", "bars_added")) == [("ACME", 1)]


@pytest.mark.django_db(transaction=True)
def test_sync_now_leads_back_who_may_not_see_its_progress(fake_yahoo: Script) -> None:
    security = SecurityFactory.create(symbol="ACME")
    fake_yahoo.add("ACME", closes={date(2022, 12, 28): 10.0})
    clerk, client = UserFactory.create(is_staff=True), Client()
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["view_security", "change_security"]))
    client.force_login(clerk)

    page = sync_now(client, security)

    assert (page.redirect_chain, page.status_code) == ([(LIST, 302)], 200)
    assert [str(message) for message in page.context["messages"]] == ["A sync of 1 was ordered."]
    assert SyncBatch.objects.get().status == "SUCCEEDED"


@pytest.mark.parametrize(("finished", "seconds"), [(False, "3"), (True, None)])
def test_the_page_of_a_sync_under_way_is_read_anew(office: Client, finished: bool, seconds: str | None) -> None:
    at = timezone.now() if finished else None
    batch = batch_of({"ACME": "PENDING"}, status="PENDING", is_queued=True, finished_at=at)

    assert office.get(f"/admin/sync/syncbatch/{batch.pk}/change/").headers.get("Refresh") == seconds


@pytest.mark.django_db(transaction=True)
def test_sync_now_tells_what_failed(office: Client, fake_yahoo: Script) -> None:
    fake_yahoo.fail("*", YahooUnavailable())

    assert "yahoo_unavailable" in sync_now(office, SecurityFactory.create(symbol="ACME")).content.decode()


def test_sync_now_is_bounded(office: Client, fake_yahoo: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admin, "SYNC_AT_ONCE", 2)
    securities = SecurityFactory.create_batch(3)

    response = sync_now(office, *securities)

    assert [str(message) for message in response.context["messages"]] == ["Choose at most 2."]
    assert (fake_yahoo.calls, SyncBatch.objects.count()) == ([], 0)


def test_runs_are_a_record(office: Client) -> None:
    assert office.get("/admin/sync/syncrun/").status_code == 200
    assert office.get("/admin/sync/syncrun/add/").status_code == 403


def test_what_waits_for_review_is_marked_and_filtered(office: Client, acme: Security) -> None:
    SecurityFactory.create(symbol="BOLT")
    ReviewFactory.create(security=acme, reason="jump", detail="From 1 to 50.")
    link = f'<a href="/admin/securities/review/?status__exact=OPEN&amp;security__id__exact={acme.pk}">To review</a>'

    pages = {wanted: office.get(LIST, {"to_review": wanted}).content.decode() for wanted in ("yes", "no")}

    assert [(link in page, "BOLT" in page) for page in pages.values()] == [(True, False), (False, True)]
    page = office.get(f"{LIST}{acme.pk}/change/").content.decode()
    assert "<strong>Jump.</strong> From 1 to 50." in page
    assert (
        'class="review-waits"'
        not in office.get(f"{LIST}{Security.objects.get(symbol='BOLT').pk}/change/").content.decode()
    )
