"""Answers that are kept while others write: what has been committed is in every answer that is asked for after it.

Two server processes keep answers. Several people change what they own at either, and read it at both; a command renames
a security, and everybody reads that, too. Beside them others read the same over and over, so that answers are kept
and outdated at every moment.

python -m audit.repeats [--seconds 60]
"""

import argparse
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, cycle
from itertools import product as pairs
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from audit.product import ask, conclude, product
from tests.installation import PASSWORD, Installation

PEOPLE = 3
READERS = 3
TOKEN = "metrics-of-the-audit"  # noqa: S105 - of a server that ends with the audit
RENAME = """
import sys
from currencies.models import Currency
from securities.models import Security
row = Security.objects.create(symbol="ACME", name="0", currency=Currency.objects.get(pk="USD"), quote_unit="USD",
                              time_zone="UTC")
for number in iter(sys.stdin.readline, ""):
    Security.objects.filter(pk=row.pk).update(name=number.strip())
    print(number, end="", flush=True)
"""


@dataclass
class Person:
    token: str
    account: str


Servers = list[Installation]
Stale = list[tuple[str, Any, Any]]


def sign_up(servers: Servers, number: int) -> Person:
    secret = {"email": f"person{number}@example.test", "password": PASSWORD}
    ask(servers[0], "POST", "/auth/register", secret)
    token = ask(servers[0], "POST", "/auth/login", secret).body["access_token"]
    fields = {"name": "0", "account_type": "INVESTMENT"}
    return Person(token, ask(servers[0], "POST", "/accounts", fields, token=token).body["id"])


def change_and_read(servers: Servers, person: Person, until: float) -> tuple[int, Stale]:
    """(answers read after a write, those that did not know of it)"""
    read = 0
    stale: Stale = []
    for number in count(1):
        if time.monotonic() > until:
            return read, stale
        name, value = str(number), f"{number}.00"
        path, values = f"/accounts/{person.account}", f"/accounts/{person.account}/values"
        ask(servers[number % 2], "PATCH", path, {"name": name}, token=person.token)
        ask(servers[number // 2 % 2], "PUT", f"{values}/2024-01-31", {"value": value}, token=person.token)
        for server in servers:
            found = [
                ask(server, "GET", path, token=person.token).body["name"],
                ask(server, "GET", "/accounts", token=person.token).body[0]["latest_value"],
                ask(server, "GET", values, token=person.token).body[0]["value"],
            ]
            read += len(found)
            stale += [(path, *pair) for pair in zip([name, value, value], found, strict=True) if pair[0] != pair[1]]
    raise AssertionError


def rename_and_read(servers: Servers, people: list[Person], until: float) -> tuple[int, Stale]:
    read = 0
    stale: Stale = []
    with _renaming(servers[0]) as rename:
        for number in count(1):
            if time.monotonic() > until:
                return read, stale
            rename(number)
            for server in servers:
                for person in people:
                    found = ask(server, "GET", "/securities/ACME", token=person.token).body["name"]
                    read += 1
                    stale += [("ACME", str(number), found)] if found != str(number) else []
    raise AssertionError


@contextmanager
def _renaming(served: Installation) -> Iterator[Callable[[int], None]]:
    """A function that returns when a process of its own has given the security a name, and committed it."""
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "bufsize": 1}
    process: Any
    with served.start("manage.py", "shell", "--verbosity", "0", "--command", RENAME, **pipes) as process:

        def rename(number: int) -> None:
            process.stdin.write(f"{number}\n")
            process.stdout.readline()

        rename(0)
        yield rename
        process.stdin.close()


def read_on(servers: Servers, people: list[Person], until: float) -> None:
    for person, server in cycle(pairs(people, servers)):
        if time.monotonic() > until:
            return
        for path in (f"/accounts/{person.account}", "/accounts", "/securities/ACME"):
            ask(server, "GET", path, token=person.token)


def repeated(server: Installation) -> int:
    """How many answers it has sent again."""
    request = Request(f"{server.base}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})  # noqa: S310 - our server
    with build_opener(ProxyHandler({})).open(request, timeout=60) as answer:
        return sum(
            int(float(number))
            for number in re.findall(r"^finances_answers_repeated_total\{.*\} (\S+)$", answer.read().decode(), re.M)
        )


def run(servers: Servers, seconds: float) -> tuple[int, Stale]:
    people = [sign_up(servers, number) for number in range(PEOPLE)]
    until = time.monotonic() + seconds
    with ThreadPoolExecutor(PEOPLE + READERS + 1) as threads:
        readers = [threads.submit(read_on, servers, people, until) for _ in range(READERS)]
        checks = [threads.submit(change_and_read, servers, person, until) for person in people]
        checks.append(threads.submit(rename_and_read, servers, people, until))
        done = [check.result() for check in checks]
        for reader in readers:
            reader.result()
    return sum(read for read, _ in done), [one for _, stale in done for one in stale]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    seconds = parser.parse_args().seconds
    with product("repeats", {"METRICS_TOKEN": TOKEN, "THROTTLE_USER": "1000000/min"}) as served:
        second = Installation(served.folder, served.extra_env)
        second.serve()
        try:
            read, stale = run([served, second], seconds)
            again = repeated(served) + repeated(second)
        finally:
            second.stop()
    figure = f"{read} answers read after a write, {again} of all sent again; outdated: {stale[:3] or 'none'}"
    conclude(figure, good=bool(again) and not stale)


if __name__ == "__main__":
    main()
