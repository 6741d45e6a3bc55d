"""Quality: what is stored against the days on which the market was open. Holidays are public facts."""

from concurrent.futures import Future
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from securities import calendars, quality
from securities.models import Bar, Price, PriceRevision, Review, Security
from securities.tests.factories import SecurityFactory, SyncRunFactory, store_closes

URL = "/api/v1/securities/ACME/quality"
WEIGHTS = {"completeness": 50, "freshness": 25, "stability": 15, "review": 10}
# Of the days from 2022-12-22 (Thursday) the 26th was a holiday in New York; so was 2023-01-02, after new year.
THURSDAY, TUESDAY, WEDNESDAY = date(2022, 12, 22), date(2022, 12, 27), date(2022, 12, 28)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """2023-01-04, and time to load a calendar however slow the machine."""
    moment = timezone.now().replace(year=2023, month=1, day=4, hour=22)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    monkeypatch.setattr(calendars, "WAIT_SECONDS", 60.0)


def acme(*days: date, **facts: Any) -> Security:
    security = SecurityFactory.create(symbol="ACME", **facts)
    store_closes(security, dict.fromkeys(days, 10.0))
    return security


def review(security: Security, status: str) -> None:
    Review.objects.create(
        security=security, run=SyncRunFactory.create(), interval=Bar.Interval.DAY, reason="jump", detail="A jump.",
        evidence=[], status=status, opened_at=timezone.now(), last_seen_at=timezone.now(),
    )  # fmt: skip


def parts(*values: str | None) -> list[dict[str, Any]]:
    return [
        {"name": name, "weight": weight, "value": value}
        for (name, weight), value in zip(WEIGHTS.items(), values, strict=True)
    ]


def test_a_missing_trading_day_is_told_from_a_holiday(alice_client: APIClient) -> None:
    acme(THURSDAY, TUESDAY, WEDNESDAY)

    response = alice_client.get("/api/v1/securities/acme/quality")

    assert response.status_code == 200
    assert response.json() == {
        "symbol": "ACME",
        "first_bar": "2022-12-22",
        "last_bar": "2022-12-28",
        "trading_days": 4,
        "missing_days": 1,
        "missing_dates": ["2022-12-23"],
        "completeness": "0.75",
        "staleness_days": 3,
        "changed_bars": 0,
        "quarantined": 0,
        "score": 80,
        "parts": parts("0.75", "0.7", "1", "1"),
        "missing": [],
    }


def test_completeness_is_rounded_down_and_the_newest_gaps_are_shown(alice_client: APIClient) -> None:
    security = acme(date(1970, 1, 2), date(2023, 1, 3))
    sessions = calendars.trading_days(security, date(1970, 1, 2), date(2023, 1, 3))

    body = alice_client.get(URL).json()

    assert (body["trading_days"], body["missing_days"]) == (len(sessions), len(sessions) - 2)
    assert (body["completeness"], body["staleness_days"]) == ("0.0001", 0)
    assert body["missing_dates"] == [str(day) for day in sessions[::-1].tolist()[1:101]]


def test_changed_bars_count_once_each(alice_client: APIClient) -> None:
    security = acme(THURSDAY, date(2022, 12, 23), TUESDAY, WEDNESDAY)
    run = SyncRunFactory.create()
    for ts in [*Price.objects.values_list("ts", flat=True)[:1]] * 2:
        PriceRevision.objects.create(
            security=security, interval=Bar.Interval.DAY, ts=ts, close=9.0, run=run, superseded_at=timezone.now()
        )

    body = alice_client.get(URL).json()

    assert (body["changed_bars"], body["score"]) == (1, 88)
    assert body["parts"] == parts("1", "0.7", "0.75", "1")


def test_what_awaits_a_decision_lowers_the_score(alice_client: APIClient) -> None:
    security = acme(date(2023, 1, 3))
    for status in ("OPEN", "OUTDATED"):
        review(security, status)

    body = alice_client.get(URL).json()

    assert (body["quarantined"], body["score"], body["parts"]) == (1, 90, parts("1", "1", "1", "0"))


def test_nothing_stored(alice_client: APIClient) -> None:
    acme()
    figures = ["first_bar", "last_bar", "trading_days", "missing_days", "completeness", "staleness_days", "score"]

    assert alice_client.get(URL).json() == {
        "symbol": "ACME",
        **dict.fromkeys(figures),
        "missing_dates": [],
        "changed_bars": 0,
        "quarantined": 0,
        "parts": parts(None, None, None, "1"),
        "missing": [
            {"figure": figure, "code": "missing_price", "detail": "No price is stored yet."} for figure in figures
        ],
    }


@pytest.mark.parametrize(
    ("symbol", "exchange"), [("ACME", "Moon"), ("TEVA.TA", "Tel Aviv"), ("ETE.AT", "Athens"), ("ACME", "")]
)
def test_without_a_known_calendar_there_is_no_verdict_on_days(
    alice_client: APIClient, symbol: str, exchange: str
) -> None:
    store_closes(SecurityFactory.create(symbol=symbol, exchange=exchange), dict.fromkeys([THURSDAY, WEDNESDAY], 10.0))
    figures = ("trading_days", "missing_days", "completeness", "staleness_days", "score")

    body = alice_client.get(f"/api/v1/securities/{symbol}/quality").json()

    assert (body["first_bar"], body["last_bar"]) == ("2022-12-22", "2022-12-28")
    assert {figure: body[figure] for figure in figures} == dict.fromkeys(figures)
    assert (body["missing_dates"], body["parts"]) == ([], parts(None, None, "1", "1"))
    detail = f"No trading calendar is known for {symbol} at {exchange or 'nowhere'}."
    assert body["missing"] == [{"figure": figure, "code": "unknown_calendar", "detail": detail} for figure in figures]


def test_a_calendar_that_begins_later_has_no_verdict(alice_client: APIClient) -> None:
    acme(date(1959, 1, 5), date(1959, 1, 6))

    body = alice_client.get(URL).json()

    assert {cause["code"] for cause in body["missing"]} == {"unknown_calendar"}
    assert body["missing"][0]["detail"] == "The calendar of ACME does not go back to 1959-01-06."


def test_a_request_does_not_wait_for_a_slow_calendar(alice_client: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    acme(THURSDAY, WEDNESDAY)
    monkeypatch.setattr(calendars, "_loading", lambda code, year: Future())
    monkeypatch.setattr(calendars, "WAIT_SECONDS", 0.0)

    body = alice_client.get(URL).json()

    assert (body["first_bar"], body["last_bar"], body["changed_bars"]) == ("2022-12-22", "2022-12-28", 0)
    assert {cause["code"] for cause in body["missing"]} == {"calendar_loading"}
    assert [cause["figure"] for cause in body["missing"]] == list(quality.FIGURES[2:])


@pytest.mark.parametrize(
    ("security_type", "traded", "staleness"), [("CURRENCY", 5, 4), ("CRYPTO", 7, 6)], ids=["weekdays", "daily"]
)
def test_markets_without_holidays(alice_client: APIClient, security_type: str, traded: int, staleness: int) -> None:
    acme(THURSDAY, WEDNESDAY, security_type=security_type, exchange="CCY")

    body = alice_client.get(URL).json()

    assert (body["trading_days"], body["missing_days"], body["staleness_days"]) == (traded, traded - 2, staleness)


def test_someone_elses_security_is_not_there(alice_client: APIClient, charlie: Any) -> None:
    hers = SecurityFactory.create(owner=charlie)

    response = alice_client.get(f"/api/v1/securities/{hers.uuid}/quality")

    assert (response.status_code, response.json()) == (404, {"detail": "Not found.", "code": "not_found"})
    assert alice_client.get("/api/v1/securities/NOSUCH/quality").json() == response.json()


def test_quality_needs_a_login(anonymous: APIClient) -> None:
    assert anonymous.get(URL).status_code == 401


def test_quality_costs_the_same_queries_whatever_is_stored(
    alice_client: APIClient, django_assert_num_queries: Any
) -> None:
    security = acme(THURSDAY, WEDNESDAY)
    alice_client.get(URL)

    for days in ([], [WEDNESDAY + timedelta(days=offset) for offset in (1, 2)]):
        store_closes(security, dict.fromkeys(days, 10.0))
        with django_assert_num_queries(5):
            alice_client.get(URL)
