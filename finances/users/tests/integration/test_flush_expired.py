from datetime import timedelta
from io import StringIO

from django.contrib.sessions.models import Session as OfficeSession
from django.core.management import call_command
from django.utils import timezone

from finances.users import email_tokens
from finances.users.models import EmailToken, LoginFailures, PersonalToken, Session, User
from finances.users.tests.factories import PersonalTokenFactory
from finances.users.tokens import issue_tokens


def make_one_of_each(user: User, purpose: EmailToken.Purpose, address: str) -> None:
    issue_tokens(user)
    PersonalTokenFactory.create(user=user)
    email_tokens.issue(user, purpose, to=user.email)
    LoginFailures.objects.create(address=address, expires_at=timezone.now() + timedelta(minutes=1))
    OfficeSession.objects.create(session_key=address, session_data="", expire_date=timezone.now() + timedelta(days=1))


def test_flush_expired_deletes_expired_only(alice: User) -> None:
    make_one_of_each(alice, EmailToken.Purpose.RESET_PASSWORD, "192.0.2.1")
    past = timezone.now() - timedelta(seconds=1)
    for model in (Session, PersonalToken, EmailToken, LoginFailures):
        model.objects.update(expires_at=past)
    OfficeSession.objects.update(expire_date=past)
    make_one_of_each(alice, EmailToken.Purpose.VERIFY_EMAIL, "192.0.2.2")

    out = StringIO()
    call_command("flush_expired", stdout=out)

    assert out.getvalue() == (
        "Deleted what had expired: 1 sessions, 1 personal tokens, 1 e-mail tokens, 1 counters of login failures, "
        "0 idempotency keys.\n"
    )
    for model in (Session, PersonalToken, EmailToken, LoginFailures):
        assert model.objects.get().expires_at > timezone.now()
    assert OfficeSession.objects.get().session_key == "192.0.2.2"


def test_flush_expired_deletes_personal_tokens_that_ended_with_the_password(alice: User, charlie: User) -> None:
    for user in (alice, charlie):
        PersonalTokenFactory.create(user=user)
    alice.set_password("another good long secret")
    alice.save()

    call_command("flush_expired", stdout=StringIO())

    assert PersonalToken.objects.get().user == charlie
