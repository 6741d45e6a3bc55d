"""How many tasks the workers did, how they ended and how long they took; read by whoever answers for metrics."""

import time
from collections.abc import Sequence
from typing import Any

from celery.signals import task_postrun, task_prerun

from finances import tallies

OUTCOMES = {"SUCCESS": "done", "FAILURE": "failed", "RETRY": "put_off"}
_begun: dict[str, float] = {}


@task_prerun.connect
def _note_begun(task_id: str, **_facts: Any) -> None:
    _begun[task_id] = time.perf_counter()


@task_postrun.connect
def _note_ended(task_id: str, task: Any, state: str | None = None, **_facts: Any) -> None:
    seconds = time.perf_counter() - _begun.pop(task_id, time.perf_counter())
    if state in OUTCOMES:
        tallies.add(f"task:{task.name}:{OUTCOMES[state]}")
        tallies.add(f"task:{task.name}:ms", round(seconds * 1000))


def counts(tasks: Sequence[str]) -> dict[tuple[str, str], int]:
    """Of each (task, outcome), and of each (task, "ms")."""
    names = {(task, kind): f"task:{task}:{kind}" for task in tasks for kind in (*OUTCOMES.values(), "ms")}
    found = tallies.read(names.values())
    return {key: found[name] for key, name in names.items() if name in found}
