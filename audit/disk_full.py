"""A disk that is full: writes answer 503, reads go on, nothing is half-written, and all works once there is room.

    python -m audit.disk_full

On SQLite; the disk is full by RLIMIT_FSIZE, which lets the files of the server's processes grow no further.
"""

import os
import resource
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from audit.product import ask, conclude, make_account, product
from tests.installation import Installation

BATCH = 50
DEPOSIT = {"type": "DEPOSIT", "trade_date": "2024-01-31", "amount": "1", "note": "x" * 400}


@dataclass
class Outcome:
    full: Counter[int]
    """Statuses of writes while the disk was full."""
    bad: list[Any]
    reads: set[int]
    stored: int
    acknowledged: int
    afterwards: int
    integrity: str

    @property
    def is_good(self) -> bool:
        kept = self.stored == self.acknowledged and self.afterwards == 201 and self.integrity == "ok"
        return kept and self.full[503] > 0 and not self.bad and self.reads == {200}


def run(served: Installation) -> Outcome:
    path = f"/accounts/{make_account(served)}/transactions"
    file = Path(served.env["DATABASE_URL"].removeprefix("sqlite:///"))
    _bound(served, file.stat().st_size + 200_000)
    answers = [ask(served, "POST", f"{path}/bulk", [DEPOSIT] * BATCH) for _ in range(20)]
    reads = {ask(served, "GET", where).status for where in ("/accounts", path, "/users/me")}
    stored = int(ask(served, "GET", f"{path}?limit=1").headers["x-total-count"])
    _bound(served, resource.RLIM_INFINITY)
    return Outcome(
        full=Counter(answer.status for answer in answers),
        bad=[a.body for a in answers if a.status != 201 and (a.status != 503 or "retry-after" not in a.headers)],
        reads=reads,
        stored=stored,
        acknowledged=BATCH * sum(answer.status == 201 for answer in answers),
        afterwards=ask(served, "POST", path, DEPOSIT).status,
        integrity=_integrity(file),
    )


def _bound(served: Installation, size: int) -> None:
    for pid in served.workers():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def _integrity(file: Path) -> str:
    connection = sqlite3.connect(file)
    try:
        return str(connection.execute("pragma integrity_check").fetchone()[0])
    finally:
        connection.close()


def main() -> None:
    os.environ.pop("DATABASE_URL", None)
    with product("full") as served:
        found = run(served)
    figure = f"disk full: writes {dict(found.full)}, reads {sorted(found.reads)}, afterwards {found.afterwards}"
    counts = f"{found.stored} of {found.acknowledged} acknowledged rows stored, integrity {found.integrity}"
    conclude(f"{figure}; {counts} {found.bad[:2] or ''}", good=found.is_good)


if __name__ == "__main__":
    main()
