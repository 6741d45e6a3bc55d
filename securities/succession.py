"""Renamed securities: what each became, and one continuous history over all of them.

The history of a renamed security goes on in its successor. Each contributes the bars before its successor's first, so
that no day comes twice, and the events of the same stretch, so that a bar is adjusted by its own security's later
splits and then by those of the successors. Links hold as they are now, also where figures are read as once known.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.contrib.contenttypes.models import ContentType

from finances.errors import RuleViolation
from securities.known import first_known_at
from securities.models import Security

Event = TypeVar("Event")


class SuccessionCycle(RuleViolation):
    code = "succession_cycle"
    message = "This security is itself a successor of the one chosen."


class SuccessorCurrency(RuleViolation):
    code = "successor_currency"
    message = "Prices in two currencies are not one history."


@dataclass(frozen=True)
class Stretch:
    """What one security contributes: from `since` to before `until`; None is without bound."""

    security: Security
    since: datetime | None = None
    until: datetime | None = None

    def cut(self, start: datetime | None, end: datetime | None) -> tuple[datetime | None, datetime | None]:
        """The part of the range from `start` to before `end` that falls into it."""
        starts = [bound for bound in (start, self.since) if bound is not None]
        ends = [bound for bound in (end, self.until) if bound is not None]
        return max(starts, default=None), min(ends, default=None)


def check_successor(security: Security, successor: Security | None, *, currency_code: str) -> None:
    """Call inside the transaction that stores the link; until its end no other link is stored.

    currency_code: that of `security`, whose row may be about to change.
    Raises SuccessionCycle, SuccessorCurrency.
    """
    # One lock for all links, since a cycle can run through any number of them.
    list(ContentType.objects.select_for_update(no_key=True).filter(app_label="securities", model="security"))
    # Read again: the caller's may be older than the lock.
    current = Security.objects.filter(pk=successor.pk).first() if successor else None
    if current is None:
        return
    if security in [current, *_linked(current, "successor")]:
        raise SuccessionCycle
    if currency_code != current.currency_id:
        raise SuccessorCurrency


def step_linked(security: Security, former: int | None) -> None:
    """A link was stored: other figures than before are read of `security`, its successor and its `former` one."""
    pks = {security.pk, security.successor_id or security.pk, former or security.pk}
    for member in Security.objects.filter(pk__in=pks).order_by("pk"):
        member.step_version()


def stretches_of(security: Security, interval: int, *, known_at: datetime | None) -> list[Stretch]:
    """The continuous history that `security` is part of, newest first; one without links costs no query if its
    predecessor was selected with it."""
    chain = chain_of(security)
    if len(chain) == 1:
        return [Stretch(security)]
    found: list[Stretch] = []
    until = None
    for member in chain:
        since = first_known_at(member, interval, known_at=known_at)
        if since is not None and (until is None or since < until):
            found.append(Stretch(member, None if member is chain[-1] else since, until))
            until = since
    return found or [Stretch(security)]


def events_of(
    stretches: Iterable[Stretch], read: Callable[[Security], Iterable[Event]], day_of: Callable[[Event], date]
) -> list[Event]:
    """The events of each stretch, by day. One on the day of a changeover counts once, the successor's first."""
    found: dict[date, list[Event]] = {}
    for stretch in stretches:
        own: dict[date, list[Event]] = {}
        for event in read(stretch.security):
            if _lies_in(stretch, day_of(event)):
                own.setdefault(day_of(event), []).append(event)
        found = own | found
    return [event for day in sorted(found) for event in found[day]]


def _lies_in(stretch: Stretch, day: date) -> bool:
    """The last day is that of the changeover: an event on it changes the bars before it only."""
    begun = stretch.since is None or stretch.since.date() <= day
    return begun and (stretch.until is None or day <= stretch.until.date())


def chain_of(security: Security) -> list[Security]:
    """It and all that it is linked with, newest first; without links and its predecessor selected, no query."""
    return [*reversed(_linked(security, "successor")), security, *_linked(security, "predecessor")]


def _linked(security: Security, link: str) -> list[Security]:
    """Those that follow one another over `link`, as long as they are in the same currency."""
    found: list[Security] = []
    seen, at = {security.pk}, _at(security, link)
    while at is not None and at.pk not in seen and at.currency_id == security.currency_id:
        found.append(at)
        seen.add(at.pk)
        at = _at(at, link)
    return found


def _at(security: Security, link: str) -> Any:
    # Without a predecessor the attribute is missing.
    return getattr(security, link, None)
