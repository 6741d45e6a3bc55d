from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from finances.yahoo.answers import check_answer
from finances.yahoo.faults import (
    CredentialsRefused,
    EmptyAnswer,
    Fault,
    Garbage,
    NoAnswer,
    TooManyRequests,
    UnknownSymbol,
    retry_after_seconds,
)

CHART = "https://query2.finance.yahoo.com/v8/finance/chart/ACME"


@dataclass
class Reply:
    status_code: int = 200
    content: bytes = b'{"chart": {"result": [{}], "error": null}}'
    url: str = CHART
    headers: dict[str, str] = field(default_factory=dict)


def described(text: str) -> bytes:
    return b'{"chart": {"result": null, "error": {"code": "x", "description": "%s"}}}' % text.encode()


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(429), TooManyRequests),
        (Reply(500), NoAnswer),
        (Reply(503, b"<html>Will be right back"), NoAnswer),
        (Reply(401), CredentialsRefused),
        (Reply(403), CredentialsRefused),
        (Reply(404, described("No data found, symbol may be delisted")), UnknownSymbol),
        (Reply(404, described("Quote not found for symbol: ACME")), UnknownSymbol),
        (Reply(404, b"<html>"), Garbage),
        (Reply(400, described("Data doesn't exist for startDate = 1, endDate = 2")), EmptyAnswer),
        (Reply(422, described("The requested range must be within the last 730 days.")), EmptyAnswer),
        (Reply(422, described("Invalid input")), Garbage),
        (Reply(200, b""), Garbage),
        (Reply(200, b"<html>"), Garbage),
        (Reply(200, b'{"chart": {"result": null, "error": null}}'), EmptyAnswer),
        (Reply(200, described("No data found, symbol may be delisted")), UnknownSymbol),
        (Reply(200, b'{"chart": {"resu'), Garbage),
        (Reply(200, b'{"chart": 3}'), Garbage),
        (Reply(200, b"<html>", url="https://login.yahoo.com/"), Garbage),
    ],
)
def test_an_answer_that_is_not_data(reply: Reply, fault: type[Fault]) -> None:
    with pytest.raises(fault):
        check_answer(CHART, reply)


@pytest.mark.parametrize(
    ("asked", "reply"),
    [
        (CHART, Reply()),
        (CHART, Reply(200, b"<html>", url="https://consent.yahoo.com/v2/collectConsent?sessionId=1")),
        ("https://consent.yahoo.com/v2/collectConsent", Reply(200, b"<html>", url="https://finance.yahoo.com/")),
    ],
)
def test_an_answer_that_passes(asked: str, reply: Reply) -> None:
    check_answer(asked, reply)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("17", 17.0), ("0", 1.0), ("-4", 1.0), ("soon", None), ("", None), (None, None)],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header) == seconds


def test_retry_after_as_a_date() -> None:
    seconds = retry_after_seconds(format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True))
    assert seconds is not None
    assert 85 < seconds <= 90
