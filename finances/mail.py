"""Delivery of messages: by a worker where there is a broker, else by the thread that asks for it.

Never asked for within a request: see `finances.background`.
"""

from email.utils import make_msgid
from typing import Any

import structlog
from celery import Task, shared_task
from django.core.mail import DNS_NAME, EmailMultiAlternatives

from finances import background

log = structlog.get_logger(__name__)
RETRIES = 12
LONGEST_WAIT = 60
"""Seconds; within the broker's visibility timeout, after which a message that waits would be given out twice."""


def post(letter: str, *, headers: dict[str, str] | None = None, **message: Any) -> None:
    """Send what EmailMultiAlternatives takes, as JSON holds it; `letter` names it in the logs. A server that does not
    take it is logged and raises nothing: no answer depends on a mail."""
    # Its own from here on: where one comes twice, since a worker was killed in between, mailboxes can tell.
    headers = {**(headers or {}), "Message-ID": make_msgid(domain=str(DNS_NAME))}
    background.hand_over(deliver, letter, {**message, "headers": headers})


@shared_task(bind=True, max_retries=RETRIES)
def deliver(self: "Task[Any, None]", letter: str, message: dict[str, Any]) -> None:
    """Again and again for some nine minutes where a worker does it, else once."""
    error = _error_of(EmailMultiAlternatives(**message))
    if error is None:
        return
    if self.request.called_directly or self.request.retries >= RETRIES:
        log.error("mail_failed", letter=letter, error=error)
        return
    log.warning("mail_put_off", letter=letter, error=error)
    raise self.retry(countdown=min(LONGEST_WAIT, 5 * 2**self.request.retries), argsrepr=background.UNTOLD)  # type: ignore[call-arg]


def _error_of(message: EmailMultiAlternatives) -> str | None:
    """The type alone: smtplib's errors, which are of this family, quote addresses in their messages."""
    try:
        message.send()
    except OSError as error:
        return type(error).__name__
    return None
