"""The arithmetic of the table."""

import pytest

from benchmarks.cpu import ClosedError, spent
from benchmarks.endpoints import Endpoint
from benchmarks.measuring import Block
from benchmarks.ratios import Ratio, percentile
from benchmarks.report import read_row, table


def test_a_ratio_is_taken_round_by_round() -> None:
    # 4, 5 and 2: the medians of the costs, 20 and 4, would give 5.
    assert Ratio.of([8.0, 20.0, 40.0], [2.0, 4.0, 20.0]) == Ratio(median=4.0, least=2.0, most=5.0)


@pytest.mark.parametrize(("above", "below"), [([], []), ([1.0], [1.0, 2.0])])
def test_a_ratio_of_no_or_unlike_rounds_is_refused(above: list[float], below: list[float]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - zip words one of the two
        Ratio.of(above, below)


def test_a_percentile_is_a_figure_that_occurred() -> None:
    assert [percentile([4.0, 1.0, 3.0, 2.0], share) for share in (0.0, 0.5, 0.95)] == [1.0, 2.0, 4.0]


def test_a_backend_that_came_meanwhile_counts_from_its_start() -> None:
    assert spent({1: 2.0}, {1: 2.5, 2: 0.25}) == 0.75


def test_a_backend_that_ended_meanwhile_cannot_be_charged() -> None:
    with pytest.raises(ClosedError):
        spent({1: 2.0}, {})


def test_a_row_charges_server_database_and_cache() -> None:
    ours, theirs = Block(0.002, 0.001, 0.001, [0.010, 0.030]), Block(0.012, 0.004, 0.0, [0.020, 0.020])
    limit = Block(0.0005, 0.0005, 0.0, [0.001])
    rounds = {"ours": [ours], "fastapi": [theirs], "ours again": [ours], "limit": [limit]}

    assert read_row(Endpoint("one security", lambda world, email, n: "", wanted=2.5), rounds) == (
        "one security", "2.5", "4.00 (4.00-4.00)", "1.00 (1.00-1.00)", "2.00 (2.00-2.00)", "2.00", "8.00", "1.00",
        "10.0/30.0", "20.0/20.0",
    )  # fmt: skip


def test_a_table_aligns_names_left_and_figures_right() -> None:
    assert table(("endpoint", "ms"), [("health", "0.25")]) == (
        "| endpoint |   ms |\n| -------- | ---: |\n| health   | 0.25 |"
    )
