"""Prices as CSV: rows as the JSON body has them, each with the line that it stands on."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from rest_framework.exceptions import ErrorDetail, ValidationError

COLUMNS = ("date", "open", "high", "low", "close", "volume")
REQUIRED = ("date", "close")
Cells = list[str]


@dataclass
class Sheet:
    rows: list[dict[str, str | None]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """The line on which each row begins; the header's is 1."""
    wrong: dict[int, list[ErrorDetail]] = field(default_factory=dict)
    """By line, what keeps it from being a row."""


def read_sheet(raw: bytes, *, most: int) -> Sheet:
    """Comma or semicolon between the cells, as the header has it; empty cells are None, blank lines nothing.

    Raises ValidationError at "file" for what is no such file, and for more than `most` rows.
    """
    lines = _lines(_text(raw))
    _, header = next(lines, (0, []))
    names = _names(header)
    sheet = Sheet()
    for line, cells in lines:
        if len(cells) != len(names):
            text = f"There are {len(cells)} cells, and {len(names)} columns."
            sheet.wrong[line] = [ErrorDetail(text, "cell_count")]
            continue
        sheet.rows.append(dict(zip(names, (cell or None for cell in cells), strict=True)))
        sheet.lines.append(line)
        if len(sheet.rows) > most:
            raise _refusal(f"At most {most} rows at once.", "max_length")
    return sheet


def violations_by_line(sheet: Sheet, violations: Any) -> dict[str, Any]:
    """Those of a list of the sheet's rows, filed under the lines of the file."""
    found: dict[int, Any] = {sheet.lines[position]: detail for position, detail in violations.items()}
    found |= sheet.wrong
    return {"file": {line: found[line] for line in sorted(found)}}


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal("The file is not UTF-8.", "encoding") from error


def _lines(text: str) -> Iterator[tuple[int, Cells]]:
    """(line on which it begins, stripped cells) of each that is not blank."""
    lines = text.splitlines()
    header = next((line for line in lines if line.strip()), "")
    reader = csv.reader(lines, delimiter=";" if ";" in header else ",", strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _refusal(f"Line {line} is not CSV.", "csv_invalid") from error
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, [cell.strip() for cell in cells]


def _names(header: Cells) -> Cells:
    names = [name.lower() for name in header]
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    if missing:
        raise _refusal(f"The header lacks {' and '.join(missing)}.", "missing_column")
    if unknown or len(set(names)) < len(names):
        raise _refusal(f"The header may hold {', '.join(COLUMNS)}, each once.", "unknown_column")
    return names


def _refusal(text: str, code: str) -> ValidationError:
    return ValidationError({"file": [ErrorDetail(text, code)]})
