from datetime import timedelta
from io import StringIO

from django.core.management import call_command
from django.utils import timezone

from finances.users import email_tokens
from finances.users.models import EmailToken, Session, User
from finances.users.tokens import issue_tokens


def test_flush_sessions_deletes_expired_only(alice: User) -> None:
    issue_tokens(alice)
    email_tokens.issue(alice, EmailToken.Purpose.RESET_PASSWORD, to=alice.email)
    for model in (Session, EmailToken):
        model.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    issue_tokens(alice)
    email_tokens.issue(alice, EmailToken.Purpose.VERIFY_EMAIL, to=alice.email)
    live = Session.objects.get(expires_at__gt=timezone.now())
    out = StringIO()
    call_command("flush_sessions", stdout=out)
    assert out.getvalue() == "Deleted 1 expired sessions and 1 expired e-mail tokens.\n"
    assert Session.objects.get() == live
    assert EmailToken.objects.get().purpose == "verify_email"
