"""Bars as columns: the form in which they are recovered, stored and read."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

import numpy as np

from finances.valuation.adjustment import Floats, Ints
from securities.models import Bar

INTERVALS: dict[str, int] = {interval.label: interval.value for interval in Bar.Interval}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Tolerance(NamedTuple):
    """How far figures may lie apart and be the same: prices as a fraction of the stored one, volumes in shares."""

    price: float
    volume: int


NOISE = Tolerance(1e-6, 1)
"""What a provider's figures differ by from one answer to the next."""
EXACT = Tolerance(0.0, 0)
COLUMNS = ("ts", "open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class BarColumns:
    """times (n,) UTC seconds, ascending and unique; prices (4, n): open, high, low, close; volumes (n,), -1 where
    missing."""

    times: Ints
    prices: Floats
    volumes: Ints

    def __len__(self) -> int:
        return len(self.times)

    @property
    def closes(self) -> Floats:
        return np.asarray(self.prices[3])

    @classmethod
    def from_rows(cls, rows: list[tuple[Any, ...]]) -> Self:
        """From (ts, open, high, low, close, volume) rows in ascending order, None where missing."""
        columns = list(zip(*rows, strict=True)) or [()] * 6
        return cls(
            np.array([seconds(ts) for ts in columns[0]], dtype=np.int64),
            np.array(columns[1:5], dtype=np.float64).reshape(4, len(rows)),
            np.array([-1 if volume is None else volume for volume in columns[5]], dtype=np.int64),
        )

    @classmethod
    def joined(cls, parts: list[Self]) -> Self:
        """One after the other."""
        if len(parts) == 1:
            return parts[0]
        times, prices, volumes = ([getattr(part, name) for part in parts] for name in ("times", "prices", "volumes"))
        return cls(np.concatenate(times), np.hstack(prices), np.concatenate(volumes)) if parts else cls.from_rows([])

    def where(self, chosen: Any) -> Self:
        """The bars that a mask or slice picks."""
        return type(self)(self.times[chosen], self.prices[:, chosen], self.volumes[chosen])


def seconds(moment: datetime) -> int:
    return int((moment - EPOCH) // timedelta(seconds=1))


def moment(seconds_since_epoch: int) -> datetime:
    return EPOCH + timedelta(seconds=int(seconds_since_epoch))


def opening_of(day: date, interval: int, time_zone: str) -> int:
    """Where an event of `day` stands on the clock of bars of `interval`: days have their date at 00:00 UTC, shorter
    bars their true time."""
    zone = UTC if interval == Bar.Interval.DAY else ZoneInfo(time_zone)
    return seconds(datetime.combine(day, time(), zone))
