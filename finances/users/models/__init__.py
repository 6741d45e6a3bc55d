from finances.users.models.email_token import EmailToken
from finances.users.models.login_failures import LoginFailures
from finances.users.models.personal_token import PersonalToken, hash_secret
from finances.users.models.session import Session, SessionQuerySet
from finances.users.models.user import User, UserManager, UserQuerySet, normalize_login

__all__ = [
    "EmailToken",
    "LoginFailures",
    "PersonalToken",
    "Session",
    "SessionQuerySet",
    "User",
    "UserManager",
    "UserQuerySet",
    "hash_secret",
    "normalize_login",
]
