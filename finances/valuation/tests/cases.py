"""Published cases with known answers, from `data/`; docs/numbers.md says where each stands."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

Case = dict[str, Any]
Number = Decimal | float | int

DATA = Path(__file__).parent / "data"
RELATIVE_BELOW = Decimal("0.001")


def load(name: str) -> dict[str, Case]:
    cases: dict[str, Case] = json.loads((DATA / f"{name}.json").read_text())
    return cases


def is_near(actual: Number, expected: str, tolerance: str) -> bool:
    """Within an absolute tolerance; relative where the expected figure is below 0.001 and not zero."""
    figure, allowed = Decimal(expected), Decimal(tolerance)
    if 0 < abs(figure) < RELATIVE_BELOW:
        allowed *= abs(figure)
    return abs(Decimal(actual) - figure) <= allowed
