from typing import Any

from factory.declarations import Sequence
from factory.django import DjangoModelFactory

from finances.users.models import User

PASSWORD = "correct horse battery staple"


class UserFactory(DjangoModelFactory[User]):
    """A user whose password is PASSWORD, or the `password` given."""

    class Meta:
        model = User

    email = Sequence(lambda number: f"user{number}@example.test")
    password = PASSWORD

    @classmethod
    def _build(cls, model_class: type[User], *args: Any, password: str, **fields: Any) -> User:
        user = model_class(**fields)
        user.set_password(password)
        return user

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **fields: Any) -> User:
        user = cls._build(model_class, *args, **fields)
        user.save(force_insert=True)
        return user
