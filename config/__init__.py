# Tasks find their broker through the app, so it is there whenever Django is.
from config.celery import app as celery_app

__all__ = ["celery_app"]
