"""Two PATCHes of one account at the same time, to different fields: both are kept.

python -m audit.patch_pairs [--count 10000]
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from audit.product import ask, conclude, make_account, product
from tests.installation import Installation

AT_ONCE = 4
"""Accounts that are patched at the same time."""


def run(served: Installation, pairs: int) -> tuple[int, list[Any]]:
    """(lost updates, unexpected answers)"""
    with ThreadPoolExecutor(2 * AT_ONCE) as threads:
        accounts = [make_account(served) for _ in range(AT_ONCE)]
        lost, unexpected = 0, []
        for first in range(0, pairs, AT_ONCE):
            wanted = dict.fromkeys(accounts[: pairs - first], (f"name {first}", f"0.{first:06}"))
            changes = [
                (f"/accounts/{account}", {field: value})
                for account, values in wanted.items()
                for field, value in zip(("name", "interest_rate"), values, strict=True)
            ]
            answers = list(threads.map(lambda change: ask(served, "PATCH", *change), changes))
            unexpected += [(answer.status, answer.body) for answer in answers if answer.status != 200]
            rows = {row["id"]: row for row in ask(served, "GET", "/accounts").body}
            lost += sum(
                rows[account]["name"] != name or float(rows[account]["interest_rate"]) != float(rate)
                for account, (name, rate) in wanted.items()
            )
    return lost, unexpected


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    pairs = parser.parse_args().count
    with product("patches") as served:
        lost, unexpected = run(served, pairs)
    figure = f"{pairs} parallel PATCH pairs: {lost} lost updates; unexpected: {unexpected[:3] or 'nothing'}"
    conclude(figure, good=not (lost or unexpected))


if __name__ == "__main__":
    main()
