"""`python -m benchmarks`: make the data, start both servers, measure in turn, print the table and write JSON."""

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import redis

from benchmarks import report
from benchmarks.dataset import databases
from benchmarks.endpoints import ENDPOINTS
from benchmarks.environment import BASELINE_PYTHON, Environment
from benchmarks.measuring import Meter
from benchmarks.reads import running
from benchmarks.size import Size
from benchmarks.writes import measure_writes

RESULTS = Path(__file__).with_name("results")


def main() -> None:
    # Ends like Ctrl-C, so that servers and databases go with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    wanted = _arguments()
    if not Path(BASELINE_PYTHON).exists():
        sys.exit("The baseline's environment is missing: start this with `make bench`.")
    environment, size = Environment(lean=wanted.lean, anew=wanted.anew), Size.scaled(wanted.scale, wanted.securities)
    print(f"{size}: making the databases, or finding them...", flush=True)
    with databases(environment, size, keep=wanted.keep) as names, _meter(environment) as meter:
        facts: dict[str, Any] = {
            "size": vars(size),
            "rounds": wanted.rounds,
            "lean": wanted.lean,
            "anew": wanted.anew,
            "seconds": wanted.seconds,
        }
        facts["machine"] = report.machine(_version(meter.cluster))
        if "reads" in wanted.parts:
            facts["reads"] = _reads(environment, names, meter, wanted)
        if "writes" in wanted.parts:
            facts["writes"] = _writes(environment, names, meter, wanted)
    _save(facts, wanted.output)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--scale", type=int, default=1, help="times the data of the first size (bars: up to 20 M)")
    parser.add_argument(
        "--securities", type=int, help="how many securities there are, instead of 2,000 times the scale"
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1.0, help="about how long a target is asked in each round")
    parser.add_argument("--only", default="", help="endpoints whose name holds this")
    parser.add_argument("--parts", nargs="+", choices=["reads", "writes"], default=["reads", "writes"])
    parser.add_argument("--lean", action="store_true", help="a baseline whose log is pared down")
    parser.add_argument("--anew", action="store_true", help="ours repeats no answer, but makes each anew")
    parser.add_argument("--keep", action="store_true", help="keep the databases for the next run of the same size")
    parser.add_argument("--output", type=Path, help="where the JSON goes, instead of benchmarks/results/<time>.json")
    return parser.parse_args()


@contextmanager
def _meter(environment: Environment) -> Iterator[Meter]:
    cache = redis.Redis.from_url(environment.redis, decode_responses=True)
    with psycopg.connect(environment.postgres, autocommit=True) as cluster:
        try:
            yield Meter(cluster, cache)
        finally:
            for key in cache.scan_iter(f"{environment.cache_prefix}:*", count=1000):
                cache.unlink(key)


def _reads(
    environment: Environment, names: tuple[str, str], meter: Meter, wanted: argparse.Namespace
) -> dict[str, Any]:
    rows, facts = [], {}
    with running(environment, names, meter) as reads:
        for endpoint in ENDPOINTS:
            if wanted.only in endpoint.name:
                print(f"{endpoint.name}...", file=sys.stderr, flush=True)
                rounds = reads.measure(endpoint, rounds=wanted.rounds, seconds=wanted.seconds)
                rows.append(report.read_row(endpoint, rounds))
                facts[endpoint.name] = report.as_json(rounds)
    print(report.table(report.HEADER, rows), flush=True)
    return facts


def _writes(
    environment: Environment, names: tuple[str, str], meter: Meter, wanted: argparse.Namespace
) -> dict[str, Any]:
    print("writes...", file=sys.stderr, flush=True)
    measured = measure_writes(environment, names, meter.cluster, rounds=wanted.rounds)
    rows = [report.write_row(job, costs) for job, costs in measured.items()]
    print(report.table(report.WRITES_HEADER, rows), flush=True)
    return {job.name: costs for job, costs in measured.items()}


def _version(cluster: psycopg.Connection) -> str:
    return str(cluster.info.parameter_status("server_version"))


def _save(facts: dict[str, Any], output: Path | None) -> None:
    path = output or RESULTS / f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(facts, indent=1) + "\n")
    print(f"Written to {path}")


if __name__ == "__main__":
    main()
