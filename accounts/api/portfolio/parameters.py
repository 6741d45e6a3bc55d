"""The query strings of the portfolio's endpoints."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.models import Account
from accounts.portfolio.allocation import GROUPERS
from accounts.portfolio.history import days_of
from currencies.models import Currency
from finances.api.exceptions import InvalidParameters
from finances.api.fields import CurrencyCodeField, KnownAtField, StrictDateField
from finances.api.parameters import DateRange, read_parameters
from finances.users.models import User
from finances.users.requests import SignedInRequest

MAX_ROWS = 20_000
MAX_ACCOUNTS = 100
UNKNOWN_ACCOUNT = ErrorDetail("This does not exist.", "does_not_exist")


@extend_schema_field({"type": "string", "maxLength": 3_700, "example": "52c5b1a0-8f5c-4b53-b1ef-0d7b0f8f8e11"})
class AccountIdsField(serializers.Field[list[UUID], Any, str, Any]):
    """Ids of one's own accounts, with commas between."""

    default_error_messages = {"does_not_exist": "This does not exist.", "max_length": "These are too many."}

    def to_internal_value(self, data: Any) -> list[UUID]:
        if not isinstance(data, str):
            self.fail("does_not_exist")
        texts = data.split(",")
        if len(texts) > MAX_ACCOUNTS:
            self.fail("max_length")
        try:
            return [UUID(text.strip()) for text in texts]
        except ValueError:
            self.fail("does_not_exist")

    def to_representation(self, value: list[UUID]) -> str:
        return ",".join(map(str, value))


class PortfolioParameters(serializers.Serializer[Any]):
    base = CurrencyCodeField(
        queryset=Currency.objects.all(), required=False, help_text="Code of the reporting currency; default: yours."
    )
    accounts = AccountIdsField(required=False, help_text="Only these accounts: ids with commas; default: all of yours.")
    known_at = KnownAtField()


class DayParameters(PortfolioParameters):
    as_of = StrictDateField(
        required=False, help_text="At the end of this day; default: today in your time zone, or the day of known_at."
    )


class AllocationParameters(DayParameters):
    by = serializers.ChoiceField(sorted(GROUPERS), help_text="What assets are grouped by.")


class RangeParameters(PortfolioParameters, DateRange):
    """Without start_date the year before end_date, without end_date up to today or the day of known_at."""


class HistoryParameters(RangeParameters):
    interval = serializers.ChoiceField(
        ["day", "week", "month"], default="day", help_text="Weeks and months stand at their last day (Sunday)."
    )
    by = serializers.ChoiceField(["account"], required=False, help_text="`account`: each account's worth, too.")


def read_day(request: SignedInRequest, parameters: type[DayParameters] = DayParameters) -> dict[str, Any]:
    """Raises InvalidParameters (422)."""
    wanted = read_scope(request, parameters)
    as_of = wanted.pop("as_of", None)
    return wanted | {"as_of": as_of or last_day(request.user, wanted["known_at"])}


def read_range(request: SignedInRequest, parameters: type[RangeParameters] = RangeParameters) -> dict[str, Any]:
    """Raises InvalidParameters (422), StartAfterEnd (400)."""
    wanted = read_scope(request, parameters)
    start, end = wanted.pop("start_date", None), wanted.pop("end_date", None)
    end = end or max(last_day(request.user, wanted["known_at"]), start or date.min)
    start = start or date.fromordinal(max(1, (end - timedelta(days=365)).toordinal()))
    if len(days_of(start, end, wanted.get("interval", "day"))) > MAX_ROWS:
        too_long = ErrorDetail(f"This makes more than {MAX_ROWS} rows.", "range_too_long")
        raise InvalidParameters({"start_date": [too_long]})
    return wanted | {"start": start, "end": end}


def read_scope(request: SignedInRequest, parameters: type[PortfolioParameters]) -> dict[str, Any]:
    wanted = read_parameters(parameters, request)
    base, keys = wanted.pop("base", None), wanted.pop("accounts", None)
    if keys is not None and Account.objects.for_user(request.user).filter(pk__in=keys).count() != len(set(keys)):
        raise InvalidParameters({"accounts": [UNKNOWN_ACCOUNT]})
    known_at = wanted.pop("known_at", None)
    code = base.pk if base is not None else request.user.base_currency
    return wanted | {"base": code, "account_ids": keys, "known_at": known_at}


def last_day(user: User, known_at: datetime | None) -> date:
    """Today where the user lives, or what was today at `known_at`."""
    return (known_at or timezone.now()).astimezone(ZoneInfo(user.time_zone)).date()
