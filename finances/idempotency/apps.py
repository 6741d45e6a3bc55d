from django.apps import AppConfig


class IdempotencyConfig(AppConfig):
    name = "finances.idempotency"
