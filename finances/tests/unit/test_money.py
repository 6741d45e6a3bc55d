from decimal import Decimal

import pytest

from finances.money import major_currency, minor_digits, minor_unit, round_money


@pytest.mark.parametrize(
    ("quote_unit", "major"),
    [
        ("GBp", ("GBP", 100)),
        ("GBX", ("GBP", 100)),
        ("GBP", ("GBP", 1)),
        ("ILA", ("ILS", 100)),
        ("ZAc", ("ZAR", 100)),
        ("ZAC", ("ZAR", 100)),
        ("USD", ("USD", 1)),
    ],
)
def test_major_currency(quote_unit: str, major: tuple[str, int]) -> None:
    assert major_currency(quote_unit) == major


@pytest.mark.parametrize(("code", "digits"), [("USD", 2), ("JPY", 0), ("KWD", 3), ("IQD", 3), ("XAU", 2), ("HRK", 2)])
def test_minor_digits(code: str, digits: int) -> None:
    assert minor_digits(code) == digits


@pytest.mark.parametrize(("code", "unit"), [("USD", "0.01"), ("JPY", "1"), ("KWD", "0.001"), ("CLF", "0.0001")])
def test_minor_unit(code: str, unit: str) -> None:
    assert str(minor_unit(code)) == unit


def test_round_money_half_away_from_zero() -> None:
    assert [round_money(Decimal(text), "USD") for text in ("0.125", "-0.125")] == [Decimal("0.13"), Decimal("-0.13")]
