"""One refresh token used by several at once: exactly one gets a successor. Used again later, it ends its session.

python -m audit.refresh_race [--trials 1000]
"""

import argparse
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from audit.product import Answer, ask, conclude, product
from tests.installation import PASSWORD, Installation

AT_ONCE = 4
GRACE = 10
PAIR = {"email": "someone@example.test", "password": PASSWORD}


def run(served: Installation, trials: int, *, replay: bool = True) -> tuple[Counter[int], list[int]]:
    """(how many trials had how many successors, the statuses of a replay: replayed, its successor afterwards)"""
    successors: Counter[int] = Counter()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        token = ask(served, "POST", "/auth/login", PAIR, token="").body["refresh_token"]
        for _ in range(trials):
            answers = list(threads.map(lambda _, sent=token: _refresh(served, sent), range(AT_ONCE)))
            won = [answer for answer in answers if answer.status == 200]
            successors[len(won) if {answer.status for answer in answers} <= {200, 401} else -1] += 1
            if len(won) != 1:
                break
            used, token = token, won[0].body["refresh_token"]
        return successors, _replay(served, used, token) if replay else []


def _refresh(served: Installation, token: str) -> Answer:
    return ask(served, "POST", "/auth/refresh", {"refresh_token": token}, token="")


def _replay(served: Installation, used: str, newest: str) -> list[int]:
    time.sleep(GRACE + 1)
    return [_refresh(served, used).status, _refresh(served, newest).status]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    trials = parser.parse_args().trials
    with product("refresh") as served:
        successors, replay = run(served, trials)
    figure = f"{trials} tokens, each used {AT_ONCE} times at once: successors {dict(successors)}; replay {replay}"
    conclude(figure, good=successors == {1: trials} and replay == [401, 401])


if __name__ == "__main__":
    main()
