from datetime import date
from decimal import Decimal

import pytest

from currencies.fixings import Fixing, Fixings, Missing, Rate

MONDAY, TUESDAY, FRIDAY = date(2023, 6, 5), date(2023, 6, 6), date(2023, 6, 9)


def rate(fixings: list[Fixing], pair: str, *, ended: tuple[str, ...] = ()) -> Rate:
    base, quote = pair.split("/")
    found = Fixings(fixings, ended=ended).quote_per_base(base, quote, as_of=FRIDAY)
    assert isinstance(found, Rate), found
    return found


def fixing(pair: str, quote_per_base: str, day: date = MONDAY) -> Fixing:
    base, quote = pair.split("/")
    return Fixing(base, quote, day, Decimal(quote_per_base))


def test_the_direct_fixing() -> None:
    stored = fixing("EUR/USD", "1.07")

    assert rate([stored], "EUR/USD") == Rate(Decimal("1.07"), MONDAY, "direct", (stored,))


def test_the_inverse_fixing() -> None:
    stored = fixing("EUR/USD", "1.25")

    assert rate([stored], "USD/EUR") == Rate(Decimal("0.8"), MONDAY, "inverse", (stored,))


def test_of_both_directions_the_later_counts_and_on_one_day_the_direct() -> None:
    direct, inverse, later = fixing("EUR/USD", "1.07"), fixing("USD/EUR", "0.5"), fixing("USD/EUR", "0.5", TUESDAY)

    assert rate([direct, inverse], "EUR/USD").derivation == "direct"
    assert rate([direct, later], "EUR/USD") == Rate(Decimal(2), TUESDAY, "inverse", (later,))


def test_a_cross_reports_both_legs_and_the_earlier_day() -> None:
    pounds, dollars = fixing("EUR/GBP", "0.8"), fixing("EUR/USD", "1.2", TUESDAY)

    assert rate([pounds, dollars], "GBP/USD") == Rate(Decimal("1.5"), MONDAY, "cross", (pounds, dollars))


def test_a_stored_pair_comes_before_a_cross() -> None:
    fixings = [fixing("GBP/USD", "1.4"), fixing("EUR/GBP", "0.8", TUESDAY), fixing("EUR/USD", "1.2", TUESDAY)]

    assert rate(fixings, "GBP/USD").derivation == "direct"


@pytest.mark.parametrize(
    ("pivots", "chosen"), [(["CHF", "EUR", "USD"], "EUR"), (["USD", "CHF"], "USD"), (["SEK", "CHF"], "CHF")]
)
def test_pivots_are_preferred_in_order(pivots: list[str], chosen: str) -> None:
    fixings = [fixing(f"{pivot}/{code}", "2") for pivot in pivots for code in ("GBP", "JPY")]

    assert {leg.base for leg in rate(fixings, "GBP/JPY").legs} == {chosen}


def test_legs_may_stand_in_any_direction() -> None:
    fixings = [fixing("GBP/EUR", "1.25"), fixing("USD/EUR", "0.8")]

    assert rate(fixings, "GBP/USD").quote_per_base == Decimal("1.5625")


def test_an_ended_pivot_gives_nothing() -> None:
    fixings = [fixing("DEM/GBP", "0.3"), fixing("DEM/USD", "0.6")]

    assert Fixings(fixings, ended=["DEM"]).quote_per_base("GBP", "USD", as_of=FRIDAY) == Missing(
        "No GBP/USD rate on 2023-06-09 or in the 7 days before it."
    )


def test_an_ended_currency_has_no_rate_but_its_own() -> None:
    fixings = Fixings([fixing("EUR/EEK", "15.6466")], ended=["EEK"])

    assert fixings.quote_per_base("EEK", "EUR", as_of=FRIDAY) == Missing(
        "No EEK/EUR rate on 2023-06-09: EEK had ended by then."
    )
    assert fixings.quote_per_base("EEK", "EEK", as_of=FRIDAY) == Rate(Decimal(1), FRIDAY, "same")


def test_minor_units() -> None:
    fixings = [fixing("EUR/GBP", "0.8")]

    assert rate(fixings, "GBp/EUR").quote_per_base == Decimal("0.0125")
    assert rate(fixings, "EUR/GBX").quote_per_base == 80
    assert rate([], "GBp/GBP") == Rate(Decimal("0.01"), FRIDAY, "unit")
    assert rate([], "GBX/GBp") == Rate(Decimal(1), FRIDAY, "same")


@pytest.mark.parametrize(
    ("amount", "per_base", "converted"),
    [
        ("3.4528", "3.4528", "1.0000000000"),
        ("0.00000000015", "3", "0.0000000001"),
        ("-0.00000000015", "3", "-0.0000000001"),
        ("999999999999999999.999999999999", "0.0000001", "9999999999999999999999999.9999900000"),
    ],
)
def test_convert_rounds_half_away_from_zero_after_an_inexact_quotient(
    amount: str, per_base: str, converted: str
) -> None:
    inverse = rate([fixing("EUR/LTL", per_base)], "LTL/EUR")

    assert f"{inverse.convert(Decimal(amount)):f}" == converted
