"""The bank's own file formats, written out by hand; the figures of 2022-12-28 are facts."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest

from currencies import ecb
from currencies.ecb import BadRateFile, read_rates
from currencies.screening import DayClose

TUESDAY, WEDNESDAY = date(2022, 12, 27), date(2022, 12, 28)
HISTORY = (
    "Date,USD,JPY,CYP,\n2022-12-28,1.0640,142.21,N/A,\n2022-12-27,1.0624,141.87,N/A,\n"
    "2007-12-31,1.4721,164.93,0.585274,\n"
)
LATEST = "Date, USD, JPY, \n28 December 2022, 1.0640, 142.21, \n"
XML = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
                 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender>
  <Cube>{days}</Cube>
</gesmes:Envelope>
"""
DAILY = XML.format(
    days='<Cube time="2022-12-28"><Cube currency="USD" rate="1.0640"/><Cube currency="JPY" rate="142.21"/></Cube>'
)
HISTORIC = XML.format(
    days='<Cube time="2022-12-28"><Cube currency="USD" rate="1.0640"/></Cube>'
    '<Cube time="2022-12-27"><Cube currency="USD" rate="1.0624"/></Cube>'
)
USD, YEN = DayClose(WEDNESDAY, Decimal("1.0640")), DayClose(WEDNESDAY, Decimal("142.21"))


def read(text: str | bytes) -> dict[str, list[DayClose]]:
    return read_rates(text.encode() if isinstance(text, str) else text, today=WEDNESDAY)


def zipped(**files: str) -> bytes:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"{name}.csv", text)
    return packed.getvalue()


@pytest.mark.parametrize(
    "raw", [HISTORY.encode(), zipped(hist=HISTORY), HISTORY.replace("\n", "\r\n").encode("utf-8-sig")]
)
def test_the_history(raw: bytes) -> None:
    assert read(raw) == {
        "CYP": [DayClose(date(2007, 12, 31), Decimal("0.585274"))],
        "JPY": [
            DayClose(date(2007, 12, 31), Decimal("164.93")), DayClose(TUESDAY, Decimal("141.87")), YEN,
        ],
        "USD": [DayClose(date(2007, 12, 31), Decimal("1.4721")), DayClose(TUESDAY, Decimal("1.0624")), USD],
    }  # fmt: skip


@pytest.mark.parametrize("raw", [LATEST, zipped(latest=LATEST), DAILY, LATEST.replace(", \n", "\n")])
def test_the_latest_day(raw: str | bytes) -> None:
    assert read(raw) == {"JPY": [YEN], "USD": [USD]}


def test_days_of_xml() -> None:
    assert read(HISTORIC) == {"USD": [DayClose(TUESDAY, Decimal("1.0624")), USD]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", 'Line 1: the first column is not called "Date".'),
        ("<html>not found</html>", "There is no rate in the file."),
        ("Day,USD\n2022-12-28,1\n", 'Line 1: the first column is not called "Date".'),
        ("Date,USD\n", "There is no rate in the file."),
        ("Date,USD\n2022-12-28,N/A\n", "There is no rate in the file."),
        ("Date,USD\n2022-12-28,0\n", "Line 2: '0' is no rate of USD."),
        ("Date,USD\n2022-12-28,-1.06\n", "Line 2: '-1.06' is no rate of USD."),
        ("Date,USD\n2022-12-28,NaN\n", "Line 2: 'NaN' is no rate of USD."),
        ("Date,USD\n2022-12-28,Infinity\n", "Line 2: 'Infinity' is no rate of USD."),
        ("Date,USD\n2022-12-28,1e3\n", "Line 2: '1e3' is no rate of USD."),
        ('Date,USD\n2022-12-28,"1,06"\n', "Line 2: '1,06' is no rate of USD."),
        ("Date,USD\n2022-12-29,1\n", "Line 2: 2022-12-29 has not come yet."),
        ("Date,USD\n2022-02-30,1\n", "Line 2: '2022-02-30' is no day."),
        ("Date,USD\n30 February 2022,1\n", "Line 2: '30 February 2022' is no day."),
        ("Date,USD\n28 Dezember 2022,1\n", "Line 2: '28 Dezember 2022' is no day."),
        ("Date,USD\n28/12/2022,1\n", "Line 2: '28/12/2022' is no day."),
        ("Date,USD\n2022-12-28,1,2\n", "Line 2: 2 rates under 1 currencies."),
        ("Date,USD,JPY\n2022-12-28,1\n", "Line 2: 1 rates under 2 currencies."),
        ("Date,,\n2022-12-28,1,\n", "Line 2: '' is no currency beside the euro."),
        ("Date,usd\n2022-12-28,1\n", "Line 2: 'usd' is no currency beside the euro."),
        ("Date,EUR\n2022-12-28,1\n", "Line 2: 'EUR' is no currency beside the euro."),
        ("Date,USD,USD\n2022-12-28,1,2\n", "Line 2: a second rate of USD on 2022-12-28."),
        ("Date,USD\n2022-12-28,1\n2022-12-28,1\n", "Line 3: a second rate of USD on 2022-12-28."),
        (DAILY.replace("1.0640", ""), "Day 2022-12-28: '' is no rate of USD."),
        (DAILY.replace("2022-12-28", "2022-12-29"), "Day 2022-12-29: 2022-12-29 has not come yet."),
        (DAILY[:-20], "The XML is not well-formed."),
        (b"\xff\xfe", "The file is neither CSV nor XML in UTF-8."),
        (b"PK\x03\x04 and nothing", "The zip does not hold one readable file."),
        (zipped(a=LATEST, b=LATEST), "The zip does not hold one readable file."),
    ],
)
def test_anything_wrong_refuses_the_file(text: str | bytes, message: str) -> None:
    with pytest.raises(BadRateFile) as refused:
        read(text)

    assert str(refused.value) == message


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!-- --><!doctype x SYSTEM "http://example.test/x.dtd">',
    ],
)
def test_declarations_are_refused(declaration: str) -> None:
    with pytest.raises(BadRateFile, match="has declarations"):
        read(DAILY.replace("?>\n", f"?>\n{declaration}\n"))


def test_large_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecb, "MAX_BYTES", 60)

    for raw in (HISTORY.encode(), zipped(hist=HISTORY)):
        with pytest.raises(BadRateFile, match="larger than 60 bytes"):
            read(raw)
