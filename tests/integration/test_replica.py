"""A primary and a streaming replica: what is read where, one's own writes, a replica that lags or is killed."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.installation import Installation
from tests.postgresql import Server, binaries

pytestmark = [
    pytest.mark.skipif(binaries() is None, reason="this machine has no PostgreSQL to start"),
    pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="of PostgreSQL, so once, with its other tests"),
]
LAG = 1
SECURITIES = '"securities_security"."symbol"'
"""Early enough in a long statement, of which servers show the beginning."""
ASKED = """
select from pg_stat_activity
where pid <> pg_backend_pid() and query like %(text)s and now() - query_start < make_interval(secs => %(seconds)s)
"""


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Server]]:
    folder = tmp_path_factory.mktemp("servers")
    primary = Server.made(folder)
    primary.start()
    replica = primary.replica(folder)
    replica.start()
    yield primary, replica
    replica.stop()
    primary.stop()


@pytest.fixture(scope="module")
def product(servers: tuple[Server, Server], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    primary, replica = servers
    environment = {
        "DATABASE_URL": primary.url(), "DATABASE_REPLICA_URL": replica.url(), "REPLICA_LAG_SECONDS": str(LAG),
        "THROTTLE_USER": "1000000/min",
    }  # fmt: skip
    installation = Installation(tmp_path_factory.mktemp("product"), environment)
    assert installation.manage("prepare")[0] == 0
    installation.serve()
    yield installation
    installation.stop()


def has_read(server: Server, text: str = 'FROM "currencies_currency"') -> bool:
    """Whether a statement with this text was what one of the server's clients asked last, within LAG seconds."""
    with psycopg.connect(server.url()) as connection:
        found = connection.execute(ASKED, {"text": f"%{text}%", "seconds": LAG})
        return found.fetchone() is not None


def read(product: Installation) -> int:
    return product.call("GET", "/api/v1/currencies/EUR")[0]


def settle() -> None:
    """Until nobody has written of late."""
    time.sleep(LAG + 2.5)


def test_market_data_are_read_from_the_replica(product: Installation, servers: tuple[Server, Server]) -> None:
    primary, replica = servers
    assert read(product) == 200  # in an empty cache nobody's writes are known
    settle()

    assert [read(product) for _ in range(5)] == [200] * 5

    assert (has_read(primary), has_read(replica)) == (False, True)


def test_what_the_replica_says_is_not_repeated(product: Installation, servers: tuple[Server, Server]) -> None:
    _primary, replica = servers
    settle()
    for _ in range(5):
        assert product.call("GET", "/api/v1/securities")[0] == 200
    time.sleep(LAG + 0.5)
    assert not has_read(replica, SECURITIES)

    assert product.call("GET", "/api/v1/securities")[0] == 200

    assert has_read(replica, SECURITIES)


def test_who_has_written_reads_the_primary(product: Installation, servers: tuple[Server, Server]) -> None:
    primary, _replica = servers
    for number in range(5):
        status, account, _ = product.call(
            "POST", "/api/v1/accounts", {"name": f"A{number}", "account_type": "CHECKING"}
        )
        assert status == 201, account
        path = f"/api/v1/accounts/{account['id']}/transactions"
        deposit = {"type": "DEPOSIT", "trade_date": "2022-12-28", "amount": "100.00"}
        status, body, _ = product.call("POST", path, deposit)
        assert status == 201, body
        status, worth, _ = product.call("GET", "/api/v1/portfolio/net-worth?as_of=2022-12-28")
        assert (status, worth["net_worth"]) == (200, f"{(number + 1) * 100}.00")
    assert read(product) == 200
    assert has_read(primary)


def test_a_replica_that_lags_is_not_read(product: Installation, servers: tuple[Server, Server]) -> None:
    primary, replica = servers
    with psycopg.connect(replica.url(), autocommit=True) as connection:
        connection.execute("select pg_wal_replay_pause()")
        product.call("POST", "/api/v1/accounts", {"name": "Late", "account_type": "CHECKING"})
        settle()
        try:
            assert [read(product) for _ in range(5)] == [200] * 5
            assert (has_read(primary), has_read(replica)) == (True, False)
        finally:
            connection.execute("select pg_wal_replay_resume()")


def test_a_replica_that_is_killed_under_load_costs_no_answer(
    product: Installation, servers: tuple[Server, Server]
) -> None:
    _primary, replica = servers
    settle()
    paths = ["/api/v1/currencies", "/api/v1/portfolio/net-worth", "/api/v1/securities"]
    deadline = time.monotonic() + 6

    def load(number: int) -> list[int]:
        answers: list[int] = []
        while time.monotonic() < deadline:
            answers.append(product.call("GET", paths[(number + len(answers)) % 3])[0])
        return answers

    with ThreadPoolExecutor(4) as clients:
        running = [clients.submit(load, number) for number in range(4)]
        time.sleep(2)
        replica.stop()
        answers: list[Any] = [status for job in running for status in job.result()]

    replica.start()
    assert len(answers) > 100
    assert set(answers) == {200}
