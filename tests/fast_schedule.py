"""Settings of a process of tests whose schedule has one job, every PERIOD seconds, that notes when it ran."""

import os
import time
from pathlib import Path

from config.settings import *  # noqa: F403

PERIOD = 3
SCHEDULE = {"note": (f"{__name__}.note", PERIOD)}


def note() -> None:
    with Path(os.environ["NOTES"]).open("a") as notes:
        notes.write(f"{time.time()}\n")
