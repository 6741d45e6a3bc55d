from datetime import date
from decimal import Decimal
from uuid import UUID

from accounts.latest import Total, Valued, total_by_currency, total_in, without_rate
from currencies.conversion import Missing, Rate

DAY = date(2026, 1, 31)


def account_with(value: str | None, code: str = "USD", kind: str = "CASH") -> Valued:
    return Valued(UUID(int=1), "Account", kind, code, True, None if value is None else Decimal(value), DAY)


def usd(assets: str, liabilities: str) -> Total:
    return Total("USD", Decimal(assets), Decimal(liabilities))


def test_totals_by_currency() -> None:
    accounts = [account_with("1.5"), account_with("-0.5"), account_with("7", kind="LOAN"), account_with(None, "EUR")]
    (total,) = total_by_currency(accounts)
    assert (total, total.net) == (usd("1.0", "7"), Decimal("-6.0"))


def test_each_side_is_rounded_once_half_away_from_zero() -> None:
    rates: dict[str, Rate | Missing] = {"USD": Rate(Decimal("0.5"), DAY, "direct")}
    total = total_in("EUR", [usd("0.01", "0.03")], rates)
    assert (total.assets, total.liabilities, total.net) == (Decimal("0.01"), Decimal("0.02"), Decimal("-0.01"))


def test_a_total_keeps_every_digit_of_a_long_product() -> None:
    rates: dict[str, Rate | Missing] = {"USD": Rate(Decimal("1000000.0000000001"), DAY, "direct")}
    total = total_in("EUR", [usd("9999999999999999.12345678", "0")], rates)
    assert str(total.assets) == "10000000000000000123456.78"


def test_without_a_rate_the_side_that_needs_it_is_unknown() -> None:
    rates: dict[str, Rate | Missing] = {"USD": Missing("None stored.")}
    total = total_in("EUR", [usd("1", "0")], rates)
    assert (total.assets, total.liabilities, total.net) == (None, Decimal("0.00"), None)
    assert without_rate([usd("1", "0")], rates) == [
        {"figure": "total", "code": "missing_rate", "detail": "None stored.", "currency_code": "USD"}
    ]
    assert without_rate([usd("0", "0")], rates) == []
