"""Bodies of price history: as PriceSerializer declares them, kept as long as they are true, tagged and compressed."""

import gzip
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from finances.testing.plugin import empty_caches
from securities.api import price_bodies
from securities.api.price_bodies import ordered_bars, price_data
from securities.api.serializers import PriceColumnsSerializer, PriceSerializer
from securities.history import PriceQuery
from securities.models import Bar, Price, Security
from securities.series import read_closes, read_events, read_series
from securities.tests.factories import DividendFactory, SecurityFactory, SplitFactory, SyncRunFactory, store_closes

URL = "/api/v1/securities/ACME/prices"
FRIDAY, MONDAY, TUESDAY = date(2020, 8, 28), date(2020, 8, 31), date(2020, 9, 1)


def bar(at: datetime, *prices: float | None, volume: int | None, interval: int = Bar.Interval.DAY) -> dict[str, Any]:
    figures = dict(zip(("open", "high", "low", "close"), prices, strict=True))
    return {"ts": at, "interval": interval, **figures, "volume": volume}


@pytest.fixture
def acme() -> Security:
    """Figures of every kind: whole, long, tiny, huge, missing."""
    security = SecurityFactory.create(symbol="ACME", time_zone="UTC")
    run = SyncRunFactory.create()
    for row in [
        bar(datetime(2020, 8, 28, tzinfo=UTC), 1.0, 2.5, 0.1, 1 / 3, volume=0),
        bar(datetime(2020, 8, 31, tzinfo=UTC), None, None, None, 1e-7, volume=None),
        bar(datetime(2020, 9, 1, tzinfo=UTC), 1e22, 1.7e23, 1e-250, 123456.789, volume=2**52),
        bar(datetime(2020, 9, 1, 13, 30, tzinfo=UTC), 5.0, 6.0, 4.0, 5.5, volume=7, interval=60),
        bar(datetime(2020, 9, 1, 13, 31, tzinfo=UTC), 5.0, None, 4.0, 5.25, volume=None, interval=1),
    ]:
        Price.objects.create(security=security, run=run, **row)
    return security


def stored(security: Security, interval: int) -> list[dict[str, Any]]:
    """What PriceSerializer makes of the rows, one by one."""
    rows = []
    for price in Price.objects.of(security, interval).order_by("ts"):
        at: dict[str, Any] = {"date": price.ts.date()} if interval == Bar.Interval.DAY else {"timestamp": price.ts}
        rows.append({**at, **{name: getattr(price, name) for name in ("open", "high", "low", "close", "volume")}})
    shown: Any = PriceSerializer(rows, many=True).data
    return [dict(row) for row in shown]


@pytest.mark.parametrize(("label", "interval"), [("1d", 1440), ("1h", 60), ("1m", 1)])
def test_rows_are_what_the_serializer_makes_of_them(
    alice_client: APIClient, acme: Security, label: str, interval: int
) -> None:
    for _ in ("rendered", "kept"):
        response = alice_client.get(URL, {"interval": label, "adjusted": "none", "order": "asc"})

        assert response.content == orjson.dumps(stored(acme, interval))
        assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize(("label", "interval"), [("1d", 1440), ("1h", 60), ("1m", 1)])
def test_columns_hold_the_rows_figures(alice_client: APIClient, acme: Security, label: str, interval: int) -> None:
    rows = stored(acme, interval)

    columns = alice_client.get(URL, {"interval": label, "adjusted": "none", "order": "asc", "format": "columns"}).json()

    assert columns == {name: [row[name] for row in rows] for name in rows[0]}
    assert set(columns) <= set(PriceColumnsSerializer().fields)


def test_columns_of_nothing(alice_client: APIClient) -> None:
    SecurityFactory.create(symbol="ACME")

    names = ["date", "open", "high", "low", "close", "volume"]
    assert alice_client.get(URL, {"format": "columns"}).json() == {name: [] for name in names}


def test_columns_of_a_moment(alice_client: APIClient) -> None:
    store_closes(SecurityFactory.create(symbol="ACME"), {FRIDAY: 1.5})

    asked = {"format": "columns", "known_at": (timezone.now() - timedelta(days=1)).isoformat()}
    assert alice_client.get(URL, asked).json()["close"] == []


def test_an_unknown_format_is_refused(alice_client: APIClient, acme: Security) -> None:
    response = alice_client.get(URL, {"format": "csv"})

    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["query", "format"])


def queries_of(client: APIClient, **parameters: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(URL, parameters).status_code == 200
    return [query["sql"] for query in captured if "users_user" not in query["sql"].partition("WHERE")[0]]


def test_a_repeated_read_asks_for_the_version_alone(alice_client: APIClient, acme: Security) -> None:
    queries_of(alice_client)

    again = queries_of(alice_client)

    assert len(again) == 1
    assert "data_version" in again[0]


def test_another_range_of_the_same_series_reads_no_bars(alice_client: APIClient, acme: Security) -> None:
    queries_of(alice_client)

    assert [sql for sql in queries_of(alice_client, limit=2) if "securities_price" in sql] == []


def test_bodies_are_not_kept_for_others_to_see(alice_client: APIClient, charlie_client: APIClient, alice: Any) -> None:
    house = SecurityFactory.create(owner=alice)
    store_closes(house, {FRIDAY: 1.0})
    url = f"/api/v1/securities/{house.uuid}/prices"
    tag = alice_client.get(url)["ETag"]

    assert charlie_client.get(url, headers={"If-None-Match": tag}).status_code == 404


@pytest.mark.parametrize("write", ["bar", "split", "dividend"])
def test_what_is_written_is_read_at_once(alice_client: APIClient, acme: Security, write: str) -> None:
    asked: dict[str, Any] = {"adjusted": "all", "limit": 2}
    before = alice_client.get(URL, asked)
    if write == "bar":
        store_closes(acme, {date(2020, 9, 2): 10.0})
    elif write == "split":
        SplitFactory.create(security=acme, ex_date=TUESDAY)
    else:
        store_closes(acme, {date(2020, 9, 2): 10.0})
        before = alice_client.get(URL, asked)
        DividendFactory.create(security=acme, ex_date=date(2020, 9, 2), amount="1000")

    after = alice_client.get(URL, asked, headers={"If-None-Match": before["ETag"]})

    assert after.status_code == 200
    assert after.json() != before.json()


def test_an_announced_split_takes_effect_with_its_day(
    alice_client: APIClient, acme: Security, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    SplitFactory.create(security=acme, ex_date=tomorrow.date())
    asked: dict[str, Any] = {"limit": 1, "order": "desc"}
    before = alice_client.get(URL, asked).json()

    monkeypatch.setattr(timezone, "now", lambda: tomorrow)

    after = alice_client.get(URL, asked).json()
    assert (before[0]["close"], after[0]["close"]) == (123456.789, 30864.197)


def test_a_write_in_the_middle_of_a_read(
    alice_client: APIClient, acme: Security, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The splits were read, the bars not yet: half of each would be a history that never was."""
    first = price_data

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(price_bodies, "price_data", first)
        store_closes(acme, {date(2020, 9, 2): 10.0})
        return first(*args)

    monkeypatch.setattr(price_bodies, "price_data", overtaken)

    response = alice_client.get(URL, {"limit": 1})

    assert response.json()[0]["date"] == "2020-09-02"
    assert alice_client.get(URL, {"limit": 1}, headers={"If-None-Match": response["ETag"]}).status_code == 304


def test_caches_that_are_emptied_change_nothing(alice_client: APIClient, acme: Security) -> None:
    before = alice_client.get(URL)
    empty_caches()

    after = alice_client.get(URL)

    assert (after.content, after["ETag"]) == (before.content, before["ETag"])


def test_a_body_too_large_is_not_kept(alice_client: APIClient, acme: Security, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("finances.api.bodies.LARGEST", 10)
    queries_of(alice_client)

    assert len(queries_of(alice_client)) == 2  # the version, before and after


def test_not_modified(alice_client: APIClient, acme: Security) -> None:
    tag = alice_client.get(URL)["ETag"]

    response = alice_client.get(URL, headers={"If-None-Match": f'"other", {tag}'})

    assert (response.status_code, response.content) == (304, b"")
    assert (response["ETag"], response["Cache-Control"]) == (tag, "private, no-cache")
    assert response.has_header("X-Request-ID")
    assert not response.has_header("Content-Length")


def test_tags_tell_parameters_apart(alice_client: APIClient, acme: Security) -> None:
    asked: list[dict[str, Any]] = [
        {}, {"limit": 2}, {"order": "asc"}, {"adjusted": "all"}, {"format": "columns"}, {"interval": "1h"},
        {"continuous": "false"}, {"start_date": "2020-08-31"},
    ]  # fmt: skip
    tags = {alice_client.get(URL, parameters)["ETag"] for parameters in asked}

    assert len(tags) == len(asked)
    assert alice_client.get(URL, {"limit": 100})["ETag"] in tags  # the default


@pytest.fixture
def long(acme: Security) -> Security:
    store_closes(acme, {date(2021, 1, 1) + timedelta(days=number): float(number) for number in range(50)})
    return acme


def test_gzip_has_a_tag_of_its_own(alice_client: APIClient, long: Security) -> None:
    plain = alice_client.get(URL)
    for _ in ("rendered", "kept"):
        response = alice_client.get(URL, headers={"Accept-Encoding": "br, gzip"})

        assert response["Content-Encoding"] == "gzip"
        assert gzip.decompress(response.content) == plain.content
        assert response["Content-Length"] == str(len(response.content))
        assert response["ETag"] == plain["ETag"][:-1] + '-gzip"'
        assert "Accept-Encoding" in response["Vary"]
    for tag in (plain["ETag"], response["ETag"], "W/" + response["ETag"], "*"):
        assert alice_client.get(URL, headers={"If-None-Match": tag, "Accept-Encoding": "gzip"}).status_code == 304


def test_closes_of_many_by_one_statement(acme: Security) -> None:
    other, empty = SecurityFactory.create(), SecurityFactory.create()
    store_closes(other, {FRIDAY: 1.5, MONDAY: 2.5})
    versions = dict(Security.objects.values_list("pk", "data_version"))

    def read() -> tuple[Any, int]:
        with CaptureQueriesContext(connection) as captured:
            found = read_closes(versions)
        return found, len(captured)

    found, queries = read()
    assert queries == 1
    assert found.keys() == {acme.pk, other.pk, empty.pk}
    assert found[other.pk].times.tolist() == [1598572800, 1598832000]
    assert found[other.pk].closes.tolist() == [1.5, 2.5]
    assert found[acme.pk].closes.tolist() == [1 / 3, 1e-7, 123456.789]
    assert len(found[empty.pk].closes) == 0
    again, queries = read()
    assert queries == 0
    assert [closes.closes.tolist() for closes in again.values()] == [c.closes.tolist() for c in found.values()]


def test_nothing_is_asked_for_nothing() -> None:
    with CaptureQueriesContext(connection) as captured:
        assert (read_closes({}), read_series({}), read_events({})) == ({}, {}, {})
    assert len(captured) == 0


def test_a_series_kept_and_read_is_the_same(acme: Security) -> None:
    versions = {acme.pk: acme.data_version}
    first = read_series(versions)[acme.pk]

    second = read_series(versions)[acme.pk]

    assert first.times.tolist() == second.times.tolist()
    assert repr(first.prices.tolist()) == repr(second.prices.tolist())
    assert first.volumes.tolist() == second.volumes.tolist() == [0, -1, 2**52]


def test_reading_and_rendering_by_themselves(acme: Security) -> None:
    query = PriceQuery(adjusted="none", newest_first=False)

    rows = price_data(ordered_bars(acme, query, today=TUESDAY), "1d", "rows")

    assert orjson.loads(orjson.dumps(rows)) == stored(acme, Bar.Interval.DAY)
