"""`python -m benchmarks.login_flood EMAIL PASSWORD`: how fast reads are while 200 clients log in without a pause.

Against a server that is running, with its throttles out of the way (THROTTLE_ANON, THROTTLE_USER and THROTTLE_LOGIN
empty).
"""

import argparse
import http.client
import json
import threading
import time
from collections import Counter
from typing import Any

READERS, PAUSE = 4, 0.02


class Flood:
    def __init__(self, port: int, credentials: dict[str, str], seconds: float) -> None:
        self.port, self.credentials = port, credentials
        self.token = self._log_in(self._connect())["access_token"]
        self.until = time.monotonic() + seconds
        self.logins: Counter[int] = Counter()
        self.reads: Counter[int] = Counter()
        self.seconds: list[float] = []

    def run(self, clients: int) -> None:
        work = [self._flood] * clients + [self._read] * READERS
        threads = [threading.Thread(target=each) for each in work]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _flood(self) -> None:
        connection = self._connect()
        while time.monotonic() < self.until:
            self.logins[self._log_in(connection)["status"]] += 1

    def _read(self) -> None:
        connection, headers = self._connect(), {"Authorization": f"Bearer {self.token}"}
        while time.monotonic() < self.until:
            started = time.perf_counter()
            connection.request("GET", "/api/v1/accounts", headers=headers)
            response = connection.getresponse()
            response.read()
            self.seconds.append(time.perf_counter() - started)
            self.reads[response.status] += 1
            time.sleep(PAUSE)

    def _log_in(self, connection: http.client.HTTPConnection) -> dict[str, Any]:
        body = json.dumps(self.credentials)
        connection.request("POST", "/api/v1/auth/login", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        return answer | {"status": response.status}

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("email")
    parser.add_argument("password")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    asked = parser.parse_args()
    flood = Flood(asked.port, {"email": asked.email, "password": asked.password}, asked.seconds)
    flood.run(asked.clients)
    taken = sorted(flood.seconds)
    of = {share: f"{taken[int(len(taken) * share / 100)] * 1000:.0f} ms" for share in (50, 95, 99)}
    print(f"logins by status: {dict(flood.logins)}; reads by status: {dict(flood.reads)}; reads by percentile: {of}")


if __name__ == "__main__":
    main()
