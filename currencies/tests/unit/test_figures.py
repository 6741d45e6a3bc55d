from decimal import Decimal

import pytest

from currencies.api.figures import amount_text, rate_text


@pytest.mark.parametrize(
    ("amount", "places", "text"),
    [
        ("13.7590000000", 2, "13.759"), ("10", 2, "10.00"), ("1E+3", 0, "1000"), ("100.00", 0, "100"),
        ("5.4E-7", 2, "0.00000054"), ("-0.10", 1, "-0.1"), ("0E-18", 0, "0"),
    ],
)  # fmt: skip
def test_amount_text(amount: str, places: int, text: str) -> None:
    assert amount_text(Decimal(amount), places=places) == text


def test_rate_text_keeps_16_significant_digits() -> None:
    assert rate_text(Decimal("1.370402476780185758")) == "1.370402476780186"
    assert rate_text(Decimal("1836200.000000000000000000")) == "1836200"
