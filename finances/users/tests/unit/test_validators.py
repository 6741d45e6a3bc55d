import pytest
from django.core.exceptions import ValidationError

from finances.users.validators import validate_currency, validate_time_zone


@pytest.mark.parametrize("code", ["USD", "EUR", "JPY", "XAU"])
def test_validate_currency_of_iso_4217(code: str) -> None:
    validate_currency(code)


@pytest.mark.parametrize("code", ["", "usd", "US", "GBp", "ABC", "USD "])
def test_validate_currency_unknown(code: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_currency(code)
    assert refusal.value.code == "unknown_currency"


@pytest.mark.parametrize("key", ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires"])
def test_validate_time_zone_of_iana(key: str) -> None:
    validate_time_zone(key)


@pytest.mark.parametrize("key", ["", "Mars/Olympus", "../../etc/passwd", "europe/vienna"])
def test_validate_time_zone_unknown(key: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_time_zone(key)
    assert refusal.value.code == "unknown_time_zone"
