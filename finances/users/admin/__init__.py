"""The back office's pages for people and for what lets them in, or keeps them out."""

from finances.users.admin.failures import LoginFailuresAdmin
from finances.users.admin.grants import PersonalTokenAdmin, SessionAdmin
from finances.users.admin.people import UserAdmin
from finances.users.admin.totp import TOTPDeviceAdmin

__all__ = ["LoginFailuresAdmin", "PersonalTokenAdmin", "SessionAdmin", "TOTPDeviceAdmin", "UserAdmin"]
