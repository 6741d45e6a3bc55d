from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from finances.sync.models import SyncBatch, SyncRun
from finances.testing.answers import NOBODYS_ID, assert_hidden, violations
from finances.testing.plugin import client_of
from finances.users.groups import ensure_support_group
from finances.users.models import User
from finances.users.tests.factories import UserFactory
from finances.users.tests.races import at_once
from securities.models import Price, PriceRevision, Security
from securities.tests.factories import SecurityFactory

URL = "/api/v1/securities"
Send = Callable[..., Any]


@pytest.fixture
def house(alice: User) -> Security:
    return SecurityFactory.create(symbol="HOUSE", owner=alice, time_zone="UTC")


def at(security: Security, path: str = "/prices") -> str:
    return f"{URL}/{security.uuid}{path}"


def rows_of(days: int, close: Any = 1) -> list[dict[str, Any]]:
    return [{"date": str(date(1960, 1, 1) + timedelta(days=day)), "close": close} for day in range(days)]


def upload(client: APIClient, security: Security, content: bytes | str, **more: Any) -> Any:
    raw = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("prices.csv", raw, content_type="text/csv")
    return client.post(at(security, "/prices/upload"), {"file": file, **more}, format="multipart")


def closes(client: APIClient, security: Security, **parameters: Any) -> list[tuple[str, float]]:
    answered = client.get(at(security), {"order": "asc", **parameters}).json()
    return [(bar["date"], bar["close"]) for bar in answered]


def test_add_change_and_leave(alice_client: APIClient, alice: User, house: Security) -> None:
    first = [
        {"date": "2026-06-30", "close": 412500.0},
        {"date": "2026-03-31", "open": 1, "high": 3.5, "low": "0.5", "close": "2.25", "volume": 7},
        {"date": "2026-01-31", "close": 0},
    ]
    assert alice_client.put(at(house), first).json() == {"added": 3, "changed": 0, "unchanged": 0}

    second = alice_client.put(
        at(house), [{**first[0], "close": 412500.01}, first[1], {"date": "2026-07-31", "close": 5}]
    )

    assert (second.status_code, second.json()) == (200, {"added": 1, "changed": 1, "unchanged": 1})
    none = {"open": None, "high": None, "low": None, "volume": None}
    assert alice_client.get(at(house)).json() == [
        {"date": "2026-07-31", **none, "close": 5.0},
        {"date": "2026-06-30", **none, "close": 412500.01},
        {"date": "2026-03-31", "open": 1.0, "high": 3.5, "low": 0.5, "close": 2.25, "volume": 7},
        {"date": "2026-01-31", **none, "close": 0.0},
    ]
    assert alice_client.get(at(house, "")).json()["current_price"] == 5.0
    runs = list(SyncRun.objects.order_by("pk"))
    assert [(run.symbol, run.source, run.trigger, run.started_by, run.status) for run in runs] == [
        ("HOUSE", "manual", "API", alice, "SUCCEEDED")
    ] * 2
    assert [(run.bars_added, run.bars_changed) for run in runs] == [(3, 0), (1, 1)]
    kept = PriceRevision.objects.get()
    assert (kept.ts.date(), kept.close, kept.run, kept.superseded_at) == (
        date(2026, 6, 30), 412500.0, runs[0], runs[1].recorded_at,
    )  # fmt: skip
    assert {price.ts.date().month: price.run for price in Price.objects.all()} == {
        1: runs[0], 3: runs[0], 6: runs[1], 7: runs[1],
    }  # fmt: skip


@pytest.mark.parametrize("close", [1234567.89, 1234567.9, 0.30000000000000004, 1e-10, 123456789012345.0])
def test_every_digit_is_kept(alice_client: APIClient, house: Security, close: float) -> None:
    sent = [{"date": "2026-06-30", "close": close}]
    alice_client.put(at(house), [{"date": "2026-06-30", "close": close * (1 + 1e-12)}])

    assert alice_client.put(at(house), sent).json() == {"added": 0, "changed": 1, "unchanged": 0}
    for adjusted in ("none", "splits", "all"):
        assert closes(alice_client, house, adjusted=adjusted) == [("2026-06-30", close)]
    assert alice_client.put(at(house), alice_client.get(at(house)).json()).json() == {
        "added": 0, "changed": 0, "unchanged": 1,
    }  # fmt: skip


def test_what_was_known_before_is_still_told(alice_client: APIClient, house: Security) -> None:
    alice_client.put(at(house), [{"date": "2026-06-30", "close": 1}, {"date": "2026-07-31", "close": 3}])
    first = timezone.now()
    alice_client.put(at(house), [{"date": "2026-06-30", "close": 2}])
    alice_client.delete(at(house, "/prices/2026-07-31"))

    assert closes(alice_client, house) == [("2026-06-30", 2.0)]
    assert closes(alice_client, house, known_at=first.isoformat()) == [("2026-06-30", 1.0), ("2026-07-31", 3.0)]


def test_each_write_is_a_batch_of_its_own(alice_client: APIClient, alice: User, house: Security) -> None:
    alice_client.put(at(house), [{"date": "2026-06-30", "close": 1}])
    alice_client.delete(at(house, "/prices/2026-06-30"))

    facts = ("kind", "scope", "intervals", "trigger", "started_by", "status", "error_code")
    batches = SyncBatch.objects.order_by("pk")
    assert list(batches.values_list(*facts)) == [("PRICES", "SYMBOLS", ["1d"], "API", alice.pk, "SUCCEEDED", "")] * 2
    assert [list(batch.runs.values_list("symbol", "bars_added", "bars_changed")) for batch in batches] == [
        [("HOUSE", 1, 0)], [("HOUSE", 0, 1)],
    ]  # fmt: skip
    assert all(batch.finished_at for batch in batches)


def test_again_changes_nothing(alice_client: APIClient, house: Security) -> None:
    alice_client.put(at(house), rows_of(3))
    before = Security.objects.get().updated_at

    response = alice_client.put(at(house), rows_of(3))

    assert response.json() == {"added": 0, "changed": 0, "unchanged": 3}
    assert (Security.objects.get().updated_at, PriceRevision.objects.count()) == (before, 0)


def test_nothing_sent(alice_client: APIClient, house: Security) -> None:
    assert alice_client.put(at(house), []).json() == {"added": 0, "changed": 0, "unchanged": 0}
    assert upload(alice_client, house, "date,close\n").json() == {"added": 0, "changed": 0, "unchanged": 0}


BAD_FIGURES: list[tuple[dict[str, Any], str]] = [
    ({"date": "2026-02-30"}, "date"),
    ({"date": "20260630"}, "date"),
    ({"date": "2026-W05-1"}, "date"),
    ({"date": "9999-12-31"}, "date"),
    ({"date": "2026-06-30\x00"}, "date"),
    ({"date": None}, "date"),
    ({"close": "NaN"}, "close"),
    ({"close": "Infinity"}, "close"),
    ({"close": "1e400"}, "close"),
    ({"close": "1e-400"}, "close"),
    ({"close": "1,5"}, "close"),
    ({"close": "1_000"}, "close"),
    ({"close": "\u0661"}, "close"),
    ({"close": "1\x00"}, "close"),
    ({"close": "-0.01"}, "close"),
    ({"close": "1000000000000001"}, "close"),
    ({"close": None}, "close"),
    ({"open": "x"}, "open"),
    ({"open": "-1"}, "open"),
    ({"high": "0.5"}, "high"),
    ({"low": "2.5"}, "low"),
    ({"volume": "1.5"}, "volume"),
    ({"volume": "-1"}, "volume"),
    ({"volume": "1e3"}, "volume"),
    ({"volume": "9223372036854775808"}, "volume"),
    ({"volume": "\u0661"}, "volume"),
]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        *BAD_FIGURES,
        ({"date": 20260630}, "date"),
        ({"close": True}, "close"),
        ({"close": [1]}, "close"),
        ({"close": {"value": 1}}, "close"),
        ({"close": "9" * 2000}, "close"),
        ({"close": -0.5}, "close"),
        ({"volume": True}, "volume"),
        ({"volume": 5.0}, "volume"),
        ({"volume": 2**63}, "volume"),
    ],
)
def test_what_is_malformed_names_itself_and_nothing_is_stored(
    alice_client: APIClient, house: Security, change: dict[str, Any], field: str
) -> None:
    good = {"date": "2026-06-29", "close": 1}

    response = alice_client.put(at(house), [good, {"date": "2026-06-30", "close": 1, **change}])

    assert violations(response)[:1] == [["body", 1, field]]
    assert {tuple(loc) for loc in violations(response)} == {("body", 1, field)}
    assert (Price.objects.count(), SyncRun.objects.count()) == (0, 0)


@pytest.mark.parametrize("raw", ['[{"date": "2026-06-30", "close": NaN}]', '[{"date": "2026-06-30", "close": 1e400}]'])
def test_numbers_that_are_no_json(alice_client: APIClient, house: Security, raw: str) -> None:
    assert violations(alice_client.put(at(house), raw, content_type="application/json")) == [["body"]]


@pytest.mark.parametrize("raw", ["{}", "null", '"x"', "5", "true"])
def test_what_is_no_list(alice_client: APIClient, house: Security, raw: str) -> None:
    assert violations(alice_client.put(at(house), raw, content_type="application/json")) == [["body"]]


def test_every_violation_by_its_position(alice_client: APIClient, house: Security) -> None:
    sent: list[Any] = rows_of(9)
    sent[2] = {"date": "2026-02-30"}
    sent[4] = None
    sent[5] = 5
    sent[7] = {**sent[6], "close": "NaN", "open": 3, "high": 2}

    assert violations(alice_client.put(at(house), sent)) == [
        ["body", 2, "date"], ["body", 2, "close"], ["body", 4], ["body", 5],
        ["body", 7, "close"], ["body", 7, "high"], ["body", 7, "date"],
    ]  # fmt: skip


def test_the_same_day_twice(alice_client: APIClient, house: Security) -> None:
    response = alice_client.put(at(house), rows_of(1) * 2)

    assert response.status_code == 422
    assert response.json() == {
        "detail": [{"loc": ["body", 1, "date"], "msg": "This day is in the list already.", "type": "repeated_date"}],
        "code": "validation_error",
    }


def test_today_is_the_last_day(alice_client: APIClient, alice: User) -> None:
    """Today is where the security is: Kiritimati is 14 hours ahead of UTC, Niue 11 behind."""
    east = SecurityFactory.create(symbol="EAST", owner=alice, time_zone="Pacific/Kiritimati")
    west = SecurityFactory.create(symbol="WEST", owner=alice, time_zone="Pacific/Niue")
    now = timezone.now()
    days = {(now + timedelta(hours=hours)).date() for hours in (14, -11)}

    assert len(days) > 1
    assert alice_client.put(at(east), [{"date": str(max(days)), "close": 1}]).status_code == 200
    assert violations(alice_client.put(at(west), [{"date": str(max(days)), "close": 1}])) == [["body", 0, "date"]]


def test_too_many(alice_client: APIClient, house: Security) -> None:
    many = rows_of(20_001)

    response = alice_client.put(at(house), many)

    assert response.status_code == 422
    assert response.json() == {
        "detail": [{"loc": ["body"], "msg": "At most 20000 prices at once.", "type": "max_length"}],
        "code": "validation_error",
    }
    lines = "".join(f"{row['date']},{row['close']}\n" for row in many)
    assert violations(upload(alice_client, house, f"date,close\n{lines}")) == [["body", "file"]]


def test_twenty_thousand_in_few_statements(alice_client: APIClient, house: Security) -> None:
    with CaptureQueriesContext(connection) as captured:
        added = alice_client.put(at(house), rows_of(20_000))
    changed = alice_client.put(at(house), rows_of(20_000, 2))

    assert added.json() == {"added": 20_000, "changed": 0, "unchanged": 0}
    assert changed.json() == {"added": 0, "changed": 20_000, "unchanged": 0}
    assert PriceRevision.objects.filter(close=1).count() == 20_000
    assert len(captured) < 260  # SQLite takes 999 parameters a statement


def test_ten_megabytes(alice_client: APIClient, house: Security) -> None:
    raw = b"[" + b" " * 10_000_000 + b"]"

    for response in (
        alice_client.put(at(house), raw, content_type="application/json"),
        upload(alice_client, house, raw),
    ):
        assert response.status_code == 413
        assert response.json() == {"detail": "The request body is too large.", "code": "body_too_large"}


@pytest.mark.parametrize(
    "content",
    [
        "date,close,open,high,low,volume\n2026-06-30,412500.50,1,500000,0.5,7\n2026-07-31,5,,,,\n",
        "\ufeffvolume;low;high;open;close;date\r\n7;0.5;500000;1;412500.50;2026-06-30\r\n\r\n;;;;5;2026-07-31\r\n",
        'Date , CLOSE,Open,high,low,volume\n2026-06-30, 412500.50 ,1,500000,0.5,7\n"2026-07-31","5","","","",""',
    ],
)
def test_upload(alice_client: APIClient, house: Security, content: str) -> None:
    response = upload(alice_client, house, content)

    assert (response.status_code, response.json()) == (200, {"added": 2, "changed": 0, "unchanged": 0})
    assert alice_client.get(at(house)).json() == [
        {"date": "2026-07-31", "open": None, "high": None, "low": None, "close": 5.0, "volume": None},
        {"date": "2026-06-30", "open": 1.0, "high": 500000.0, "low": 0.5, "close": 412500.5, "volume": 7},
    ]
    assert SyncRun.objects.get().source == "manual"


@pytest.mark.parametrize(("change", "field"), BAD_FIGURES)
def test_upload_of_what_is_malformed(
    alice_client: APIClient, house: Security, change: dict[str, Any], field: str
) -> None:
    row = {"date": "2026-06-30", "open": "", "high": "", "low": "", "close": "1", "volume": "", **change}
    cells = ";".join(value or "" for value in row.values())

    response = upload(alice_client, house, f"{';'.join(row)}\n2026-06-29;;;;1;\n\n{cells}\n")

    assert {tuple(loc) for loc in violations(response)} == {("body", "file", 4, field)}
    assert (Price.objects.count(), SyncRun.objects.count()) == (0, 0)


def test_upload_tells_every_line_that_is_wrong(alice_client: APIClient, house: Security) -> None:
    content = "date,close\n2026-06-30,1\n2026-06-29\n2026-06-28,1,2\n2026-02-30,x\n2026-06-30,2\n"

    response = upload(alice_client, house, content)

    assert violations(response) == [
        ["body", "file", 3], ["body", "file", 4], ["body", "file", 5, "date"], ["body", "file", 5, "close"],
        ["body", "file", 6, "date"],
    ]  # fmt: skip
    assert response.json()["detail"][0] == {
        "loc": ["body", "file", 3], "msg": "There are 1 cells, and 2 columns.", "type": "cell_count",
    }  # fmt: skip
    assert not Price.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\n \n", "missing_column"),
        (b"date,open\n", "missing_column"),
        (b"2026-06-30,1\n", "missing_column"),
        (b"date,close,price\n", "unknown_column"),
        (b"date,close,close\n", "unknown_column"),
        (b"date,close,\n", "unknown_column"),
        (b"date\tclose\n", "missing_column"),
        (b"date,close\n2026-06-30,\xff\n", "encoding"),
        ("date,close\n".encode("utf-16"), "encoding"),
        (b'date,close\n2026-06-30,"1\n', "csv_invalid"),
        (b"date,close\n2026-06-30," + b"1" * 200_000, "csv_invalid"),
    ],
)
def test_upload_of_what_is_no_table(alice_client: APIClient, house: Security, content: bytes, code: str) -> None:
    response = upload(alice_client, house, content)

    assert violations(response) == [["body", "file"]]
    assert response.json()["detail"][0]["type"] == code


def test_upload_takes_one_file(alice_client: APIClient, house: Security) -> None:
    url = at(house, "/prices/upload")

    assert violations(alice_client.post(url, {}, format="multipart")) == [["body", "file"]]
    assert violations(alice_client.post(url, {"file": "date,close"}, format="multipart")) == [["body", "file"]]
    assert violations(alice_client.post(url, b"x", content_type="multipart/form-data")) == [["body"]]


def test_media_types(alice_client: APIClient, house: Security) -> None:
    assert alice_client.post(at(house, "/prices/upload"), []).status_code == 415
    assert alice_client.put(at(house), {"date": "2026-06-30"}, format="multipart").status_code == 415
    assert alice_client.put(at(house), b"date,close", content_type="text/csv").status_code == 415


def test_delete_a_day(alice_client: APIClient, alice: User, house: Security) -> None:
    alice_client.put(at(house), [{"date": "2026-06-30", "close": 1, "volume": 3}, {"date": "2026-07-31", "close": 2}])

    response = alice_client.delete(at(house, "/prices/2026-06-30"))

    first, run = SyncRun.objects.order_by("pk")
    assert (response.status_code, response.content) == (204, b"")
    assert closes(alice_client, house) == [("2026-07-31", 2.0)]
    assert (run.source, run.started_by, run.bars_added, run.bars_changed) == ("manual", alice, 0, 1)
    kept = PriceRevision.objects.get()
    assert (kept.ts.date(), kept.close, kept.volume, kept.run, kept.superseded_at) == (
        date(2026, 6, 30), 1.0, 3, first, run.recorded_at,
    )  # fmt: skip
    for day in ("2026-06-30", "2026-02-30", "0000-00-00"):
        assert alice_client.delete(at(house, f"/prices/{day}")).status_code == 404
    assert SyncRun.objects.count() == 2


def everything(client: APIClient, name: str) -> list[Any]:
    file = SimpleUploadedFile("prices.csv", b"date,close\n2026-06-30,1\n")
    return [
        client.put(f"{URL}/{name}/prices", [{"date": "2026-06-30", "close": 1}]),
        client.post(f"{URL}/{name}/prices/upload", {"file": file}, format="multipart"),
        client.delete(f"{URL}/{name}/prices/2026-06-30"),
    ]


def test_strangers_find_nothing(charlie_client: APIClient, house: Security) -> None:
    support = UserFactory.create(is_staff=True)
    support.groups.add(ensure_support_group())

    for client in (charlie_client, client_of(support)):
        pairs = zip(everything(client, str(house.uuid)), everything(client, NOBODYS_ID), strict=True)
        for hidden, missing in pairs:
            assert_hidden(hidden, missing)
    assert not Price.objects.exists()


def test_staff_keep_everyones(rosa_client: APIClient, rosa: User, house: Security) -> None:
    assert [response.status_code for response in everything(rosa_client, str(house.uuid))] == [200, 200, 204]
    assert {run.started_by for run in SyncRun.objects.all()} == {rosa}


@pytest.mark.parametrize("name", ["ACME", "acme", "id"])
def test_listed_ones_are_the_back_offices(alice_client: APIClient, rosa_client: APIClient, name: str) -> None:
    listed = SecurityFactory.create(symbol="ACME")

    for client in (alice_client, rosa_client):
        for response in everything(client, str(listed.uuid) if name == "id" else name):
            assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
    assert not Price.objects.exists()


def test_its_symbol_names_nothing(alice_client: APIClient, house: Security) -> None:
    assert [response.status_code for response in everything(alice_client, "HOUSE")] == [404] * 3


def test_they_need_a_login(anonymous: APIClient, house: Security) -> None:
    assert [response.status_code for response in everything(anonymous, str(house.uuid))] == [401] * 3


@pytest.mark.django_db(transaction=True)
def test_one_day_by_six_at_once_leaves_a_chain_without_gaps(alice: User) -> None:
    house = SecurityFactory.create(symbol="HOUSE", owner=alice)

    def put(close: int) -> Callable[[], Any]:
        client = client_of(alice)
        return lambda: client.put(at(house), [{"date": "2026-06-30", "close": close}])

    assert at_once([put(close) for close in range(6)]) == [(200, None)] * 6

    chain = list(PriceRevision.objects.select_related("run").order_by("superseded_at"))
    current = Price.objects.select_related("run").get()
    assert len(chain) == 5
    assert {row.close for row in (*chain, current)} == {float(close) for close in range(6)}
    assert [row.superseded_at for row in chain] == [row.run.recorded_at for row in (*chain[1:], current)]


@pytest.mark.django_db(transaction=True)
def test_prices_of_one_that_is_being_deleted(alice: User) -> None:
    for number in range(5):
        house = SecurityFactory.create(symbol=f"H{number}", owner=alice)
        writer, deleter = client_of(alice), client_of(alice)

        answers = at_once(
            [
                lambda client=writer, url=at(house): client.put(url, rows_of(3)),  # type: ignore[misc]  # noqa: B008
                lambda client=deleter, url=at(house, ""): client.delete(url),  # type: ignore[misc]  # noqa: B008
            ]
        )

        assert answers in ([(200, None), (204, None)], [(204, None), (404, "not_found")]), answers
    assert (Security.objects.count(), Price.objects.count()) == (0, 0)


def test_twenty_thousand_whole_bars_fit_into_a_body(alice_client: APIClient, house: Security) -> None:
    figures = {"open": 12345.67, "high": 12399.99, "low": 12001.01, "close": 12300.5, "volume": 123_456_789}

    response = alice_client.put(at(house), [{**row, **figures} for row in rows_of(20_000)])

    assert response.json() == {"added": 20_000, "changed": 0, "unchanged": 0}
