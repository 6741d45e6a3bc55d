"""docs/numbers.md says of every published case whether it runs here."""

import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings

DATA = Path(__file__).parents[1] / "data"
TESTS = Path(__file__).parents[1] / "integration"
ROW = re.compile(r"^\| (?P<names>(?:ca|unit)-[^|]+) \| (?P<result>[^|]+) \|", re.MULTILINE)


def listed() -> list[tuple[str, str]]:
    page = (Path(settings.BASE_DIR) / "docs" / "numbers.md").read_text()
    return [(name, row["result"]) for row in ROW.finditer(page) for name in row["names"].split(", ")]


def cases(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text())
    return found


def test_every_case_is_listed_once() -> None:
    names = [name for name, _result in listed()]

    assert sorted(names) == sorted({**cases("corporate_actions"), **cases("minor_units")})


def test_what_is_excluded_is_what_no_test_reads() -> None:
    excluded = {name for name, result in listed() if result == "excluded"}
    source = "".join(path.read_text() for path in TESTS.glob("test_*_cases.py"))
    by_rule = {name for name in cases("corporate_actions") if name.startswith("ca-bk-")}
    by_rule |= {name for name, case in cases("minor_units").items() if "quote" in case["inputs"]}
    read = {name for name, _result in listed() if f'"{name}"' in source} | by_rule

    assert excluded == {name for name, _result in listed()} - read
