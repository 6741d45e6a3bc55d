import pytest

from finances.users.models import User

PERSON = User()
STAFF = User(is_staff=True)
SUPERUSER = User(is_staff=True, is_superuser=True)


@pytest.mark.parametrize(
    ("user", "actor", "manageable"),
    [
        (PERSON, STAFF, True),
        (STAFF, STAFF, False),
        (SUPERUSER, STAFF, False),
        (User(is_superuser=True), STAFF, False),
        (PERSON, SUPERUSER, True),
        (STAFF, SUPERUSER, True),
        (SUPERUSER, SUPERUSER, True),
    ],
)
def test_is_manageable_by(user: User, actor: User, manageable: bool) -> None:
    assert user.is_manageable_by(actor) is manageable
