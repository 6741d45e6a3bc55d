from datetime import date

from currencies.catalogue import load_currencies
from currencies.models import Currency


def test_load_currencies_adds_iso_and_historic_codes_once() -> None:
    added = load_currencies()

    assert added == Currency.objects.count() > 180
    assert load_currencies() == 0
    yen, kuna = Currency.objects.get(code="JPY"), Currency.objects.get(code="HRK")
    assert (yen.name, yen.symbol, yen.minor_digits, yen.last_valid_on) == ("Japanese Yen", "¥", 0, None)
    assert (kuna.name, kuna.symbol, kuna.minor_digits, kuna.last_valid_on) == (
        "Croatian Kuna", "", 2, date(2022, 12, 31),
    )  # fmt: skip


def test_load_currencies_keeps_what_staff_edited() -> None:
    load_currencies()
    Currency.objects.filter(code="CHF").update(name="Swiss francs")

    load_currencies()

    assert Currency.objects.get(code="CHF").name == "Swiss francs"
