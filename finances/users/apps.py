from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "finances.users"

    def ready(self) -> None:
        # drf-spectacular finds its extensions by their having been imported.
        from finances.users import schema  # noqa: F401
