"""The guard that both servers say the same."""

import pytest

from benchmarks.bodies import DifferenceError, check_same


def test_one_number_in_two_spellings_is_the_same() -> None:
    check_same("/", b'[{"quantity": "28.5", "name": "A"}]', b'[{"name": "A", "quantity": "28.500000000000"}]')


@pytest.mark.parametrize("theirs", [b'[{"close": 1.5}, {"close": 2.0}]', b'[{"close": 1.25}]', b"[]"])
def test_other_figures_are_refused(theirs: bytes) -> None:
    with pytest.raises(DifferenceError):
        check_same("/", b'[{"close": 1.5}]', theirs)
