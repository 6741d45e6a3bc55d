"""Every write of what history is made of steps the security's version, and nothing else does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from finances.testing.yahoo import Script
from finances.users.models import User
from finances.yahoo.types import SplitEvent
from securities import actions
from securities.before import Before
from securities.manual import delete_price, put_prices
from securities.models import Dividend, Price, Review, Security
from securities.recovery import RawDividend
from securities.reviews import accept_review, reject_review
from securities.storage import store_answer, store_bars
from securities.tests.factories import SecurityFactory, SyncRunFactory
from securities.tests.histories import raw

MONDAY, TUESDAY = date(2022, 12, 26), date(2022, 12, 27)
SPLIT = SplitEvent(MONDAY, 4, 1)


def dividend(amount: str = "0.5") -> RawDividend:
    return RawDividend(MONDAY, Decimal(amount), Dividend.Kind.ORDINARY, "USD", 1.0)


@pytest.fixture
def acme() -> Security:
    return SecurityFactory.create(symbol="ACME")


def steps(security: Security, write: Callable[[], Any]) -> bool:
    before = Security.objects.get(pk=security.pk).data_version
    with transaction.atomic():
        write()
    return bool(Security.objects.get(pk=security.pk).data_version != before)


def test_bars(acme: Security) -> None:
    def store(history: Any) -> bool:
        return steps(acme, lambda: store_bars(acme, history, SyncRunFactory.create()))

    assert store(raw({MONDAY: 10.0, TUESDAY: 11.0}, provisional_from=TUESDAY))
    assert store(raw({MONDAY: 10.5}))
    assert not store(raw({MONDAY: 10.5}))
    assert not store(raw({MONDAY: 10.500001}))
    assert not store(raw({}))
    # It settles, and with it comes what differs by less than a change.
    assert store(raw({TUESDAY: 11.000001}))
    assert Price.objects.get(ts__date=TUESDAY).close == 11.000001


def test_splits(acme: Security) -> None:
    def store(*splits: SplitEvent) -> bool:
        run = SyncRunFactory.create(recorded_at=timezone.now())
        return steps(acme, lambda: actions.store_splits(acme, splits, run))

    assert store(SPLIT)
    assert not store(SPLIT)
    assert not store()
    assert store(SplitEvent(MONDAY, 3, 1))


def test_a_void_split(acme: Security) -> None:
    actions.store_splits(acme, [SPLIT], SyncRunFactory.create())
    run = SyncRunFactory.create(recorded_at=timezone.now())

    assert steps(acme, lambda: actions.store_void(acme, SPLIT, run))
    assert not steps(acme, lambda: actions.store_splits(acme, [SPLIT], run))


def test_dividends(acme: Security) -> None:
    run = SyncRunFactory.create(recorded_at=timezone.now())

    def store(*dividends: RawDividend) -> bool:
        return steps(acme, lambda: actions.store_dividends(acme, dividends, run))

    assert store(dividend())
    assert not store(dividend())
    assert store(dividend("0.6"))
    assert not steps(acme, lambda: actions.withdraw_dividend(acme, dividend("0.7"), run))
    assert steps(acme, lambda: actions.withdraw_dividend(acme, dividend("0.6"), run))


def test_an_answer_without_news(acme: Security) -> None:
    def store() -> bool:
        history = replace(raw({MONDAY: 10.0}), splits=(SPLIT,))
        return steps(acme, lambda: store_answer(acme, history, SyncRunFactory.create(), before=Before(acme)))

    assert store()
    assert not store()


def test_manual_prices(alice: User) -> None:
    house = SecurityFactory.create(owner=alice)
    bar = (MONDAY, None, None, None, 250_000.0, None)

    assert steps(house, lambda: put_prices(house, [bar], by=alice))
    assert not steps(house, lambda: put_prices(house, [bar], by=alice))
    assert steps(house, lambda: delete_price(house, on=MONDAY, by=alice))


@pytest.mark.django_db(transaction=True)
def test_a_sync(alice_client: APIClient, fake_yahoo: Script) -> None:
    fake_yahoo.add("ACME", closes={MONDAY: 10.0, TUESDAY: 11.0})

    def sync() -> int:
        assert alice_client.post("/api/v1/securities/ACME/sync", {"refresh": True}).status_code == 200
        return int(Security.objects.get(symbol="ACME").data_version)

    first = sync()

    assert sync() == first


def test_other_securities_keep_theirs(acme: Security) -> None:
    other = SecurityFactory.create()

    assert not steps(other, lambda: store_bars(acme, raw({MONDAY: 10.0}), SyncRunFactory.create()))


def test_what_is_no_history_steps_nothing(acme: Security) -> None:
    acme.name = "Acme Limited"

    assert not steps(acme, acme.save)
    assert not steps(acme, lambda: Security.objects.filter(pk=acme.pk).update(sector="Energy"))


@pytest.mark.parametrize("links", [True, False])
def test_links(admin_client: Client, acme: Security, links: bool) -> None:
    successor = SecurityFactory.create(symbol="NEXT")
    Security.objects.filter(pk=acme.pk).update(successor=None if links else successor)
    page = reverse("admin:securities_security_change", args=[acme.pk])

    versions: list[bool] = []

    def submit() -> None:
        form = admin_client.get(page).context["adminform"].form
        facts = {name: value for name, value in form.initial.items() if value is not None}
        formsets = {
            f"{prefix}-{name}": 0 for prefix in ("splits", "dividends") for name in ("TOTAL_FORMS", "INITIAL_FORMS")
        }
        answer = admin_client.post(page, {**facts, **formsets, "successor": successor.pk if links else ""})
        assert answer.status_code == 302

    assert steps(acme, lambda: versions.append(steps(successor, submit)))
    assert versions == [True]


@pytest.mark.django_db(transaction=True)
def test_decisions_of_staff(rosa: User, acme: Security) -> None:
    def held(amount: str) -> Review:
        now = timezone.now()
        evidence = [MONDAY.isoformat(), amount, "ordinary", "USD", "1.0"]
        return Review.objects.create(
            security=acme, run=SyncRunFactory.create(), interval=1440, reason=Review.Reason.LARGE_DIVIDEND,
            detail="Large.", evidence=evidence, opened_at=now, last_seen_at=now,
        )  # fmt: skip

    def decide(decision: Callable[..., Any], amount: str) -> bool:
        review, before = held(amount), Security.objects.get(pk=acme.pk).data_version
        decision(review, by=rosa)
        return bool(Security.objects.get(pk=acme.pk).data_version != before)

    assert decide(accept_review, "0.5")
    assert not decide(reject_review, "0.7")
    assert decide(reject_review, "0.5")
