from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from currencies.api.figures import amount_text
from currencies.models import ExchangeRate
from currencies.tests.factories import CurrencyFactory, store_rate
from currencies.tests.vectors import cases
from finances.money import minor_digits

URL = "/api/v1/currencies/convert"
FIXED = [case for case in cases("ecb_conversions") if "error" not in case]
REFUSED = [case for case in cases("ecb_conversions") if case.get("error") == "missing_rate"]


def asked(case: dict[str, Any]) -> dict[str, str]:
    return {"amount": case["amount"], "from": case["from"], "to": case["to"], "as_of": case["date"]}


def converted(client: APIClient, amount: str, base: str, quote: str, **parameters: str) -> Any:
    response = client.get(URL, {"amount": amount, "from": base, "to": quote, **parameters})
    assert response.status_code == 200, response.json()
    return response.json()


def store(case: dict[str, Any]) -> dict[str, Decimal]:
    """The case's fixings, and one of the day after, which must not count. Returns units for one euro."""
    tomorrow = date.fromisoformat(case["date"]) + timedelta(days=1)
    CurrencyFactory.create(code="EUR")
    for code, day, units in case["fixings"]:
        store_rate(f"EUR/{code}", date.fromisoformat(day), units)
        if not ExchangeRate.objects.filter(quote=code, day=tomorrow).exists():
            store_rate(f"EUR/{code}", tomorrow, "3")
    return {"EUR": Decimal(1)} | {code: Decimal(units) for code, _day, units in case["fixings"]}


@pytest.mark.parametrize("case", FIXED, ids=lambda case: str(case["id"]))
def test_ecb_conversions(alice_client: APIClient, case: dict[str, Any]) -> None:
    per_euro = store(case)
    derivation = {0: "same", 1: "direct" if case["from"] == "EUR" else "inverse", 2: "cross"}[len(case["fixings"])]

    body = converted(alice_client, case["amount"], case["from"], case["to"], as_of=case["date"])

    assert body == {
        "from": case["from"],
        "to": case["to"],
        "amount": case["amount"],
        "converted": amount_text(Decimal(case["converted"]), places=minor_digits(case["to"])),
        "rate": amount_text(Context(prec=16).divide(per_euro[case["to"]], per_euro[case["from"]])),
        "rate_date": min([day for _code, day, _units in case["fixings"]], default=case["date"]),
        "derivation": derivation,
        "legs": [
            {"base": "EUR", "quote": code, "date": day, "rate": units} for code, day, units in case["fixings"]
        ],
        "missing": [],
    }  # fmt: skip
    assert Decimal(body["rate"]).quantize(Decimal("1e-12"), ROUND_HALF_UP) == Decimal(case["rate"])


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: str(case["id"]))
def test_what_cannot_be_known_is_null_with_its_cause(alice_client: APIClient, case: dict[str, Any]) -> None:
    CurrencyFactory.create(code="EUR")
    for code, day, units in case["fixings"]:
        store_rate(f"EUR/{code}", date.fromisoformat(day), units)
    pair = f"{case['from']}/{case['to']}"
    detail = f"No {pair} rate on {case['date']} or in the 7 days before it."
    if case["id"] in ("eek-after", "hrk-after"):
        detail = f"No {pair} rate on {case['date']}: {case['from']} had ended by then."

    assert converted(alice_client, case["amount"], case["from"], case["to"], as_of=case["date"]) == {
        "from": case["from"],
        "to": case["to"],
        "amount": case["amount"],
        "converted": None,
        "rate": None,
        "rate_date": None,
        "derivation": None,
        "legs": [],
        "missing": [{"figure": "converted", "code": "missing_rate", "detail": detail}],
    }


def test_an_unknown_currency_names_its_parameter(alice_client: APIClient) -> None:
    (case,) = [case for case in cases("ecb_conversions") if case.get("error") == "unknown_currency"]
    CurrencyFactory.create(code="EUR")

    response = alice_client.get(URL, asked(case))

    assert response.status_code == 422
    assert response.json() == {
        "detail": [
            {"loc": ["query", "from"], "msg": "This currency is not known.", "type": "unknown_currency"},
        ],
        "code": "validation_error",
    }  # fmt: skip


def test_there_and_back_again(alice_client: APIClient) -> None:
    (case,) = [case for case in FIXED if case["id"] == "roundtrip"]
    store(case)

    there = converted(alice_client, case["amount"], case["from"], case["to"], as_of=case["date"])
    back = converted(alice_client, there["converted"], case["to"], case["from"], as_of=case["date"])

    assert abs(Decimal(back["converted"]) - Decimal(case["amount"])) <= Decimal("1e-9")


@pytest.mark.parametrize(
    ("case", "pair"),
    [(case, pair) for case in cases("minor_units") for pair in case["rates"]],
    ids=lambda value: value if isinstance(value, str) else str(value["id"]),
)
def test_minor_units(alice_client: APIClient, case: dict[str, Any], pair: str) -> None:
    day = date(2016, 1, 4)
    for code, units in case["per_euro"].items():
        store_rate(f"EUR/{code}", day, units)
    base, quote = pair.split("/")

    body = converted(alice_client, "1", base, quote, as_of="2016-01-04")

    assert abs(Decimal(body["rate"]) - Decimal(case["rates"][pair])) <= Decimal("1e-8")
    assert (body["from"], body["to"]) == (base, quote)


@pytest.mark.parametrize(
    ("unit", "shown", "rate"), [("GBp", "GBp", "0.0125"), ("gbx", "GBX", "0.0125"), ("gbp", "GBP", "1.25")]
)
def test_case_counts_only_where_it_tells_pence_from_pounds(
    alice_client: APIClient, unit: str, shown: str, rate: str
) -> None:
    store_rate("EUR/GBP", date(2022, 12, 28), "0.8")

    body = converted(alice_client, "1", unit, "eur", as_of="2022-12-28")

    assert (body["from"], body["to"], body["rate"]) == (shown, "EUR", rate)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1000000", "7143"), ("1.5", "0.0107145"), ("-100", "-0.7143"), ("0", "0"), ("1e2", "0.7143")],
)  # fmt: skip
def test_converted_has_the_targets_minor_digits_at_least(alice_client: APIClient, amount: str, text: str) -> None:
    store_rate("JPY/KRW", date(2022, 12, 28), "0.007143")

    assert converted(alice_client, amount, "JPY", "KRW", as_of="2022-12-28")["converted"] == text


def test_a_fixing_counts_for_seven_days(alice_client: APIClient) -> None:
    store_rate("EUR/USD", date(2022, 12, 20), "1.06")

    assert converted(alice_client, "1", "EUR", "USD", as_of="2022-12-27")["converted"] == "1.06"
    assert converted(alice_client, "1", "EUR", "USD", as_of="2022-12-28")["converted"] is None


def test_amount_and_day_have_defaults(alice_client: APIClient) -> None:
    today = timezone.now().date()
    store_rate("EUR/USD", today, "1.06")

    body = alice_client.get(URL, {"from": "EUR", "to": "USD"}).json()

    assert (body["amount"], body["converted"], body["rate_date"]) == ("1", "1.06", str(today))


def test_the_amount_is_answered_as_given(alice_client: APIClient) -> None:
    store_rate("EUR/USD", date(2022, 12, 28), "1.06")

    amounts = [
        converted(alice_client, text, "EUR", "USD", as_of="2022-12-28")["amount"] for text in ("10", "10.00", "1e2")
    ]

    assert amounts == ["10", "10.00", "100"]


def test_the_first_day_of_the_calendar_has_no_seven_before_it(alice_client: APIClient) -> None:
    for code in ("EUR", "USD"):
        CurrencyFactory.create(code=code)

    assert converted(alice_client, "1", "EUR", "USD", as_of="0001-01-01")["rate"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("amount", value) for value in ("NaN", "Infinity", "1e400", "9" * 400, "1e-400", "ten", "1\x00", "1,5")],
        *[("as_of", value) for value in ("yesterday", "2022-02-30", "2022-12-28T00:00", "2022-12-28\x00")],
        *[(name, value) for name in ("from", "to") for value in ("EURO", "E\x00R", "???", "12", "€", "")],
    ],
)
def test_bad_parameters_name_themselves(alice_client: APIClient, name: str, value: str) -> None:
    for code in ("EUR", "USD"):
        CurrencyFactory.create(code=code)

    response = alice_client.get(URL, {"amount": "1", "from": "EUR", "to": "USD", "as_of": "2022-12-28", name: value})

    assert response.status_code == 422
    assert {tuple(violation["loc"]) for violation in response.json()["detail"]} == {("query", name)}


def test_every_violation_at_once(alice_client: APIClient) -> None:
    response = alice_client.get(URL, {"amount": "x", "as_of": "y"})

    assert sorted(violation["loc"][1] for violation in response.json()["detail"]) == ["amount", "as_of", "from", "to"]


def test_converting_needs_a_login(anonymous: APIClient) -> None:
    assert anonymous.get(URL, {"from": "EUR", "to": "USD"}).status_code == 401
