"""Redis killed under load, and started again: no 5xx on data, and logins go on.

    python -m audit.redis_stop [--count 5]

It runs a Redis of its own.
"""

import argparse
import time
from collections import Counter

from audit.product import Answer, ask, conclude, load, make_account, product
from audit.services import own_redis
from tests.installation import PASSWORD

READS = ("/accounts", "/users/me", "/securities", "/portfolio/net-worth", "/holdings", "/currencies/EUR")


def run(stops: int) -> tuple[list[Answer], list[int]]:
    """(all answers, the statuses of logins without Redis)"""
    with own_redis() as redis, product("redis", {"REDIS_URL": redis.url}) as served:
        account = make_account(served)
        value = {"value": "7"}
        requests = [*(("GET", path, None) for path in READS), ("PUT", f"/accounts/{account}/values/2024-01-31", value)]
        found: list[Answer] = []
        logins: list[int] = []
        for _ in range(stops):
            with load(served, requests) as answers:
                time.sleep(0.4)
                redis.kill()
                pair = {"email": "someone@example.test", "password": PASSWORD}
                logins.append(ask(served, "POST", "/auth/login", pair, token="").status)
                time.sleep(0.6)
                redis.start()
                time.sleep(0.4)
            found += answers
        return found, logins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5)
    stops = parser.parse_args().count
    answers, logins = run(stops)
    statuses = Counter(answer.status for answer in answers)
    slowest = max(answer.seconds for answer in answers)
    figure = f"Redis killed {stops} times under load: {dict(statuses)}, slowest {slowest:.1f} s, logins {logins}"
    conclude(figure, good=set(logins) == {200} and set(statuses) <= {200, 201})


if __name__ == "__main__":
    main()
