"""The audits, in short: faults caused for real. `python -m audit.<name>` goes on for longer."""

from collections import Counter
from collections.abc import Iterator

import pytest

from audit import disk_full, kills, patch_pairs, postgresql_restart, redis_stop, refresh_race, soak, sqlite_writers
from audit.product import product
from audit.services import has_postgresql, has_redis
from tests.conftest import once
from tests.installation import Installation


@pytest.fixture(scope="module")
def served() -> Iterator[Installation]:
    with product("faults") as installation:
        yield installation


def test_a_killed_server_loses_nothing_that_it_acknowledged(served: Installation) -> None:
    acknowledged, lost, doubled, unexpected = kills.run(served, 2)

    assert (lost, doubled, unexpected) == (0, 0, [])
    assert acknowledged > 0


@once
@pytest.mark.skipif(not has_postgresql(), reason="needs the programs of PostgreSQL")
def test_postgresql_restarted_under_load() -> None:
    found = postgresql_restart.run(2)

    assert (found.bad, found.late, found.lost) == ([], [], 0)
    assert set(found.statuses) == {200, 201, 503}


@once
@pytest.mark.skipif(not has_redis(), reason="needs redis-server")
def test_redis_killed_under_load() -> None:
    answers, logins = redis_stop.run(1)

    assert {answer.status for answer in answers} <= {200, 201}
    assert logins == [200]


@once
def test_a_full_disk(served: Installation) -> None:
    assert disk_full.run(served).is_good


@once
def test_sixteen_writers_on_sqlite(served: Installation) -> None:
    statuses, lost = sqlite_writers.run(served, 1)

    assert (set(statuses), lost) == ({201}, 0)


def test_a_refresh_token_used_at_once_has_one_successor(served: Installation) -> None:
    assert refresh_race.run(served, 5, replay=False) == (Counter({1: 5}), [])


def test_patches_of_different_fields_at_once_are_both_kept(served: Installation) -> None:
    assert patch_pairs.run(served, 8) == (0, [])


@once
def test_mixed_load(served: Installation) -> None:
    statuses, early, late = soak.run(served, 0.05)

    assert {status for status in statuses if status >= 500 or status == 0} == set()
    assert 0 < late < 2 * early
