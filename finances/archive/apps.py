from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    name = "finances.archive"
    label = "archive"
