"""Sixteen clients that write to SQLite at once: every write is done, none meets "database is locked".

python -m audit.sqlite_writers [--seconds 20]
"""

import argparse
import os
import time
from collections import Counter

from audit.product import ask, conclude, load, make_account, product
from tests.installation import Installation

WRITERS = 16


def run(served: Installation, seconds: float) -> tuple[Counter[int], int]:
    """(answers by status, writes acknowledged and not stored)"""
    account = make_account(served)
    deposit = {"type": "DEPOSIT", "trade_date": "2024-01-31", "amount": "1"}
    path = f"/accounts/{account}/transactions"
    with load(served, [("POST", path, deposit)], threads=WRITERS) as answers:
        time.sleep(seconds)
    statuses = Counter(answer.status for answer in answers)
    return statuses, statuses[201] - int(ask(served, "GET", f"{path}?limit=1").headers["x-total-count"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20)
    seconds = parser.parse_args().seconds
    os.environ.pop("DATABASE_URL", None)
    with product("writers") as served:
        statuses, lost = run(served, seconds)
    figure = f"{WRITERS} writers on SQLite for {seconds:.0f} s: {dict(statuses)}, {lost} lost"
    conclude(figure, good=set(statuses) == {201} and lost == 0)


if __name__ == "__main__":
    main()
