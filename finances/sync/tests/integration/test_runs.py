from datetime import UTC, datetime, timedelta
from unittest import mock

import pytest
from django.test import Client
from django.utils import timezone

from finances.sync.models import SyncRun
from finances.sync.runs import stamp
from finances.sync.tests.factories import batch_of
from finances.users.tests.factories import UserFactory

NOON = datetime(2022, 12, 28, 12, tzinfo=UTC)


def run(symbol: str = "ACME", **facts: object) -> SyncRun:
    return SyncRun.objects.create(symbol=symbol, trigger="COMMAND", started_at=NOON, **facts)


def stamped(when: datetime) -> datetime:
    later = run()
    with mock.patch.object(timezone, "now", return_value=when):
        stamp(later)
    return later.recorded_at


def test_a_stamp_is_now() -> None:
    assert stamped(NOON) == NOON


@pytest.mark.parametrize("clock", [NOON, NOON - timedelta(seconds=5)])
def test_a_stamp_is_later_than_that_of_the_symbols_runs_before(clock: datetime) -> None:
    run(recorded_at=NOON, status="SUCCEEDED")
    run("BOLT", recorded_at=NOON + timedelta(hours=1), status="SUCCEEDED")
    run(recorded_at=NOON + timedelta(hours=1), status="FAILED")

    assert stamped(clock) == NOON + timedelta(microseconds=1)


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


def test_the_back_office_lists_batches(office: Client) -> None:
    batch_of({"ACME": "RUNNING"}, status="RUNNING", seen_at=NOON, started_at=NOON)
    batch_of({"BOLT": "SUCCEEDED"}, started_at=NOON, finished_at=NOON + timedelta(seconds=2.5), scope="ALL")
    url = "/admin/sync/syncbatch/"

    page = office.get(url).content.decode()
    interrupted = office.get(url, {"state": "INTERRUPTED"}).content.decode()

    assert '<td class="field-shown_state">Interrupted</td>' in page
    assert '<td class="field-seconds">2.5</td>' in page
    assert "2 sync batches" in page
    assert "1 sync batch" in interrupted
    assert 'field-scope">All<' not in interrupted
    assert "1 sync batch" in office.get(url, {"q": "bolt"}).content.decode()


def test_the_page_of_a_batch_shows_its_outcomes_and_changes_nothing(office: Client) -> None:
    batch = batch_of({"ACME": "RUNNING", "BOLT": "PENDING"}, status="RUNNING", seen_at=NOON, started_at=NOON)
    url = f"/admin/sync/syncbatch/{batch.pk}/change/"

    page = office.get(url).content.decode()

    assert [name in page for name in ("ACME", "BOLT", "Interrupted", "Not begun", 'type="submit" value="Save"')] == [
        True, True, True, True, False,
    ]  # fmt: skip
    assert office.post(url, {}).status_code == 403
    assert office.get("/admin/sync/syncrun/", {"q": "ACME"}).status_code == 200
