from decimal import Decimal, localcontext
from typing import Any

import pytest
from rest_framework import serializers

from finances.api.fields import (
    MoneyField,
    StrictBooleanField,
    StrictCharField,
    StrictChoiceField,
    StrictDateField,
    decimal_text,
    money_text,
)


class Everything(serializers.Serializer[Any]):
    money = MoneyField(required=False, allow_null=True)
    text = StrictCharField(required=False)
    flag = StrictBooleanField(required=False)
    choice = StrictChoiceField(["5", "A"], required=False)
    day = StrictDateField(required=False)


def refusal(**data: Any) -> str:
    serializer = Everything(data=data)
    assert not serializer.is_valid()
    (detail,) = serializer.errors[next(iter(data))]
    return str(detail.code)


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ("50000", "50000.00000000"),
        (50000, "50000.00000000"),
        (Decimal("0.1"), "0.10000000"),
        ("-12.5", "-12.50000000"),
        ("-0.00", "0E-8"),
        ("1e3", "1000.00000000"),
        (Decimal("1E+3"), "1000.00000000"),
        ("1234567890123456.12345678", "1234567890123456.12345678"),
    ],
)
def test_money_is_taken_exactly(sent: Any, taken: str) -> None:
    serializer = Everything(data={"money": sent})
    assert serializer.is_valid()
    assert str(serializer.validated_data["money"]) == taken


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (True, "invalid"),
        (1.5, "invalid"),
        ([], "invalid"),
        ({}, "invalid"),
        ("", "invalid"),
        (" 1 ", "invalid"),
        ("1_000", "invalid"),
        ("1,5", "invalid"),
        ("١٢", "invalid"),
        ("NaN", "invalid"),
        ("sNaN", "invalid"),
        ("Infinity", "invalid"),
        ("1\n", "invalid"),
        ("1\x00", "invalid"),
        ("0x10", "invalid"),
        ("9" * 400, "max_digits"),
        (int("9" * 300), "max_digits"),
        ("9" * 1001, "max_string_length"),
        ("1e999999999", "max_digits"),
        ("1e9999999999999", "invalid"),
        ("1e-999999999", "max_digits"),
        ("0.123456789", "max_decimal_places"),
        ("12345678901234567", "max_whole_digits"),
    ],
)
def test_money_refused(sent: Any, code: str) -> None:
    assert refusal(money=sent) == code


@pytest.mark.parametrize(
    ("field", "sent", "code"),
    [
        ("text", 5, "invalid"),
        ("text", None, "null"),
        ("text", ["a"], "invalid"),
        ("text", "a\x00b", "null_characters_not_allowed"),
        ("text", "\ud800", "surrogate_characters_not_allowed"),
        ("flag", "true", "invalid"),
        ("flag", 1, "invalid"),
        ("choice", 5, "invalid_choice"),
        ("choice", ["A"], "invalid_choice"),
        ("day", 20260105, "invalid"),
        ("day", "20260105", "invalid"),
        ("day", "2026-1-5", "invalid"),
        ("day", "2026-W01-1", "invalid"),
        ("day", "2026-02-30", "invalid"),
        ("day", "2026-01-05T00:00:00", "invalid"),
        ("day", "٢٠٢٦-01-05", "invalid"),
    ],
)
def test_other_types_are_refused(field: str, sent: Any, code: str) -> None:
    assert refusal(**{field: sent}) == code


@pytest.mark.parametrize(
    ("amount", "code", "text"),
    [
        ("50000", "USD", "50000.00"),
        ("50000.10000000", "USD", "50000.10"),
        ("0.12345678", "EUR", "0.12345678"),
        ("5", "JPY", "5.00"),
        ("5", "KWD", "5.000"),
        ("0E-8", "USD", "0.00"),
        ("1E+3", "USD", "1000.00"),
        ("-7.5", "USD", "-7.50"),
        ("1E-8", "USD", "0.00000001"),
        ("-0", "USD", "-0.00"),
        ("12.3400", "CLF", "12.3400"),
        ("12.34567000", "CLF", "12.34567"),
        ("5.1230", "KWD", "5.123"),
        ("0.004", "JPY", "0.004"),
        ("-9999999999999999.99999999", "USD", "-9999999999999999.99999999"),
        ("123456789012345678901234567890.10", "USD", "123456789012345678901234567890.10"),
        ("1E+40", "KWD", "1" + "0" * 40 + ".000"),
        ("1E-40", "USD", "0." + "0" * 39 + "1"),
    ],
)
def test_money_text(amount: str, code: str, text: str) -> None:
    assert money_text(Decimal(amount), code) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0.042500", "0.0425"),
        ("1.000000", "1"),
        ("0.000000", "0"),
        ("0E-12", "0"),
        ("-12.50", "-12.5"),
        ("1200.00", "1200"),
        ("1.2E+3", "1200"),
        ("0.000000000001", "0.000000000001"),
        ("-999999999999999999.999999999999", "-999999999999999999.999999999999"),
        ("1" * 40 + "0." + "1" * 40 + "0", "1" * 40 + "0." + "1" * 40),
    ],
)
def test_decimal_text(number: str, text: str) -> None:
    assert decimal_text(Decimal(number)) == text


def test_text_of_a_number_that_the_context_would_round() -> None:
    with localcontext(prec=2):
        texts = (decimal_text(Decimal("12345.6780")), money_text(Decimal("12345.600"), "USD"))

    assert texts == ("12345.678", "12345.60")


def test_money_of_a_row_takes_its_currency() -> None:
    class Row(serializers.Serializer[Any]):
        amount = MoneyField(currency="code", allow_null=True)

    assert Row({"amount": Decimal(1), "code": "KWD"}).data == {"amount": "1.000"}
    assert Row({"amount": None, "code": "KWD"}).data == {"amount": None}
