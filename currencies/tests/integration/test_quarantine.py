"""Rates that look wrong: held back, accepted, rejected."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from currencies.models import ExchangeRate, ExchangeRateRevision, QuarantinedRates
from currencies.quarantine import AlreadyDecided, NotStorable, accept, reject
from currencies.sync import PairResult, sync_pair
from currencies.tests.factories import CurrencyFactory, store_rate
from finances.errors import YahooBadResponse
from finances.sync.leases import SyncInProgress, held_lease
from finances.sync.models import SyncRun
from finances.testing.yahoo import Script
from finances.users.models import User
from finances.users.tests.factories import UserFactory

DAYS = [date(2022, 12, 5) + timedelta(days=number) for number in range(20)]
CLOSES = {day: 1.2 + number / 1000 for number, day in enumerate(DAYS)}
LAST = DAYS[-1]
PAGE = "/admin/currencies/quarantinedrates/"


@pytest.fixture
def euro(fake_yahoo: Script) -> Script:
    for code in ("EUR", "USD"):
        CurrencyFactory.create(code=code)
    fake_yahoo.now = datetime(2022, 12, 28, 22, tzinfo=UTC)
    answer(fake_yahoo, CLOSES)
    return fake_yahoo


def answer(yahoo: Script, closes: dict[date, float]) -> None:
    yahoo.add("EURUSD=X", closes=closes, quote_unit="USD", time_zone="Europe/London", security_type="CURRENCY")


def sync() -> PairResult:
    return sync_pair("EUR", "USD", trigger=SyncRun.Trigger.COMMAND, refresh=True)


def stored() -> dict[date, Decimal]:
    return dict(ExchangeRate.objects.values_list("day", "quote_per_base"))


def held() -> dict[str, list[list[str]]]:
    return {row.reason: row.rates for row in QuarantinedRates.objects.open()}


@pytest.mark.parametrize(
    ("wrong", "reason", "text"),
    [
        (0.0, "impossible", "0.0"),
        (-1.0, "impossible", "-1.0"),
        (float("inf"), "impossible", "inf"),
        (1e12, "impossible", "1000000000000.0"),
        (121.9, "jump", "121.90000"),
        (0.0121, "jump", "0.012100000"),
        (0.82, "flipped", "0.82000000"),
    ],
)
def test_a_wrong_rate_is_held_back_and_the_others_are_stored(
    euro: Script, wrong: float, reason: str, text: str
) -> None:
    answer(euro, CLOSES | {LAST: wrong})

    assert sync() == PairResult("EURUSD", added=19, changed=0, held=1)

    assert held() == {reason: [[str(LAST), text]]}
    assert (len(stored()), LAST in stored()) == (19, False)
    run = SyncRun.objects.get()
    assert (run.status, run.bars_quarantined) == ("SUCCEEDED", 1)


def test_a_stored_rate_is_not_replaced_by_a_wrong_one(euro: Script) -> None:
    sync()
    before = stored()
    answer(euro, CLOSES | {LAST: 122.0})

    assert sync() == PairResult("EURUSD", added=0, changed=0, held=1)
    assert (stored(), ExchangeRateRevision.objects.count()) == (before, 0)


def test_the_same_again_is_not_held_twice(euro: Script) -> None:
    answer(euro, CLOSES | {DAYS[-2]: 122.0})
    sync()
    answer(euro, CLOSES | {DAYS[-2]: 122.0, LAST: 123.0})
    sync()

    assert held() == {"jump": [[str(DAYS[-2]), "122"], [str(LAST), "123"]]}
    assert QuarantinedRates.objects.count() == 1


def test_another_series_is_held_back_and_refused(euro: Script) -> None:
    sync()
    before = stored()
    answer(euro, {day: close * 1.5 for day, close in CLOSES.items()})

    with pytest.raises(YahooBadResponse, match="contradict"):
        sync()

    assert stored() == before
    assert [day for day, _rate in held()["restated"]] == [str(day) for day in DAYS]


def test_accepted_rates_are_stored_and_later_ones_go_on_from_them(euro: Script, rosa: User) -> None:
    answer(euro, CLOSES | {LAST: 122.0})
    sync()

    assert accept(QuarantinedRates.objects.get(), by=rosa) == (1, 0)

    row, run = QuarantinedRates.objects.get(), SyncRun.objects.order_by("-pk").first()
    assert (stored()[LAST], row.status, row.decided_by) == (Decimal(122), "accepted", rosa)
    assert run is not None
    assert (run.symbol, run.trigger, run.started_by, run.bars_added) == ("EURUSD=X", "ADMIN", rosa, 1)
    answer(euro, CLOSES | {LAST: 122.0, LAST + timedelta(days=1): 123.0})
    assert sync() == PairResult("EURUSD", added=1, changed=0)


def test_accepting_a_restatement_keeps_predecessors(euro: Script, rosa: User) -> None:
    sync()
    answer(euro, {day: close * 1.5 for day, close in CLOSES.items()})
    with pytest.raises(YahooBadResponse):
        sync()

    assert accept(QuarantinedRates.objects.get(), by=rosa) == (0, 20)

    assert (stored()[LAST], ExchangeRateRevision.objects.count()) == (Decimal("1.8285"), 20)
    assert sync() == PairResult("EURUSD", added=0, changed=0)


def test_rejected_rates_are_not_held_again(euro: Script, rosa: User) -> None:
    answer(euro, CLOSES | {LAST: 122.0})
    sync()
    reject(QuarantinedRates.objects.get(), by=rosa)

    assert sync() == PairResult("EURUSD", added=0, changed=0)

    assert (held(), LAST in stored()) == ({}, False)


def test_what_no_pair_can_have_is_not_accepted(euro: Script, rosa: User) -> None:
    answer(euro, CLOSES | {LAST: 0.0})
    sync()

    with pytest.raises(NotStorable):
        accept(QuarantinedRates.objects.get(), by=rosa)

    assert len(stored()) == 19


def test_a_decision_is_made_once(euro: Script, rosa: User) -> None:
    answer(euro, CLOSES | {LAST: 122.0})
    sync()
    row = QuarantinedRates.objects.get()
    reject(row, by=rosa)

    for decide in (accept, reject):
        with pytest.raises(AlreadyDecided):
            decide(row, by=rosa)
    with held_lease("rates:EURUSD"), pytest.raises(SyncInProgress):
        accept(row, by=rosa)

    assert LAST not in stored()


def test_held_rates_are_invisible_to_readers(euro: Script, alice_client: APIClient) -> None:
    answer(euro, CLOSES | {LAST: 122.0})
    sync()

    body = alice_client.get("/api/v1/currencies/EUR/rates", {"quote": "USD", "limit": "1"}).json()

    assert body[0]["date"] == str(DAYS[-2])


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


@pytest.mark.parametrize(
    ("action", "done", "rates"),
    [("accept", "accepted", 20), ("reject", "rejected", 19)],
)
def test_staff_decide(euro: Script, office: Client, action: str, done: str, rates: int) -> None:
    answer(euro, CLOSES | {LAST: 122.0})
    sync()
    row = QuarantinedRates.objects.get()
    page = office.get(f"{PAGE}{row.pk}/change/").content.decode()

    response = office.post(PAGE, {"action": action, "_selected_action": [row.pk]}, follow=True)

    assert f"<td>{LAST}</td><td>–</td><td>122</td>" in page
    assert "1 rate added." in page
    assert [str(message) for message in response.context["messages"]] == [
        f"EUR/USD: Twenty times the rate before, or a twentieth: {done}."
    ]
    assert len(stored()) == rates


def test_staff_are_told_what_cannot_be_accepted(euro: Script, office: Client) -> None:
    answer(euro, CLOSES | {LAST: 0.0})
    sync()

    response = office.post(
        PAGE, {"action": "accept", "_selected_action": [QuarantinedRates.objects.get().pk]}, follow=True
    )

    assert [str(message) for message in response.context["messages"]] == [
        "EUR/USD: No rate can be this: No currency pair can have these rates: they can only be rejected."
    ]


def test_the_freshness_page_has_the_stalest_first(office: Client, django_assert_max_num_queries: Any) -> None:
    url = "/admin/currencies/exchangerate/freshness"
    today = datetime.now(UTC).date()
    assert "No rates are stored yet." in office.get(url).content.decode()
    for pair, age, source in [
        ("EUR/USD", 2, "ecb"),
        ("EUR/USD", 3, "ecb"),
        ("EUR/GBP", 9, "yahoo"),
        ("EUR/HRK", 40, "ecb"),
    ]:
        store_rate(pair, today - timedelta(days=age), "1.5", source=source)

    with django_assert_max_num_queries(12):
        rows = office.get(url).context["rows"]

    assert [(row.quote, row.source, row.days_since, row.rates, row.exact) for row in rows] == [
        ("GBP", "yahoo", 9, 1, "1.5"), ("USD", "ecb", 2, 2, "1.5"), ("HRK", "ecb", None, 1, "1.5"),
    ]  # fmt: skip


def test_the_freshness_page_is_for_those_who_may_see_rates(client: Client, rosa: User) -> None:
    client.force_login(rosa)

    assert client.get("/admin/currencies/exchangerate/freshness").status_code == 403


def test_staff_decide_on_the_page(euro: Script, office: Client, rosa: User) -> None:
    answer(euro, CLOSES | {LAST: 122.0})
    sync()
    row = QuarantinedRates.objects.get()
    series = office.get(f"{PAGE}{row.pk}/series").json()

    response = office.post(f"{PAGE}{row.pk}/decide", {"decision": "accept"}, follow=True)

    assert (series["stored"][-2:], series["fetched"][-2:]) == ([1.218, None], [None, 122.0])
    assert [str(message) for message in response.context["messages"]] == [
        "EUR/USD: Twenty times the rate before, or a twentieth: accepted."
    ]
    assert stored()[LAST] == Decimal(122)
    assert b'name="decision"' not in response.content
    assert office.post(f"{PAGE}{row.pk}/decide", {"decision": "burn"}).status_code == 403
    stranger = Client()
    stranger.force_login(rosa)
    assert stranger.get(f"{PAGE}{row.pk}/series").status_code == 403
    assert stranger.post(f"{PAGE}{row.pk}/decide", {"decision": "accept"}).status_code == 403
