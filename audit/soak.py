"""Mixed load for a long time: no 5xx, and memory that does not grow.

    python -m audit.soak [--minutes 30]

Growth is of the resident memory of all worker processes, from the end of the first tenth to the end.
"""

import argparse
import time
from collections import Counter
from pathlib import Path

from audit.product import Answer, ask, conclude, load, make_account, product
from tests.installation import Installation

GROWTH = 0.10
READS = ("/accounts", "/holdings", "/users/me", "/securities", "/securities/DEMO-GROWTH/prices?limit=1000",
         "/portfolio/net-worth?as_of=2024-06-30", "/portfolio/history?start_date=2024-01-01&end_date=2024-06-30",
         "/currencies", "/securities/search?query=demo", "/transactions?limit=100", "/users/me/nowhere")  # fmt: skip


def run(served: Installation, minutes: float) -> tuple[Counter[int], int, int]:
    """(answers by status, bytes resident after the first tenth, at the end)"""
    account = make_account(served, account_type="INVESTMENT")
    assert ask(served, "POST", "/securities/DEMO-GROWTH/sync").status == 200
    with load(served, _requests(account)) as answers:
        time.sleep(6 * minutes)
        early = _resident(served)
        statuses = _drain(answers, 54 * minutes)
    return statuses + Counter(answer.status for answer in answers), early, _resident(served)


def _requests(account: str) -> list[tuple[str, str, object]]:
    buy = {"type": "BUY", "symbol": "DEMO-GROWTH", "trade_date": "2024-01-31", "quantity": "1", "unit_price": "9"}
    reads: list[tuple[str, str, object]] = [("GET", path, None) for path in READS]
    # The same rows again and again: what grows then is the server, not its answers.
    writes: list[tuple[str, str, object]] = [
        ("PUT", f"/accounts/{account}/values/2024-01-31", {"value": "7"}),
        ("PATCH", f"/accounts/{account}", {"name": "Renamed"}),
        ("POST", f"/accounts/{account}/transactions", {**buy, "external_id": "one"}),
    ]
    return [*reads, *writes]


def _drain(answers: list[Answer], seconds: float) -> Counter[int]:
    """Count them while they come, so that this process does not grow either."""
    statuses: Counter[int] = Counter()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(1)
        done = len(answers)
        statuses.update(answer.status for answer in answers[:done])
        del answers[:done]
    return statuses


def _resident(served: Installation) -> int:
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in served.workers())
    return 4096 * sum(pages)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    minutes = parser.parse_args().minutes
    with product("soak") as served:
        statuses, early, late = run(served, minutes)
    growth = late / early - 1
    figure = f"{minutes:g} minutes of mixed load, answers {dict(sorted(statuses.items()))}: resident memory"
    bad = [status for status in statuses if status >= 500 or status == 0]
    conclude(f"{figure} {early >> 20} -> {late >> 20} MiB ({growth:+.1%})", good=not bad and growth < GROWTH)


if __name__ == "__main__":
    main()
