"""The guard: both servers say the same."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any


class DifferenceError(Exception):
    """The servers' answers do not hold the same figures, so that their costs cannot be compared."""


def check_same(path: str, ours: bytes, theirs: bytes) -> None:
    """Raises DifferenceError."""
    if comparable(json.loads(ours)) != comparable(json.loads(theirs)):
        raise DifferenceError(f"{path}\nours:     {ours[:1000]!r}\nbaseline: {theirs[:1000]!r}")


def comparable(value: Any) -> Any:
    """Texts that are numbers as numbers: "28.5" and "28.500000000000" are one quantity."""
    if isinstance(value, dict):
        return {name: comparable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [comparable(item) for item in value]
    return _number(value) if isinstance(value, str) else value


def _number(text: str) -> Decimal | str:
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
