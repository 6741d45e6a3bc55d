"""Reading what was mailed."""

import re
from email.message import Message
from typing import Any

from django.core import mail


def outbox() -> list[Any]:
    """The messages sent so far in this test."""
    return list(mail.outbox)


def take() -> Any:
    """The one message that was sent since the last look."""
    [message] = mail.outbox
    mail.outbox.clear()
    return message


def taken() -> list[tuple[list[str], str]]:
    """To whom and about what, since the last look."""
    found = [(message.to, str(message.subject)) for message in mail.outbox]
    mail.outbox.clear()
    return found


def token_in(message: Any) -> str:
    [found] = set(re.findall(r"\?token=([\w-]{43})", message.body))
    return str(found)


def parts_of(message: Any) -> dict[str, str]:
    built: Message = message.message()
    return {
        part.get_content_type(): part.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for part in built.walk()
        if not part.is_multipart()
    }
