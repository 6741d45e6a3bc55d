"""The stand-in for Yahoo: a local server that the real yfinance is pointed at by the environment."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.installation import Installation

FOLDER = Path(__file__).parent / "yahoo_server"
once = pytest.mark.skipif(
    os.environ.get("DATABASE_URL", "").startswith("postgres"), reason="says nothing about PostgreSQL, so once"
)
"""The mark of tests that are slow and run on the embedded default alone."""


@dataclass(frozen=True)
class YahooServer:
    base: str
    certificate: str

    @property
    def env(self) -> dict[str, str]:
        """What sends a process's requests to Yahoo here."""
        bundle = dict.fromkeys(("CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"), self.certificate)
        return {"HTTPS_PROXY": self.base, "NO_PROXY": "", **bundle}

    def get(self, path: str) -> Any:
        return self._open(Request(self.base + path))  # noqa: S310 - a local server

    def control(self, path: str, body: object = None) -> Any:
        """GET without a body, else POST it as JSON; yahoo_server.py lists the paths."""
        data = None if body is None else json.dumps(body).encode()
        return self._open(Request(f"{self.base}/__control__/{path}", data=data))  # noqa: S310 - a local server

    def _open(self, request: Request) -> Any:
        with build_opener(ProxyHandler({})).open(request, timeout=10) as answer:
            return json.load(answer)


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[str]:
    """DATABASE_URL of an empty database on the engine that the tests run on."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite:///{tmp_path / 'own.sqlite3'}"
        return
    name = f"own_{os.getpid()}_{tmp_path.name[-8:]}".lower().replace("-", "_")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
        server.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="session")
def yahoo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[YahooServer]:
    tls = tmp_path_factory.mktemp("tls")
    command = [sys.executable, str(FOLDER / "yahoo_server.py"), "--port", "0", "--tls-dir", str(tls),
               "--data", str(FOLDER / "data" / "dev")]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own server
        try:
            assert process.stdout is not None
            ready = re.search(r"http://\S+", process.stdout.readline())
            assert ready, "the stand-in did not start"
            yield YahooServer(ready[0], str(tls / "ca.pem"))
        finally:
            process.kill()


@pytest.fixture
def product(yahoo_server: YahooServer, own_database: str, tmp_path: Path) -> Iterator[Installation]:
    """With nothing stored yet; what it asks Yahoo for, the stand-in answers."""
    installation = Installation(tmp_path, {**yahoo_server.env, "DATABASE_URL": own_database})
    assert installation.manage("migrate", "--verbosity", "0")[0] == 0
    yield installation
    yahoo_server.control("reset", {})
