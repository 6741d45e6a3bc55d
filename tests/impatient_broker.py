"""Settings of a process of tests: what a killed worker had taken is soon given to another."""

from config.settings import *  # noqa: F403

CELERY_VISIBILITY_TIMEOUT = 5
