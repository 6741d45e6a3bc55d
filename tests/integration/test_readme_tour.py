"""Every line of the README's tour, run as it stands against a server of its own: on SQLite, or on PostgreSQL and Redis
where the tests run there."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import YahooServer
from tests.installation import ROOT, Installation

BLOCKS = re.findall(r"^```bash\n(.*?)^```", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)


class Shell:
    """One bash that is told line after line, so that variables last."""

    def __init__(self) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        self.process = subprocess.Popen(["bash"], text=True, **pipes)  # type: ignore[call-overload]  # noqa: S607

    def run(self, line: str) -> tuple[int, str]:
        """(exit status, what was printed)."""
        self.process.stdin.write(f"{line}\nprintf '\\n~~%s\\n' $?\n")
        self.process.stdin.flush()
        printed: list[str] = []
        for answered in self.process.stdout:
            if answered.startswith("~~"):
                return int(answered[2:]), "".join(printed)
            printed.append(answered)
        raise AssertionError("the shell ended")

    def close(self) -> None:
        self.process.communicate(timeout=10)


@pytest.fixture
def product(yahoo_server: YahooServer, own_database: str, tmp_path: Path) -> Iterator[Installation]:
    mails = {"EMAIL_URL": f"filemail://{tmp_path / 'mails'}", "DATABASE_URL": own_database}
    # As `make run`: no worker beside it would take mail from a broker.
    installation = Installation(tmp_path, {**yahoo_server.env, **mails, "CELERY_BROKER_URL": ""})
    installation.serve_prepared()
    yield installation
    installation.stop()


def next_token(folder: Path, used: set[str]) -> str:
    """The newest mail's token; mails are sent in the background."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for path in sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True):
            for token in re.findall(r"^\s*([A-Za-z0-9_-]{40,60})\s*$", path.read_text(), re.MULTILINE):
                if token not in used:
                    used.add(token)
                    return str(token)
        time.sleep(0.1)
    raise AssertionError("no mail with a token came")


def test_each_line_of_the_tour_works(product: Installation, tmp_path: Path) -> None:
    shell, used = Shell(), set[str]()
    try:
        for line in (line for block in BLOCKS for line in block.splitlines()):
            line = line.replace("http://127.0.0.1:8000", product.base)
            line = line.replace("<password of staff>", product.staff_password)
            if "<token from the mail>" in line:
                line = line.replace("<token from the mail>", next_token(tmp_path / "mails", used))
            status, printed = shell.run(line)
            assert status == 0, f"{line}\n{printed}"
    finally:
        shell.close()


def test_the_tour_calls_every_path() -> None:
    """Each path of the API document, whatever stands for its parameters."""
    document = (ROOT / "docs/openapi.yaml").read_text()
    paths = re.findall(r"^  /api/v1(/\S+):$", document, re.MULTILINE)
    called = re.findall(r"\$API(/[^\s\"?]+)", "".join(BLOCKS))

    patterns = {path: re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + r"\Z") for path in paths}
    assert len(paths) > 30
    assert [path for path, pattern in patterns.items() if not any(map(pattern.match, called))] == []
