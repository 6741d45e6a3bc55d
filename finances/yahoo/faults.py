"""What can go wrong with one call, as seen inside this package; callers get `finances.errors` instead.

A fault carries Yahoo's own words for the log; the error made from it names the symbol and nothing internal.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar

from django.conf import settings

from finances.errors import (
    FinancesError,
    YahooBadResponse,
    YahooNoData,
    YahooNotFound,
    YahooRateLimited,
    YahooUnavailable,
)


class Fault(Exception):  # noqa: N818 - named like the families in finances.errors
    attempts: ClassVar[int] = 1
    """How many attempts in all are worth making when this happens."""


class UnknownSymbol(Fault):
    """Yahoo says that there is no such symbol, or none any more."""


class EmptyAnswer(Fault):
    """The symbol is fine and the range holds no prices."""


class TooManyRequests(Fault):
    """Yahoo answered 429, or a pause that follows from one still lasts."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        """Seconds, where known."""


class Busy(Fault):
    """Our own bounds on rate or concurrency leave no room before the deadline."""


class CredentialsRefused(Fault):
    """Yahoo rejects the cookie or the crumb; new ones are worth a second attempt."""

    attempts = 2


class NoAnswer(Fault):
    """Yahoo failed, hung or dropped the connection."""

    attempts = 3


class Garbage(Fault):
    """The answer is not the market data that was asked for."""

    attempts = 3


def fault_for_reason(reason: str) -> Fault:
    """What Yahoo's description of a refusal means."""
    text = reason.lower()
    if "may be delisted" in text or "not found" in text or "no fundamentals data" in text:
        return UnknownSymbol(reason)
    empty = ("data doesn't exist", "must be within", "data are allowed", "cannot be after")
    if any(words in text for words in empty):
        return EmptyAnswer(reason)
    return Garbage(reason)


def retry_after_seconds(header: str | None) -> float | None:
    """Seconds named by a Retry-After header, which is a number or an HTTP date; None if there is no usable one."""
    if not header:
        return None
    try:
        return max(1.0, float(header))
    except ValueError:
        pass
    try:
        return max(1.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def error_for(fault: Fault, subject: str) -> FinancesError:
    """The error that leaves the package; `subject` is the symbol, or "the search"."""
    match fault:
        case UnknownSymbol():
            return YahooNotFound(f"Yahoo Finance does not know {subject}.")
        case EmptyAnswer():
            message = f"Yahoo Finance gives no prices for {subject} at present."
            return YahooNoData(message, retry_after=settings.YAHOO_NEGATIVE_CACHE_SECONDS)
        case TooManyRequests():
            message = f"Yahoo Finance asks for fewer requests at present; {subject} was not fetched."
            return YahooRateLimited(message, retry_after=max(1, round(fault.retry_after or 30)))
        case Busy():
            message = f"Enough requests to Yahoo Finance are under way; {subject} was not fetched."
            return YahooRateLimited(message, retry_after=2)
        case Garbage():
            return YahooBadResponse(f"Yahoo Finance answered with something unusable for {subject}.")
        case _:
            return YahooUnavailable(f"Yahoo Finance does not answer for {subject} at present.")
