"""Two servers behind the nginx of docs/deployment, restarted one after the other under load: no request fails."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event
from urllib.error import URLError

import pytest

from tests.installation import ROOT, Installation, free_port

NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = [
    pytest.mark.skipif(NGINX is None, reason="this machine has no nginx"),
    pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="several servers want PostgreSQL"),
]
CLIENTS = 4


@contextmanager
def nginx(folder: Path, ports: list[int]) -> Iterator[int]:
    """The port of the documented configuration in front of two servers."""
    own = free_port()
    site = (ROOT / "docs/deployment/nginx.conf").read_text()
    for documented, port in zip(("8001", "8002", "8000"), (*ports, own), strict=True):
        site = site.replace(f"127.0.0.1:{documented}", f"127.0.0.1:{port}")
    places = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    whole = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
    whole += f"http {{ access_log off; {places}\n{site} }}\n"
    (folder / "nginx.conf").write_text(whole)
    assert NGINX is not None
    with subprocess.Popen([NGINX, "-p", str(folder), "-c", "nginx.conf"]) as process:  # noqa: S603 - our own proxy
        try:
            yield own
        finally:
            process.terminate()


@pytest.fixture
def servers(own_database: str, tmp_path: Path) -> Iterator[list[Installation]]:
    environment = {
        "DATABASE_URL": own_database, "TRUSTED_PROXIES": "1", "THROTTLE_USER": "1000000/min",
        "THROTTLE_ANON": "1000000/min",
    }  # fmt: skip
    first = Installation(tmp_path, environment)
    assert first.manage("prepare")[0] == 0
    first.serve()
    second = replace(first, port=0, _server=None)
    second._start_server()
    yield [first, second]
    first.stop()
    second.stop()


def test_a_rolling_restart_loses_no_request(servers: list[Installation], tmp_path: Path) -> None:
    over = Event()
    with nginx(tmp_path, [server.port for server in servers]) as port, ThreadPoolExecutor(CLIENTS) as clients:
        client = replace(servers[0], base=f"http://127.0.0.1:{port}", _server=None)
        client._wait_until_healthy()
        _, account, _ = client.call("POST", "/api/v1/accounts", {"name": "Cash", "account_type": "CHECKING"})
        running = [clients.submit(load, client, account["id"], over) for _ in range(CLIENTS)]
        try:
            for server in servers:
                time.sleep(1.5)
                server.restart()
            time.sleep(1.5)
        finally:
            over.set()
        answers = [answer for job in running for answer in job.result()]
        deposits = answers.count(201)
        _, listed, headers = client.call("GET", f"/api/v1/accounts/{account['id']}/transactions?limit=1")

    assert len(answers) > 100
    assert set(answers) == {200, 201}
    assert headers["x-total-count"] == str(deposits)


def load(client: Installation, account: str, over: Event) -> list[int | str]:
    """Statuses of reads and writes in turn, or what became of a request without one."""
    answers: list[int | str] = []
    deposit = {"type": "DEPOSIT", "trade_date": "2022-12-28", "amount": "1.00"}
    while not over.is_set():
        try:
            answers.append(client.call("GET", "/api/v1/currencies/EUR")[0])
            answers.append(client.call("POST", f"/api/v1/accounts/{account}/transactions", deposit)[0])
        except (URLError, ConnectionError) as error:
            answers.append(str(error))
    return answers
