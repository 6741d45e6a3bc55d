from finances.users.models.email_token import EmailToken
from finances.users.models.session import Session, SessionQuerySet
from finances.users.models.user import User, UserManager, UserQuerySet, normalize_login

__all__ = ["EmailToken", "Session", "SessionQuerySet", "User", "UserManager", "UserQuerySet", "normalize_login"]
