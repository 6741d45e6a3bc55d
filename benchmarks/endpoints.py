"""What is asked: for each endpoint an endless sequence of requests over many users and securities."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, cycle
from urllib.parse import urlencode

import psycopg

from benchmarks.client import Request
from benchmarks.dataset import PASSWORD

API = "/api/v1"
FIRST, LAST = date(2016, 1, 1), date(2025, 12, 31)
WORDS = ("Energy", "Bank", "Foods", "Medical", "Software", "pacific", "alpine", "nordic", "rhine", "hudson")


@dataclass(frozen=True)
class World:
    """Some users and all that they may ask about."""

    emails: tuple[str, ...]
    symbols: tuple[str, ...]
    """Of securities with history."""
    accounts: dict[str, str]
    """E-mail address -> id of the account with holdings."""

    @classmethod
    def read(cls, database: psycopg.Connection, users: int = 20) -> "World":
        rows = database.execute(
            "select u.email, a.id::text from users_user u join accounts_account a on a.owner_id = u.id "
            "where a.account_type = 'INVESTMENT' order by u.email limit %s",
            [users],
        ).fetchall()
        symbols = database.execute(
            "select symbol from securities_security s where exists "
            "(select from securities_price where security_id = s.id) order by id limit 200"
        ).fetchall()
        return cls(tuple(row[0] for row in rows), tuple(row[0] for row in symbols), dict(rows))


Paths = Callable[[World, str, int], str]
"""(world, e-mail, n) -> the path of the n-th request, asked by that user."""


@dataclass(frozen=True)
class Endpoint:
    name: str
    path: Paths
    signed_in: bool = True
    warm_up: int = 40
    """Requests before the first block."""
    wanted: float = 1.0
    """The least ratio of FastAPI's CPU to ours that is aimed at."""

    def requests(self, world: World, tokens: dict[str, str], place: int = 0) -> Iterator[Request]:
        """Those of the `place`-th of two that ask one server: neither asks what the other has asked, if it is cold."""
        for n, email in zip(count(place, 2), cycle(world.emails), strict=False):
            yield Request(self.path(world, email, n), tokens[email] if self.signed_in else None)


class Login(Endpoint):
    def requests(self, world: World, tokens: dict[str, str], place: int = 0) -> Iterator[Request]:
        for email in cycle(world.emails):
            yield Request(f"{API}/auth/login", body={"email": email, "password": PASSWORD})


def _symbol(world: World, n: int) -> str:
    return world.symbols[n % len(world.symbols)]


def _warm_symbol(world: World, n: int) -> str:
    """Of the twenty that everybody looks at."""
    return world.symbols[n % 20]


def _security(world: World, email: str, n: int) -> str:
    return f"{API}/securities/{_symbol(world, n)}"


def _search(world: World, email: str, n: int) -> str:
    """By a word of the name, and by a symbol's first letters, in turn; 20 rows each."""
    # Of two that ask one server each asks every second of the n.
    texts = WORDS if n // 2 % 2 else [symbol[:4] for symbol in world.symbols[::26]][:7]
    return f"{API}/securities/search?{urlencode({'query': texts[n // 4 % len(texts)], 'limit': 20})}"


def _quotes(world: World, email: str, n: int) -> str:
    return f"{API}/securities/quotes?symbols={','.join(_symbol(world, n * 10 + place) for place in range(10))}"


def _prices(symbol: str, start: date, end: date = LAST) -> str:
    return f"{API}/securities/{symbol}/prices?start_date={start}&end_date={end}&limit=3000"


def _year(world: World, email: str, n: int) -> str:
    return _prices(_warm_symbol(world, n), date(2025, 1, 2))


def _decade(world: World, email: str, n: int) -> str:
    return _prices(_warm_symbol(world, n), FIRST)


def _other_year(world: World, email: str, n: int) -> str:
    """A range that nobody has asked for: another security each time, another day after all of them."""
    shift = timedelta(days=n // len(world.symbols))
    return _prices(_symbol(world, n), date(2018, 1, 2) + shift, date(2018, 12, 31) + shift)


def _other_decade(world: World, email: str, n: int) -> str:
    return _prices(_symbol(world, n), FIRST + timedelta(days=n // len(world.symbols)))


def _accounts(world: World, email: str, n: int) -> str:
    return f"{API}/accounts"


def _holdings(world: World, email: str, n: int) -> str:
    return f"{API}/holdings?account={world.accounts[email]}"


def _values(world: World, email: str, n: int) -> str:
    return f"{API}/accounts/{world.accounts[email]}/values"


ENDPOINTS = (
    Endpoint("one security", _security, wanted=2.5),
    Endpoint("search, 20 rows", _search, wanted=2.2),
    Endpoint("quotes, 10 symbols", _quotes),
    Endpoint("prices, 1 year", _year, wanted=5),
    Endpoint("prices, 1 year, cold", _other_year, wanted=5),
    Endpoint("prices, 10 years", _decade, warm_up=20, wanted=20),
    Endpoint("prices, 10 years, cold", _other_decade, warm_up=20, wanted=20),
    Endpoint("own accounts, 3 rows", _accounts, wanted=3.5),
    Endpoint("holdings, 20 rows", _holdings, wanted=3.5),
    Endpoint("values, 24 rows", _values),
    Endpoint("health", lambda world, email, n: "/health", signed_in=False, warm_up=200, wanted=1.5),
    Login("login", lambda world, email, n: "", signed_in=False, warm_up=4, wanted=0.95),
)
