"""The chain of seals tells of what was altered, removed or added."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from finances.audit.models import Entry, Seal
from finances.audit.seals import FIRST, digest_of, seal_entries
from finances.audit.trail import record

ACTOR = uuid.UUID(int=7)


def entries(count: int) -> None:
    for number in range(count):
        record("change", "account", number, actor_id=ACTOR, fields=["name"])


@pytest.fixture
def _two_seals() -> None:
    for _ in range(2):
        entries(3)
        seal_entries()


def test_seal_and_verify(capsys: pytest.CaptureFixture[str]) -> None:
    entries(3)
    call_command("seal_audit")
    digest = Seal.objects.get().digest
    call_command("seal_audit")
    entries(1)
    call_command("verify_audit", digest=digest)

    assert capsys.readouterr().out == (
        f"Seal 1 over 3 entries: {digest}\nNothing to seal.\n1 seals fit; 1 entries have no seal yet.\n"
    )


def alter_actor() -> Any:
    return Entry.objects.filter(seal=1, object_id="1").update(actor_id=uuid.UUID(int=8))


def alter_time() -> Any:
    return Entry.objects.filter(seal=1, object_id="1").update(at=F("at") + timedelta(microseconds=1))


def remove() -> Any:
    return Entry.objects.filter(seal=1, object_id="1").delete()


def add() -> Any:
    entries(1)
    return Entry.objects.filter(seal=None).update(seal=1)


def exchange() -> Any:
    remove()
    return add()


def move_to_the_next() -> Any:
    return Entry.objects.filter(seal=1, object_id="1").update(seal=2)


COUNT = "Seal 1 was set on 3 entries, and there are {}."
DIGEST = "Seal 1 does not fit its entries or the seal before it."
TAMPERING: list[tuple[Callable[[], Any], str]] = [
    (alter_actor, DIGEST),
    (alter_time, DIGEST),
    (remove, COUNT.format(2)),
    (add, COUNT.format(4)),
    (exchange, DIGEST),
    (move_to_the_next, COUNT.format(2)),
]


@pytest.mark.parametrize(("tamper", "found"), TAMPERING, ids=[tamper.__name__ for tamper, _ in TAMPERING])
@pytest.mark.usefixtures("_two_seals")
def test_tampering_shows(tamper: Callable[[], Any], found: str) -> None:
    tamper()

    with pytest.raises(CommandError) as refused:
        call_command("verify_audit")

    assert str(refused.value) == found


@pytest.mark.usefixtures("_two_seals")
def test_a_seal_made_anew_breaks_the_next() -> None:
    alter_actor()
    Entry.objects.filter(seal=1).update(seal=None)
    Seal.objects.filter(number=1).delete()
    seal = Seal.objects.create(number=1, sealed_at=Seal.objects.get(number=2).sealed_at, count=3, digest="")
    Entry.objects.filter(seal=None).update(seal=seal)
    Seal.objects.filter(number=1).update(digest=digest_of(FIRST, seal.entries.all()))

    with pytest.raises(CommandError, match="Seal 2 does not fit its entries or the seal before it."):
        call_command("verify_audit")


@pytest.mark.usefixtures("_two_seals")
def test_a_chain_that_was_cut_lacks_a_digest_that_was_printed() -> None:
    printed = Seal.objects.get(number=2).digest
    Entry.objects.filter(seal=2).delete()
    Seal.objects.filter(number=2).delete()

    call_command("verify_audit")
    with pytest.raises(CommandError, match="No seal has this digest"):
        call_command("verify_audit", digest=printed)


@pytest.mark.usefixtures("_two_seals")
def test_a_seal_that_is_missing() -> None:
    Entry.objects.filter(seal=1).delete()
    Seal.objects.filter(number=1).delete()

    with pytest.raises(CommandError, match="Seal 1 is missing."):
        call_command("verify_audit")
