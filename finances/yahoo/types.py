"""What Yahoo tells, as frozen plain values, and the protocol that every backend answers.

Figures stand as Yahoo gives them: prices and dividends in the quote unit (which may be a minor one such as GBp) and
divided by every split up to `fetched_at`; turning them into stored, raw figures is the caller's job.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, Protocol

Interval = Literal["1m", "1h", "1d"]
SecurityType = Literal["STOCK", "ETF", "MUTUAL_FUND", "INDEX", "CURRENCY", "CRYPTO", "OPTION", "FUTURE", "OTHER"]
DividendKind = Literal["ordinary", "capital_gain"]


@dataclass(frozen=True, slots=True)
class Profile:
    symbol: str
    name: str
    security_type: SecurityType
    exchange: str
    quote_unit: str
    """As Yahoo writes it, case kept: "USD", "GBp"."""
    time_zone: str
    """IANA name of the exchange's zone."""
    sector: str = ""
    industry: str = ""
    isin: str = ""
    market_cap: Decimal | None = None
    """In the major currency even where prices are in a minor unit."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Columns of equal length, ascending and without duplicate times; rows without a close are left out.

    timestamps are UTC seconds since 1970; a daily bar's is its exchange date at 00:00 UTC. NaN marks a missing
    open, high or low; -1 a missing volume. `adjusted` are closes less later dividends, empty where Yahoo gives none.
    """

    timestamps: tuple[int, ...] = ()
    opens: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()
    lows: tuple[float, ...] = ()
    closes: tuple[float, ...] = ()
    volumes: tuple[int, ...] = ()
    adjusted: tuple[float, ...] = ()

    def __len__(self) -> int:
        return len(self.timestamps)


@dataclass(frozen=True, slots=True)
class SplitEvent:
    """`numerator` new shares for `denominator` old ones, from the opening of `ex_date` (exchange's calendar)."""

    ex_date: date
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class DividendEvent:
    ex_date: date
    amount: Decimal
    """In the quote unit unless `unit` names another, per share as of `fetched_at` (split-adjusted)."""
    kind: DividendKind = "ordinary"
    unit: str = ""
    """As Yahoo writes it ("USD", "GBp") where it says that the amount is not in the quote unit, else ""."""


@dataclass(frozen=True, slots=True)
class History:
    symbol: str
    interval: Interval
    quote_unit: str
    time_zone: str
    fetched_at: datetime
    bars: Bars
    splits: tuple[SplitEvent, ...] = ()
    """Every split from `start` to `fetched_at`, ascending, at most one a day."""
    dividends: tuple[DividendEvent, ...] = ()
    duplicates: tuple[int, ...] = ()
    """Timestamps that came more than once with different figures; the last of them stands in `bars`."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    symbol: str
    name: str
    security_type: SecurityType
    exchange: str


class Yahoo(Protocol):
    """The door. Every method raises YahooNotFound, YahooNoData, YahooRateLimited, YahooUnavailable or
    YahooBadResponse (`finances.errors`) and nothing else."""

    def profile(self, symbol: str) -> Profile: ...

    def history(self, symbol: str, *, interval: Interval, start: date | None) -> History:
        """Bars from `start` (exchange's calendar; None: as far back as Yahoo goes) up to now, never an earlier end:
        a window that ends in the past would hide splits that its prices are adjusted for."""
        ...

    def search(self, query: str, *, limit: int) -> list[SearchHit]: ...
