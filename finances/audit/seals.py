"""The chain of seals.

A digest is SHA-256 over the digest before it and one line of JSON for each entry of the batch, in the order of their
ids. Who alters, removes or adds a sealed entry would have to write every later seal anew, and then the newest digest
is another than the one that `seal_audit` printed at the time.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC

from django.db import transaction
from django.utils import timezone

from finances.audit.models import Entry, Seal

FIRST = "0" * 64
"""What stands in for the digest before the first."""


class BrokenChain(Exception):  # noqa: N818 - as finances.errors names them
    """Names the first seal that does not fit what is stored."""


@transaction.atomic
def seal_entries() -> Seal | None:
    """A seal over all entries that have none; None where there are none.

    Raises IntegrityError if another was set at the same moment.
    """
    last = Seal.objects.last()
    seal = Seal(number=last.number + 1 if last else 1, sealed_at=timezone.now(), count=0, digest=FIRST)
    seal.save(force_insert=True)
    # By the mark and not by a range of ids: a lower id may be committed later than a higher one.
    seal.count = Entry.objects.unsealed().update(seal=seal)
    if not seal.count:
        seal.delete()
        return None
    seal.digest = digest_of(last.digest if last else FIRST, seal.entries.all())
    seal.save(update_fields=["count", "digest"])
    return seal


def verify_seals() -> int:
    """How many seals there are, all of which fit. Raises BrokenChain."""
    before, number = FIRST, 0
    for number, seal in enumerate(Seal.objects.all().iterator(), start=1):
        if seal.number != number:
            raise BrokenChain(f"Seal {number} is missing.")
        count = seal.entries.count()
        if count != seal.count:
            raise BrokenChain(f"Seal {number} was set on {seal.count} entries, and there are {count}.")
        if digest_of(before, seal.entries.all()) != seal.digest:
            raise BrokenChain(f"Seal {number} does not fit its entries or the seal before it.")
        before = seal.digest
    return number


def digest_of(before: str, entries: "Iterable[Entry]") -> str:
    digest = hashlib.sha256(before.encode())
    for entry in sorted(entries, key=lambda entry: entry.pk):
        digest.update(line_of(entry))
    return digest.hexdigest()


def line_of(entry: Entry) -> bytes:
    """The same on every engine: times in UTC with six decimals."""
    figures = [
        entry.pk,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        None if entry.actor_id is None else str(entry.actor_id),
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.fields,
        entry.request_id,
    ]
    return json.dumps(figures, separators=(",", ":")).encode() + b"\n"
