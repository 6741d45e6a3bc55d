"""What can go wrong, as exceptions that say what the caller can do about it.

Each class carries a stable machine code; `finances.api.exceptions` maps the families to HTTP once.
"""

# ruff: noqa: N818 - the names say what happened; "Error" after each of them would say nothing more.

from typing import Any, ClassVar


class FinancesError(Exception):
    """Base of all errors of this project. `str()` is a sentence for the caller."""

    code: ClassVar[str] = "error"
    message: ClassVar[str] = "Something went wrong."

    def __init__(self, message: str = "", **facts: Any) -> None:
        """`facts` are told beside the message: what stands in the way, where that helps."""
        super().__init__(message or self.message)
        self.facts = facts


class RuleViolation(FinancesError):
    """A rule refuses well-formed input."""

    code = "rule_violation"


class NotFound(FinancesError):
    """What was named does not exist, or not for this caller."""

    code = "not_found"
    message = "Not found."


class Forbidden(FinancesError):
    """The caller is known and may not do this."""

    code = "permission_denied"


class Unauthenticated(FinancesError):
    """The caller has not proved who they are."""

    code = "not_authenticated"


class Conflict(FinancesError):
    """It exists already, is in use, or is in progress."""

    code = "conflict"


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    message = "This Idempotency-Key was sent with another request; a new request needs a new key."


class PreconditionFailed(FinancesError):
    """It is not what the caller takes it for."""

    code = "precondition_failed"
    message = "This was changed meanwhile; read it again."


class RetryLater(FinancesError):
    """The same request may work later."""

    retry_after: int = 30
    """Seconds after which a retry is worth it."""

    def __init__(self, message: str = "", *, retry_after: int | None = None) -> None:
        super().__init__(message)
        if retry_after is not None:
            self.retry_after = retry_after


class InProgress(Conflict, RetryLater):
    """The same is being done at this moment."""

    code = "in_progress"
    message = "A request with this Idempotency-Key is in progress."
    retry_after = 1


class TooManyAttempts(RetryLater):
    """The caller has tried too often."""

    code = "too_many_attempts"


class Unavailable(RetryLater):
    """Something this depends on does not answer."""

    code = "unavailable"


class DatabaseUnavailable(Unavailable):
    code = "database_unavailable"
    retry_after = 5
    message = "The database does not answer at present."


class YahooError(Unavailable):
    """Yahoo did not give a usable answer."""

    code = "yahoo_unavailable"
    message = "Yahoo Finance does not answer at present."


class YahooUnavailable(YahooError):
    """Yahoo failed, hung or dropped the connection."""


class YahooRateLimited(YahooError):
    """Yahoo, or the budget kept for it, wants fewer requests."""

    code = "yahoo_rate_limited"
    message = "Yahoo Finance asks for fewer requests at present."


class YahooBadResponse(YahooError):
    """Yahoo answered with something that is not market data, or contradicts what is stored."""

    code = "yahoo_bad_response"
    message = "Yahoo Finance answered with something unusable."


class YahooNoData(YahooError):
    """Yahoo knows the symbol and gives no prices for it; that never means delisted."""

    code = "yahoo_no_data"
    message = "Yahoo Finance gives no prices for this symbol at present."


class YahooNotFound(NotFound):
    """Yahoo does not know the symbol."""

    code = "symbol_not_found"
    message = "Yahoo Finance does not know this symbol."
