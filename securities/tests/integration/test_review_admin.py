from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from securities.models import Review, Security
from securities.sync import sync_security
from securities.tests.factories import SecurityFactory, SyncRunFactory
from securities.tests.histories import answer

LIST = "/admin/securities/review/"
GOOD = {date(2022, 3, 1): 100.0, date(2022, 3, 2): 101.0}
BAD = {**GOOD, date(2022, 3, 3): 1.02}


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(UserFactory.create(email="office@example.test", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def support() -> Client:
    client = Client()
    user = UserFactory.create(is_staff=True)
    user.user_permissions.add(*Permission.objects.filter(codename__in=["view_review"]))
    client.force_login(user)
    return client


@pytest.fixture
def review(fake_yahoo: Script) -> Review:
    fake_yahoo.add("ACME", closes=GOOD, now=datetime(2022, 3, 20, tzinfo=UTC))
    sync_security("ACME", trigger=SyncRun.Trigger.COMMAND)
    fake_yahoo.answer(answer(BAD))
    sync_security("ACME", trigger=SyncRun.Trigger.COMMAND, refresh=True)
    return Review.objects.get()


def closes() -> list[float]:
    return list(Security.objects.get().prices.order_by("ts").values_list("close", flat=True))


def decide(client: Client, review: Review, decision: str) -> Any:
    return client.post(f"{LIST}{review.pk}/decide", {"decision": decision}, follow=True)


def test_the_list_has_open_ones_first(office: Client) -> None:
    facts: dict[str, Any] = {
        "security": SecurityFactory.create(), "run": SyncRunFactory.create(), "interval": 1440, "evidence": [],
        "opened_at": timezone.now(), "last_seen_at": timezone.now(),
    }  # fmt: skip
    Review.objects.create(**facts, reason="jump", detail="Still open.")
    Review.objects.create(**facts, reason="jump", detail="Long over.", status="REJECTED", decided_at=timezone.now())

    page = office.get(LIST).content.decode()

    assert 0 < page.index("Still open.") < page.index("Long over.")


def test_the_page_spells_out_each_decision(office: Client, review: Review) -> None:
    page = office.get(f"{LIST}{review.pk}/change/").content.decode()

    assert "Multiply the prices from 2022-03-03 on by 100." in page
    assert all(f'value="{decision}"' in page for decision in ("accept", "correct", "reject"))
    assert f'data-url="{LIST}{review.pk}/series"' in page
    assert 'src="http' not in page


def test_the_series_drawn_over_each_other(office: Client, review: Review) -> None:
    assert office.get(f"{LIST}{review.pk}/series").json() == {
        "times": [1646092800, 1646179200, 1646265600], "stored": [100.0, 101.0, None],
        "fetched": [100.0, 101.0, 1.02], "corrected": [100.0, 101.0, 102.0], "currency": "USD",
        "lines": ["stored", "fetched", "corrected"], "shown": [1646092800, 1646265600],
        "marked": [1646265600], "units": {"fetched": "USD"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("decision", "status", "left"),
    [
        ("accept", "ACCEPTED", [100.0, 101.0, 1.02]),
        ("correct", "CORRECTED", [100.0, 101.0, 102.0]),
        ("reject", "REJECTED", [100.0, 101.0]),
    ],
)
def test_a_decision(office: Client, review: Review, decision: str, status: str, left: list[float]) -> None:
    page = decide(office, review, decision)

    review.refresh_from_db()
    assert [str(message) for message in page.context["messages"]] == [f"ACME: Change of unit: {status.lower()}."]
    assert (review.status, review.decided_by, closes()) == (status, User.objects.get(email="office@example.test"), left)
    assert b'name="decision"' not in page.content


def test_what_is_not_possible_is_said(office: Client, review: Review) -> None:
    decide(office, review, "reject")

    page = decide(office, review, "accept")

    assert "This review is not open any more." in page.content.decode()


def test_many_at_once(office: Client, review: Review) -> None:
    office.post(LIST, {"action": "correct_chosen", "_selected_action": [review.pk]})

    assert closes() == [100.0, 101.0, 102.0]


def test_support_sees_and_cannot_decide(support: Client, review: Review) -> None:
    page = support.get(f"{LIST}{review.pk}/change/")

    assert page.status_code == 200
    assert b'name="decision"' not in page.content
    assert decide(support, review, "accept").status_code == 403
    review.refresh_from_db()
    assert review.status == "OPEN"


def test_it_is_for_staff(review: Review) -> None:
    client = Client()
    assert client.get(f"{LIST}{review.pk}/series").status_code == 302
    client.force_login(UserFactory.create(is_staff=True))
    assert client.get(f"{LIST}{review.pk}/series").status_code == 403


def test_each_decision_says_what_it_would_change(office: Client, review: Review) -> None:
    choices = office.get(f"{LIST}{review.pk}/change/").context["choices"]

    assert [(choice.decision, choice.effect) for choice in choices] == [
        ("accept", "1 bar added."), ("correct", "1 bar added."), ("reject", "No stored bar changes, none is added."),
    ]  # fmt: skip
    assert closes() == [100.0, 101.0]


def test_what_is_stored_and_what_came_stand_side_by_side(office: Client, review: Review) -> None:
    figures = office.get(f"{LIST}{review.pk}/change/").context["figures"]

    assert (figures.what, figures.headings) == ("Closes, USD", ["Day", "Stored now", "Came", "If corrected"])
    assert figures.rows == [["2022-03-03", "–", "1.02", "102"]]


def test_a_decision_that_is_not_possible_has_no_button(office: Client, fake_yahoo: Script, review: Review) -> None:
    fake_yahoo.answer(answer({date(2022, 3, 3): 102.0}, quote_unit="EUR"))
    sync_security("ACME", trigger=SyncRun.Trigger.COMMAND, refresh=True)
    page = office.get(f"{LIST}{Review.objects.get(reason='currency_change').pk}/change/")

    accept = page.context["choices"][0]
    assert (accept.decision, accept.is_possible) == ("accept", False)
    assert accept.effect == "Not possible: 2 stored bars are not in this answer and would stay in USD."
    assert b'value="accept"' not in page.content
