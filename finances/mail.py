"""Delivery of messages: by a worker where there is a broker, else by the thread that asks for it.

Asked for after the answer, unless MAIL_THREADS is 0: see `finances.background`.
"""

from email.utils import make_msgid
from smtplib import SMTPRecipientsRefused
from typing import Any

import structlog
from celery import Task, shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import task_revoked
from django.core.mail import DNS_NAME, EmailMultiAlternatives

from finances import background

log = structlog.get_logger(__name__)
EXPIRES = 1800
"""Seconds; the life of the token that ends first (finances.users.email_tokens)."""
RETRIES = 28
LONGEST_WAIT = 20
"""Seconds; a wait, another task before it and the task itself end within the broker's visibility timeout (see
settings.VISIBILITY_AT_LEAST), after which a message would be given out twice."""


def post(letter: str, *, headers: dict[str, str] | None = None, **message: Any) -> None:
    """Send what EmailMultiAlternatives takes, as JSON holds it; `letter` names it in the logs. A server that does not
    take it is logged and raises nothing: no answer depends on a mail."""
    # Its own from here on: where one comes twice, since a worker was killed in between, mailboxes can tell.
    headers = {**(headers or {}), "Message-ID": make_msgid(domain=str(DNS_NAME))}
    background.hand_over(deliver, letter, {**message, "headers": headers})


@shared_task(bind=True, max_retries=RETRIES, expires=EXPIRES)
def deliver(self: "Task[Any, None]", letter: str, message: dict[str, Any]) -> None:
    """Again and again for some nine minutes where a worker does it, else once. Workers discard what has expired."""
    error = _error_of(EmailMultiAlternatives(**message))
    if error is None:
        return
    # The type alone: smtplib's errors, which are of OSError's family, quote addresses in their messages.
    name = type(error).__name__
    if self.request.called_directly or self.request.retries >= RETRIES or _is_final(error):
        log.error("mail_failed", letter=letter, error=name)
        return
    log.warning("mail_put_off", letter=letter, error=name)
    raise self.retry(countdown=min(LONGEST_WAIT, 5 * 2**self.request.retries), argsrepr=background.UNTOLD)  # type: ignore[call-arg]


@task_revoked.connect
def _note_discarded(sender: Any, request: Any, expired: bool, **_facts: Any) -> None:
    if sender.name == deliver.name:
        log.error("mail_expired" if expired else "mail_revoked", task=request.id)


def _error_of(message: EmailMultiAlternatives) -> Exception | None:
    try:
        message.send()
    except (OSError, SoftTimeLimitExceeded) as error:
        return error
    return None


def _is_final(error: Exception) -> bool:
    """A server that refuses a recipient with 5xx would do so again (RFC 5321, 4.2.1)."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values())
