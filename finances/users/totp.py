"""One-time codes as a second factor: django-otp keeps devices, refuses a code that was used, and doubles the wait after
each wrong one."""

import hashlib
import secrets
from base64 import b32encode
from math import ceil
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from finances import errors
from finances.audit.trail import record
from finances.users.lockout import LockedOut
from finances.users.models import Session, User

RECOVERY_CODES = 10
DIGITS = 6


class OtpRequired(errors.Unauthenticated):
    code = "otp_required"
    message = "This account needs a one-time code as well: send it as otp."


class OtpInvalid(errors.Unauthenticated):
    code = "otp_invalid"
    message = "The one-time code is wrong or was used before."


class OtpRefused(errors.RuleViolation):
    """OtpInvalid where the session itself is in order."""

    code = OtpInvalid.code
    message = OtpInvalid.message


class TotpEnrolled(errors.Conflict):
    code = "totp_enrolled"
    message = "One-time codes are in use already. End that first."


class TotpNotStarted(errors.Conflict):
    code = "totp_not_started"
    message = "There is nothing to confirm. Start first."


def is_enrolled(user: User) -> bool:
    return device_in_use(user) is not None


def device_in_use(user: User) -> int | None:
    """Its key; another one once the user has enrolled anew."""
    key: int | None = TOTPDevice.objects.filter(user=user, confirmed=True).values_list("pk", flat=True).first()
    return key


def prove(user: User, code: str) -> bool:
    """Whether a code proved this login; users who have enrolled need one.

    Raises OtpRequired, OtpInvalid or LockedOut.
    """
    if not is_enrolled(user):
        return False
    if not code:
        raise OtpRequired
    if not _is_right(user, code):
        raise OtpInvalid
    return True


def start(user: User) -> TOTPDevice:
    """A device that waits to be confirmed, in place of one that waited before. Raises TotpEnrolled."""
    with transaction.atomic():
        User.objects.lock(user.pk)
        if is_enrolled(user):
            raise TotpEnrolled
        TOTPDevice.objects.filter(user=user).delete()
        return TOTPDevice.objects.create(user=user, name="TOTP", confirmed=False)


def confirm(user: User, code: str, session: Any) -> list[str]:
    """Recovery codes, shown this once; `session` (an id) counts as proved from now on.

    Raises TotpNotStarted, OtpRefused, or LockedOut.
    """
    with transaction.atomic():
        User.objects.lock(user.pk)
        device = TOTPDevice.objects.filter(user=user, confirmed=False).first()
        if device is None:
            raise TotpNotStarted
        is_right = _verify(device, code)
        codes = _take_into_use(device) if is_right else []
        if is_right:
            Session.objects.filter(pk=session).mark_otp_verified(True, of=user.pk)
            record("enrol_totp", "user", user.pk, actor_id=user.pk)
    if not is_right:
        raise OtpRefused  # outside, since the device has counted the failure
    return codes


def end(user: User, *, by: User | None = None) -> None:
    """By an operator, unless somebody is named. Without codes no session counts as proved by one."""
    with transaction.atomic():
        User.objects.lock(user.pk)  # else one that is being confirmed would outlive this
        for kind in (TOTPDevice, StaticDevice):
            kind.objects.filter(user=user).delete()
        Session.objects.for_user(user).mark_otp_verified(False, of=user.pk)
        record("end_totp", "user", user.pk, actor_id=by.pk if by else None)


def enrol(user: User) -> tuple[TOTPDevice, list[str]]:
    """By an operator, in place of whatever was before: the device and its recovery codes."""
    with transaction.atomic():
        end(user)
        record("enrol_totp", "user", user.pk, actor_id=None)
        device = TOTPDevice.objects.create(user=user, name="TOTP", confirmed=False)
        return device, _take_into_use(device)


def recovery_codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def _is_right(user: User, code: str) -> bool:
    code = _bare(code)
    kind, presented = (TOTPDevice, code) if len(code) == DIGITS else (StaticDevice, _stored(code))
    # Locked: of several callers with one code a single one gets in.
    with transaction.atomic():
        device = kind.objects.select_for_update().filter(user=user, confirmed=True).first()
        return device is not None and _verify(device, presented)


def _verify(device: Any, code: str) -> bool:
    """Raises LockedOut while the device waits after a wrong code."""
    allowed, why = device.verify_is_allowed()
    if not allowed:
        seconds = (why["locked_until"] - timezone.now()).total_seconds()
        raise LockedOut(retry_after=max(1, ceil(seconds)))
    return bool(device.verify_token(_bare(code)))


def _take_into_use(device: TOTPDevice) -> list[str]:
    device.confirmed = True
    device.save()
    codes = [b32encode(secrets.token_bytes(10)).decode().lower() for _ in range(RECOVERY_CODES)]
    StaticDevice.objects.filter(user=device.user).delete()
    static = StaticDevice.objects.create(user=device.user, name="Recovery codes")
    StaticToken.objects.bulk_create(StaticToken(device=static, token=_stored(code)) for code in codes)
    return ["-".join(code[place : place + 4] for place in range(0, 16, 4)) for code in codes]


def _stored(code: str) -> str:
    """Not the code itself, but of its 80 random bits as many of a hash, which is what the column takes."""
    return b32encode(hashlib.sha256(code.encode()).digest()).decode().lower()[:16]


def _bare(code: str) -> str:
    return "".join(code.lower().replace("-", "").split())
