from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from finances.testing.plugin import empty_caches
from securities.models import Price, Security
from securities.tests.factories import DividendFactory, SecurityFactory, SplitFactory, SyncRunFactory, store_closes

FRIDAY, MONDAY, TUESDAY = date(2020, 8, 28), date(2020, 8, 31), date(2020, 9, 1)


@pytest.fixture
def acme() -> Security:
    """4:1 on the Monday; a dividend of 1.29 a new share on the Tuesday, 1 % of Monday's close."""
    security = SecurityFactory.create(symbol="ACME")
    store_closes(security, {FRIDAY: 499.2, MONDAY: 129.0, TUESDAY: 130.0})
    SplitFactory.create(security=security, ex_date=MONDAY)
    DividendFactory.create(security=security, ex_date=TUESDAY, amount=Decimal("1.29"))
    return security


def prices(client: APIClient, **parameters: Any) -> Any:
    response = client.get("/api/v1/securities/ACME/prices", parameters)
    assert response.status_code == 200, response.json()
    return response.json()


def closes(client: APIClient, **parameters: Any) -> list[tuple[str, float]]:
    return [(bar["date"], bar["close"]) for bar in prices(client, **parameters)]


def test_prices_are_adjusted_for_splits_newest_first(alice_client: APIClient, acme: Security) -> None:
    bar = {"open": 124.8, "high": 124.8, "low": 124.8, "close": 124.8, "volume": 4000}

    answered = prices(alice_client)

    assert [day["date"] for day in answered] == ["2020-09-01", "2020-08-31", "2020-08-28"]
    assert answered[2] == {"date": "2020-08-28", **bar}


def test_prices_as_traded(alice_client: APIClient, acme: Security) -> None:
    assert closes(alice_client, adjusted="none", order="asc") == [
        ("2020-08-28", 499.2), ("2020-08-31", 129.0), ("2020-09-01", 130.0),
    ]  # fmt: skip


def test_prices_adjusted_for_dividends_too(alice_client: APIClient, acme: Security) -> None:
    assert closes(alice_client, adjusted="all", order="asc") == [
        ("2020-08-28", 123.552), ("2020-08-31", 127.71), ("2020-09-01", 130.0),
    ]  # fmt: skip


def test_a_dividend_outside_the_range_still_adjusts_it(alice_client: APIClient, acme: Security) -> None:
    assert closes(alice_client, adjusted="all", end_date="2020-08-28") == [("2020-08-28", 123.552)]


def test_a_dividend_on_the_day_of_a_split(alice_client: APIClient) -> None:
    """The close before it is in old shares: 40 old are 10 new, of which 1 is 10 %."""
    security = SecurityFactory.create(symbol="ACME")
    store_closes(security, {FRIDAY: 40.0, MONDAY: 9.0})
    SplitFactory.create(security=security, ex_date=MONDAY)
    DividendFactory.create(security=security, ex_date=MONDAY, amount=Decimal("1"))

    assert closes(alice_client, adjusted="all") == [("2020-08-31", 9.0), ("2020-08-28", 9.0)]


def test_an_announced_split_does_nothing_yet(alice_client: APIClient, acme: Security) -> None:
    SplitFactory.create(security=acme, ex_date=timezone.now().date() + timedelta(days=5))

    assert closes(alice_client, limit=1) == [("2020-09-01", 130.0)]


def test_void_and_superseded_splits_do_nothing(alice_client: APIClient, acme: Security) -> None:
    SplitFactory.create(security=acme, ex_date=TUESDAY, is_void=True)
    SplitFactory.create(security=acme, ex_date=TUESDAY, superseded_at=timezone.now())

    assert closes(alice_client, end_date="2020-08-31", limit=1) == [("2020-08-31", 129.0)]


def test_limit_keeps_the_newest(alice_client: APIClient, acme: Security) -> None:
    assert closes(alice_client, limit=2, order="asc") == [("2020-08-31", 129.0), ("2020-09-01", 130.0)]


def test_dates_are_inclusive(alice_client: APIClient, acme: Security) -> None:
    assert closes(alice_client, start_date="2020-08-31", end_date="2020-08-31") == [("2020-08-31", 129.0)]


def test_weeks_are_whole_and_dated_on_monday(alice_client: APIClient, acme: Security) -> None:
    assert prices(alice_client, interval="1wk", start_date="2020-08-25", end_date="2020-08-31") == [
        {"date": "2020-08-31", "open": 129.0, "high": 130.0, "low": 129.0, "close": 130.0, "volume": 2000}
    ]


def test_weeks_respect_the_limit(alice_client: APIClient, acme: Security) -> None:
    assert closes(alice_client, interval="1wk", limit=1) == [("2020-08-31", 130.0)]
    assert closes(alice_client, interval="1wk") == [("2020-08-31", 130.0), ("2020-08-24", 124.8)]


@pytest.mark.parametrize(
    ("period", "days_back", "included"),
    [("1d", 0, True), ("1d", 1, False), ("5d", 4, True), ("5d", 5, False), ("1y", 365, True), ("1y", 366, False),
     ("max", 9000, True)],
)  # fmt: skip
def test_periods_end_today(alice_client: APIClient, period: str, days_back: int, included: bool) -> None:
    security = SecurityFactory.create(symbol="ACME", time_zone="UTC")
    store_closes(security, {timezone.now().date() - timedelta(days=days_back): 10.0})

    assert bool(prices(alice_client, period=period)) is included


def test_prices_of_nothing_stored(alice_client: APIClient) -> None:
    SecurityFactory.create(symbol="ACME")

    assert prices(alice_client) == []
    assert prices(alice_client, interval="1wk") == []
    assert prices(alice_client, interval="1h", adjusted="all") == []


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"interval": "2d"}, "interval"),
        ({"start_date": "2020-13-01"}, "start_date"),
        ({"end_date": "soon"}, "end_date"),
        ({"period": "2y"}, "period"),
        ({"limit": "0"}, "limit"),
        ({"limit": "20001"}, "limit"),
        ({"limit": "NaN"}, "limit"),
        ({"order": "up"}, "order"),
        ({"adjusted": "yes"}, "adjusted"),
    ],
)
def test_bad_parameters_name_themselves(
    alice_client: APIClient, acme: Security, parameters: dict[str, str], field: str
) -> None:
    response = alice_client.get("/api/v1/securities/ACME/prices", parameters)

    assert response.status_code == 422
    assert [violation["loc"] for violation in response.json()["detail"]] == [["query", field]]


def test_start_after_end_is_refused(alice_client: APIClient, acme: Security) -> None:
    response = alice_client.get(
        "/api/v1/securities/ACME/prices", {"start_date": "2020-09-01", "end_date": "2020-08-01"}
    )

    assert response.status_code == 400
    assert response.json() == {"detail": "start_date is after end_date.", "code": "start_after_end"}


def test_a_period_with_dates_is_refused(alice_client: APIClient, acme: Security) -> None:
    response = alice_client.get("/api/v1/securities/ACME/prices", {"period": "1y", "start_date": "2020-09-01"})

    assert (response.status_code, response.json()["code"]) == (400, "period_with_dates")


def test_prices_of_an_unknown_security(alice_client: APIClient) -> None:
    response = alice_client.get("/api/v1/securities/NOPE/prices")

    assert response.status_code == 404
    assert response.json() == {"detail": "Not found.", "code": "not_found"}


def test_prices_need_a_login(anonymous: APIClient, acme: Security) -> None:
    assert anonymous.get("/api/v1/securities/ACME/prices").status_code == 401


def test_history_costs_the_same_queries_however_long(
    alice_client: APIClient, acme: Security, django_assert_num_queries: Any
) -> None:
    for limit in (1, 3):
        empty_caches()
        with django_assert_num_queries(6):  # user, security, bars, splits, dividends, the version once more
            prices(alice_client, adjusted="all", limit=limit)


@pytest.mark.parametrize("interval", ["1d", "1wk", "1h"])
def test_the_end_of_time_is_a_range_like_any_other(alice_client: APIClient, acme: Security, interval: str) -> None:
    for bound in ("start_date", "end_date"):
        prices(alice_client, interval=interval, **{bound: "9999-12-31"})
        prices(alice_client, interval=interval, **{bound: "0001-01-01"})


def test_a_dividend_above_the_close_adjusts_nothing(alice_client: APIClient, acme: Security) -> None:
    DividendFactory.create(security=acme, ex_date=MONDAY, amount=Decimal("125"))

    assert closes(alice_client, adjusted="all", end_date="2020-08-28") == [("2020-08-28", 123.552)]


def test_days_of_short_bars_are_the_exchanges(alice_client: APIClient) -> None:
    """In Auckland the morning of the 2nd is still the 1st in UTC."""
    security = SecurityFactory.create(symbol="ACME", time_zone="Pacific/Auckland")
    run = SyncRunFactory.create()
    for hour in (9, 15):
        at = datetime(2024, 7, 2, hour, tzinfo=ZoneInfo("Pacific/Auckland"))
        Price.objects.create(security=security, interval=60, ts=at, close=float(hour), run=run)

    day = prices(alice_client, interval="1h", start_date="2024-07-02", end_date="2024-07-02", order="asc")

    assert [(bar["timestamp"], bar["close"]) for bar in day] == [
        ("2024-07-01T21:00:00Z", 9.0), ("2024-07-02T03:00:00Z", 15.0),
    ]  # fmt: skip
