"""What a profile may hold: currencies of ISO 4217, time zones of the IANA database."""

import zoneinfo
from functools import cache

import iso4217
from django.core.exceptions import ValidationError


def validate_currency(code: str) -> None:
    """Raises ValidationError unless `code` is an ISO 4217 code, in capitals."""
    try:
        iso4217.Currency(code)
    except ValueError as error:
        raise ValidationError("This is not an ISO 4217 currency code.", code="unknown_currency") from error


def validate_time_zone(key: str) -> None:
    """Raises ValidationError unless `key` names a zone of the IANA database, such as Europe/Vienna."""
    if key not in _time_zones():
        raise ValidationError("This is not an IANA time zone.", code="unknown_time_zone")


@cache
def _time_zones() -> set[str]:
    # Listing them reads a directory tree: once is enough.
    return zoneinfo.available_timezones()
