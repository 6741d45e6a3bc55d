"""Messages to people: subject and templates."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from finances import mail


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written in templates/emails/<template>.txt and .html."""

    template: str
    subject: str
    page: str = ""
    """The page of the front end that takes the token."""


RESET_PASSWORD = Letter("reset_password", "Reset your password", page="reset-password")
VERIFY_EMAIL = Letter("verify_email", "Verify your e-mail address", page="verify-email")
CHANGE_EMAIL = Letter("change_email", "Confirm your new e-mail address", page="verify-email")
EMAIL_CHANGE_REQUESTED = Letter("email_change_requested", "A change of your e-mail address was requested")
EMAIL_CHANGED = Letter("email_changed", "Your e-mail address was changed")


def send(letter: Letter, to: str, token: str = "") -> None:
    context = {"subject": letter.subject, "code": token, "link": _link(letter.page, token)}
    mail.post(
        letter.template,
        subject=letter.subject,
        body=_render(letter, "txt", context),
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
        alternatives=[(_render(letter, "html", context), "text/html")],
    )


def _render(letter: Letter, kind: str, context: dict[str, Any]) -> str:
    return render_to_string(f"emails/{letter.template}.{kind}", context).strip() + "\n"


def _link(page: str, token: str) -> str:
    """None of a request's headers has a part in it: a forged Host would send tokens elsewhere."""
    return f"{settings.PUBLIC_URL}/{page}?token={token}" if settings.PUBLIC_URL and token else ""
