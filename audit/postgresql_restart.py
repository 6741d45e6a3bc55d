"""PostgreSQL stopped and started again under load: 503 with Retry-After meanwhile, and good answers once it is back.

    python -m audit.postgresql_restart [--count 10]

It runs a PostgreSQL of its own. Every other restart is a crash; every third time PostgreSQL is gone for two seconds.
"""

import argparse
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from audit.product import ENVIRONMENT, Answer, conclude, failures, load, make_account, prepare, transactions_of
from audit.services import PostgreSQL, own_postgresql
from tests.installation import Installation


@dataclass
class Outcome:
    statuses: Counter[int] = field(default_factory=Counter)
    bad: list[Answer] = field(default_factory=list)
    late: list[Answer] = field(default_factory=list)
    """5xx to what was sent when PostgreSQL had accepted connections again."""
    acknowledged: set[str] = field(default_factory=set)
    """Writes, by the id in their answers."""
    lost: int = 0

    @property
    def is_good(self) -> bool:
        return not (self.bad or self.late or self.lost) and self.statuses[503] > 0


def run(restarts: int) -> Outcome:
    outcome = Outcome()
    with TemporaryDirectory() as folder, own_postgresql() as database:
        served = Installation(Path(folder), {**ENVIRONMENT, "DATABASE_URL": database.url, "REDIS_URL": ""})
        prepare(served)
        served.serve()
        try:
            account = make_account(served)
            path = f"/accounts/{account}/transactions"
            for number in range(restarts):
                _restart(served, database, path, outcome, number)
            outcome.lost = len(outcome.acknowledged - {row["id"] for row in transactions_of(served, account)})
        finally:
            served.stop()
    return outcome


def _restart(served: Installation, database: PostgreSQL, path: str, outcome: Outcome, number: int) -> None:
    deposit: Any = {"type": "DEPOSIT", "trade_date": "2024-01-31", "amount": "1"}
    reads = [("GET", where, None) for where in ("/accounts", "/users/me", "/portfolio/net-worth")]
    with load(served, [*reads, ("POST", path, deposit)]) as answers:
        time.sleep(0.5)
        database.stop("immediate" if number % 2 else "fast")
        time.sleep(2 if number % 3 == 0 else 0)
        database.start()
        back_at = time.monotonic()
        time.sleep(1.5)
    outcome.statuses.update(answer.status for answer in answers)
    outcome.bad += failures(answers)
    outcome.late += [answer for answer in answers if answer.sent_at > back_at and answer.status >= 500]
    outcome.acknowledged |= {answer.body["id"] for answer in answers if answer.status == 201}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10)
    restarts = parser.parse_args().count
    found = run(restarts)
    what = f"{restarts} restarts under load, answers by status {dict(sorted(found.statuses.items()))}"
    bad = [(answer.status, round(answer.seconds, 2)) for answer in (*found.bad, *found.late)][:5]
    figure = f"{what}: {len(found.bad)} bad, {len(found.late)} 5xx once it was back, {found.lost} writes lost"
    conclude(f"{figure} {bad or ''}", good=found.is_good)


if __name__ == "__main__":
    main()
