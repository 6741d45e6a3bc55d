import numpy as np

from finances.valuation.weeks import DAY, monday_of, weekly

THURSDAY_EPOCH = 0
MONDAY = 4 * DAY  # 1970-01-05


def test_monday_of_before_and_after_the_epoch() -> None:
    times = np.array([THURSDAY_EPOCH, MONDAY - DAY, MONDAY, MONDAY + 6 * DAY], dtype=np.int64)

    assert (monday_of(times) // DAY).tolist() == [-3, -3, 4, 4]


def test_weekly_aggregates_open_high_low_close_volume() -> None:
    times = np.array([MONDAY, MONDAY + DAY, MONDAY + 7 * DAY], dtype=np.int64)
    prices = np.array([[10.0, 11.0, 20.0], [12.0, np.nan, 21.0], [9.0, 8.0, 19.0], [11.0, 10.5, 20.5]])
    volumes = np.array([5, -1, -1], dtype=np.int64)

    mondays, bars, totals = weekly(times, prices, volumes)

    assert mondays.tolist() == [MONDAY, MONDAY + 7 * DAY]
    assert bars.tolist() == [[10.0, 20.0], [12.0, 21.0], [8.0, 19.0], [10.5, 20.5]]
    assert totals.tolist() == [5, -1]


def test_weekly_of_nothing() -> None:
    mondays, bars, totals = weekly(np.array([], dtype=np.int64), np.empty((4, 0)), np.array([], dtype=np.int64))

    assert (len(mondays), bars.shape, len(totals)) == (0, (4, 0), 0)
