"""What no foreign key takes along when users are deleted."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session

from finances.archive.personal import paths_to_user, rows_of
from finances.users.models.login_failures import LoginFailures

ERASED = "(deleted with its user)"


def erase_traces(users: Iterable[Any]) -> None:
    """Runs before they are deleted, in the same transaction, since it asks what is theirs."""
    owners = list(users)
    _erase_from_log(owners)
    LoginFailures.objects.filter(account__in=[owner.email for owner in owners]).delete()
    _end_back_office_sessions({str(owner.pk) for owner in owners if owner.is_staff or owner.privileges_withheld})


def _erase_from_log(owners: list[Any]) -> None:
    """The back office's log keeps who of staff did what and when, and no names of what was a user's."""
    for model, paths in paths_to_user().items():
        entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(model))
        # Few: what staff did by hand. The rows of users may be many.
        ids = set(entries.exclude(object_id=None).values_list("object_id", flat=True))
        for owner in owners if ids else ():
            gone = rows_of(owner, model, paths).filter(pk__in=ids).values_list("pk", flat=True)
            entries.filter(object_id__in=[str(pk) for pk in gone]).update(object_repr=ERASED, change_message="")


def _end_back_office_sessions(pks: set[str]) -> None:
    sessions = Session.objects.iterator() if pks else ()
    theirs = [session.pk for session in sessions if session.get_decoded().get(SESSION_KEY) in pks]
    Session.objects.filter(pk__in=theirs).delete()
