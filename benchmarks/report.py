"""The table, and the same as JSON."""

import os
import platform
from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.endpoints import Endpoint
from benchmarks.measuring import Block
from benchmarks.ratios import Ratio, percentile
from benchmarks.reads import BASELINE, CONTROL, LIMIT, OURS, Rounds
from benchmarks.writes import EXECUTEMANY, VALUES, Costs, Job

HEADER = (
    "endpoint", "wanted", "FastAPI / ours", "ours / ours", "ours / limit", "ours ms", "FastAPI ms", "limit ms",
    "ours p50/p95", "FastAPI p50/p95",
)  # fmt: skip
WRITES_HEADER = (
    "10,000 rows", "wanted", "values / ours", "executemany / ours", "ours ms", "values ms", "executemany ms",
)  # fmt: skip


def read_row(endpoint: Endpoint, rounds: Rounds) -> tuple[str, ...]:
    costs = {name: [block.milliseconds for block in blocks] for name, blocks in rounds.items()}
    limit = costs.get(LIMIT)
    return (
        endpoint.name,
        f"{endpoint.wanted:g}",
        str(Ratio.of(costs[BASELINE], costs[OURS])),
        str(Ratio.of(costs[CONTROL], costs[OURS])),
        str(Ratio.of(costs[OURS], limit)) if limit else "-",
        f"{median(costs[OURS]):.2f}",
        f"{median(costs[BASELINE]):.2f}",
        f"{median(limit):.2f}" if limit else "-",
        _walls(rounds[OURS]),
        _walls(rounds[BASELINE]),
    )


def write_row(job: Job, costs: Costs) -> tuple[str, ...]:
    forms = [costs.get(form) for form in (VALUES, EXECUTEMANY)]
    return (
        job.name,
        f"{job.wanted:g}",
        *(str(Ratio.of(form, costs[OURS])) if form else "-" for form in forms),
        f"{median(costs[OURS]):.0f}",
        *(f"{median(form):.0f}" if form else "-" for form in forms),
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """In Markdown, names to the left and figures to the right."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    aligned = [[line[0].ljust(widths[0]), *(map(str.rjust, line[1:], widths[1:]))] for line in lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in (aligned[0], rule, *aligned[1:]))


def as_json(rounds: Rounds) -> dict[str, list[dict[str, Any]]]:
    """Each target's rounds: requests, CPU milliseconds per request by who spent it, wall milliseconds."""
    return {name: [_block(block) for block in blocks] for name, blocks in rounds.items()}


def machine(postgres_version: str) -> dict[str, Any]:
    processors = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    ]
    return {
        "processors": processors,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgresql": postgres_version,
        "load_before": os.getloadavg(),
    }


def _walls(blocks: Sequence[Block]) -> str:
    walls = [second * 1000 for block in blocks for second in block.walls]
    return f"{percentile(walls, 0.5):.1f}/{percentile(walls, 0.95):.1f}"


def _block(block: Block) -> dict[str, Any]:
    each = 1000 / block.requests
    return {
        "requests": block.requests,
        "server_ms": round(block.server * each, 4),
        "database_ms": round(block.database * each, 4),
        "cache_ms": round(block.cache * each, 4),
        "p50_ms": round(percentile(block.walls, 0.5) * 1000, 3),
        "p95_ms": round(percentile(block.walls, 0.95) * 1000, 3),
    }
