"""The figures of other sources in data/."""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


def cases(name: str) -> list[Any]:
    found: list[Any] = json.loads((DATA / f"{name}.json").read_text())["cases"]
    return found
