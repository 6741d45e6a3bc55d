"""How much data a scale makes."""

from benchmarks.size import DAYS, MOST_BARS, Size


def test_a_scale_multiplies_all() -> None:
    assert Size.scaled(10) == Size(users=10_000, securities=20_000, with_history=2000)


def test_bars_have_a_most() -> None:
    size = Size.scaled(100)
    assert (size.securities, size.with_history) == (200_000, 7665)
    assert MOST_BARS - DAYS < size.with_history * DAYS <= MOST_BARS


def test_securities_can_be_chosen_alone() -> None:
    assert Size.scaled(1, securities=1_000_000) == Size(users=1000, securities=1_000_000, with_history=200)
