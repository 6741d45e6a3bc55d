from datetime import timedelta
from typing import Any

from django.utils import timezone
from factory.declarations import LazyAttribute, LazyFunction, Sequence, SubFactory
from factory.django import DjangoModelFactory

from finances.users.models import PersonalToken, User, hash_secret

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


class PersonalTokenFactory(DjangoModelFactory[PersonalToken]):
    """A token whose secret is `secret`; read-write, for another day."""

    class Meta:
        model = PersonalToken

    class Params:
        secret = Sequence(lambda number: f"fin_pat_{number}")

    user = SubFactory(UserFactory)
    name = "Script"
    token_hash = LazyAttribute(lambda token: hash_secret(token.secret))
    scope = PersonalToken.Scope.READ_WRITE
    token_version = LazyAttribute(lambda token: token.user.token_version)
    expires_at = LazyFunction(lambda: timezone.now() + timedelta(days=1))
