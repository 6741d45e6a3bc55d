"""The European Central Bank's reference-rate files as published: units of each currency for one euro, by day.

eurofxref-hist.csv and eurofxref.csv, the zip of either, eurofxref-daily.xml and its historic ones. A file with anything
wrong in it is refused as a whole.
"""

import csv
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import NamedTuple
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

from currencies.screening import DayClose
from finances.errors import RuleViolation

MAX_BYTES = 32 * 1024 * 1024
"""All days since 1999 are a tenth of it."""
CODE = re.compile(r"[A-Z]{3}", re.ASCII)
RATE = re.compile(r"[0-9]{1,12}(\.[0-9]{1,10})?", re.ASCII)
LONG_DAY = re.compile(r"([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})", re.ASCII)
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class BadRateFile(RuleViolation):
    code = "bad_rate_file"


class Cell(NamedTuple):
    where: str
    day: str
    code: str
    rate: str


def read_rates(raw: bytes, *, today: date) -> dict[str, list[DayClose]]:
    """Each currency's rates by day, ascending. Raises BadRateFile."""
    found: dict[str, dict[date, Decimal]] = {}
    for cell in _cells(_unpacked(raw)):
        days, day = found.setdefault(_code(cell), {}), _day(cell, today)
        if day in days:
            raise BadRateFile(f"{cell.where}: a second rate of {cell.code} on {day}.")
        days[day] = _rate(cell)
    if not found:
        raise BadRateFile("There is no rate in the file.")
    return {code: [DayClose(*item) for item in sorted(days.items())] for code, days in sorted(found.items())}


def _unpacked(raw: bytes) -> str:
    if raw.startswith(b"PK"):
        raw = _member(raw)
    if len(raw) > MAX_BYTES:
        raise BadRateFile(f"The file is larger than {MAX_BYTES} bytes.")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRateFile("The file is neither CSV nor XML in UTF-8.") from error


def _member(raw: bytes) -> bytes:
    """A zip's only file, of which no more is unpacked than may be, whatever size is stated."""
    try:
        with ZipFile(BytesIO(raw)) as archive:
            (name,) = archive.namelist()
            with archive.open(name) as member:
                return member.read(MAX_BYTES + 1)
    except (BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadRateFile("The zip does not hold one readable file.") from error


def _cells(text: str) -> Iterator[Cell]:
    return _from_xml(text) if text.lstrip().startswith("<") else _from_csv(text)


def _from_csv(text: str) -> Iterator[Cell]:
    rows = ([cell.strip() for cell in row] for row in csv.reader(text.splitlines()))
    label, *codes = next(rows, [""])
    if label.casefold() != "date":
        raise BadRateFile('Line 1: the first column is not called "Date".')
    for number, row in enumerate(rows, 2):
        if any(row):
            yield from _from_row(f"Line {number}", row, codes)


def _from_row(where: str, row: list[str], codes: list[str]) -> Iterator[Cell]:
    day, *rates = row
    if len(rates) > len(codes) or len(rates) < len(codes) - (codes[-1:] == [""]):
        raise BadRateFile(f"{where}: {len(rates)} rates under {len(codes)} currencies.")
    for code, rate in zip(codes, rates, strict=False):
        # A comma at the end of each line makes a column without a name; N/A is no fixing that day.
        if (code or rate) and rate not in ("", "N/A"):
            yield Cell(where, day, code, rate)


def _from_xml(text: str) -> Iterator[Cell]:
    if "<!" in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL):
        # Entities could make a small file a large one, or read other files.
        raise BadRateFile("The XML has declarations, which reference rates never have.")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - without declarations there are no entities
    except (ElementTree.ParseError, ValueError) as error:
        raise BadRateFile("The XML is not well-formed.") from error
    for cube in root.iterfind(".//{*}Cube[@time]"):
        yield from _from_cube(cube.attrib["time"], cube)


def _from_cube(day: str, cube: Iterable[ElementTree.Element]) -> Iterator[Cell]:
    for fixing in cube:
        yield Cell(f"Day {day}", day, fixing.get("currency", ""), fixing.get("rate", ""))


def _code(cell: Cell) -> str:
    if not CODE.fullmatch(cell.code) or cell.code == "EUR":
        raise BadRateFile(f"{cell.where}: {cell.code!r} is no currency beside the euro.")
    return cell.code


def _rate(cell: Cell) -> Decimal:
    if not RATE.fullmatch(cell.rate) or not Decimal(cell.rate):
        raise BadRateFile(f"{cell.where}: {cell.rate!r} is no rate of {cell.code}.")
    return Decimal(cell.rate)


def _day(cell: Cell, today: date) -> date:
    """2022-12-28 or 28 December 2022."""
    try:
        long = LONG_DAY.fullmatch(cell.day)
        day = (
            date(int(long[3]), MONTHS.index(long[2]) + 1, int(long[1])) if long else date.fromisoformat(cell.day)
        )  # fmt: skip
    except ValueError as error:
        raise BadRateFile(f"{cell.where}: {cell.day!r} is no day.") from error
    if day > today:
        raise BadRateFile(f"{cell.where}: {day} has not come yet.")
    return day
