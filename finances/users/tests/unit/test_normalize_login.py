import pytest

from finances.users.models import User, normalize_login


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("ALICE@Example.TEST", "alice@example.test"),
        (" alice@example.test ", "alice@example.test"),
        ("ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｔｅｓｔ", "alice@example.test"),  # noqa: RUF001
        ("ﬁona@example.test", "fiona@example.test"),
        ("STRASSE@example.test", "strasse@example.test"),
        ("straße@example.test", "strasse@example.test"),
        ("rene\u0301@example.test", "ren\u00e9@example.test"),
    ],
)
def test_normalize_login(typed: str, stored: str) -> None:
    assert normalize_login(typed) == stored
    assert normalize_login(stored) == stored


def test_normalize_login_dotless_i_is_another_letter() -> None:
    assert normalize_login("mıke@example.test") != normalize_login("mike@example.test")


def test_normalize_username_is_normalize_login() -> None:
    user = User(email="ALICE@Example.TEST")
    user.clean()
    assert user.email == "alice@example.test"
