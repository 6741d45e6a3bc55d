"""The server killed by signal 9 under write load: nothing that was acknowledged is lost, nothing is there twice.

python -m audit.kills [--count 200]
"""

import argparse
import random
import time
from itertools import count
from threading import Thread
from typing import Any

from audit.product import REFUSED, ask, conclude, make_account, product, transactions_of
from tests.installation import Installation

WRITERS = 4
DEPOSIT = {"type": "DEPOSIT", "trade_date": "2024-01-31", "amount": "1.01"}


class Writer:
    """Posts deposits, each with a key of its own, and again with it when nobody has answered: as a careful client does.

    Its note tells which it was. One that is answered twice was replayed.
    """

    def __init__(self, served: Installation, account: str, name: str) -> None:
        self.acknowledged: set[str] = set()
        self.unexpected: list[Any] = []
        self.running = True
        self._served, self._path, self._name = served, f"/accounts/{account}/transactions", name

    def work(self) -> None:
        for number in count():
            if not self.running:
                return
            self._post(f"{self._name}-{number}")

    def _post(self, name: str) -> None:
        while self.running:
            answer = ask(self._served, "POST", self._path, {**DEPOSIT, "note": name}, key=name)
            if answer.status == 201:
                self.acknowledged.add(name)
                return
            if answer.status != REFUSED and not (answer.status == 409 and answer.body["code"] == "in_progress"):
                self.unexpected.append((answer.status, answer.body))
                return
            time.sleep(0.02)


def run(served: Installation, kills: int) -> tuple[int, int, int, list[Any]]:
    """(writes acknowledged, of these lost, doubled, unexpected answers)"""
    account = make_account(served)
    writers = [Writer(served, account, str(number)) for number in range(WRITERS)]
    threads = [Thread(target=writer.work) for writer in writers]
    for thread in threads:
        thread.start()
    for _ in range(kills):
        time.sleep(random.uniform(0.1, 1))  # noqa: S311
        served.kill()
        served.restart()
    for writer in writers:
        writer.running = False
    for thread in threads:
        thread.join()
    stored = [row["note"] for row in transactions_of(served, account)]
    acknowledged = set().union(*(writer.acknowledged for writer in writers))
    unexpected = [answer for writer in writers for answer in writer.unexpected]
    unexpected += _cash_that_is_not_the_sum(served, account, len(stored))
    return len(acknowledged), len(acknowledged - set(stored)), len(stored) - len(set(stored)), unexpected


def _cash_that_is_not_the_sum(served: Installation, account: str, deposits: int) -> list[Any]:
    cash = ask(served, "GET", f"/accounts/{account}/cash").body
    cents = 101 * deposits
    return [] if f"{cents // 100}.{cents % 100:02}" in str(cash) else [cash]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=200)
    kills = parser.parse_args().count
    with product("kills") as served:
        acknowledged, lost, doubled, unexpected = run(served, kills)
    figure = f"{kills} SIGKILLs, {acknowledged} writes acknowledged: {lost} lost, {doubled} doubled"
    conclude(f"{figure}; unexpected: {unexpected[:3] or 'nothing'}", good=not (lost or doubled or unexpected))


if __name__ == "__main__":
    main()
