"""Residents: masked lists, search by the exact number, values revealed for a recorded reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.errors import NotFound, NotPossible
from gridmap.services.accounts import audit
from gridmap.services.people import residents
from gridmap.store import key_ring
from gridmap.store.access import row_filter
from gridmap.store.access.callers import load_caller
from gridmap.store.session import Database, act_as
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import ID_NUMBERS, PHONES, SubdistrictIds


@pytest.fixture
def worker(database: Database, east: SubdistrictIds) -> Iterator[Session]:
    """Open a transaction of the worker of the first grid of east."""
    with database.transaction(east.token("worker")) as session:
        yield session
        session.rollback()


def test_a_list_is_masked(worker: Session, east: SubdistrictIds) -> None:
    (resident,) = residents.list_residents(worker, caller_of(worker), east.building_ids[0])
    assert (resident.name, resident.id_number, resident.phone) == ("张**", "**************002X", "*******8000")


def test_a_worker_lists_the_residents_of_the_own_grid_only(worker: Session, east: SubdistrictIds) -> None:
    assert [len(residents.list_residents(worker, caller_of(worker), building)) for building in east.building_ids] == [
        1,
        0,
    ]


@pytest.mark.parametrize("number", ["11010519491231002x", " 110105 19491231 002X", "+86 138-0013-8000"])
def test_a_whole_number_is_found_in_any_spelling(worker: Session, east: SubdistrictIds, number: str) -> None:
    assert [resident.id for resident in residents.find_residents(worker, caller_of(worker), number)] == [
        east.resident_ids[0]
    ]


@pytest.mark.parametrize(
    "number", ["", "1101051949123100", "1380013800", "%", ID_NUMBERS["east"][1], PHONES["west"][0]]
)
def test_parts_of_numbers_and_residents_of_other_grids_are_not_found(worker: Session, number: str) -> None:
    assert residents.find_residents(worker, caller_of(worker), number) == []


def test_a_search_is_in_the_audit_without_the_number(database: Database, east: SubdistrictIds) -> None:
    with database.transaction(east.token("worker")) as session:
        residents.find_residents(session, caller_of(session), PHONES["east"][0])
    with database.transaction(east.token("admin")) as session:
        (entry,), _ = audit.list_entries(session, caller_of(session), audit.AuditFilter("search"))
    assert entry.details == {"by": "phone", "found": 1}


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_other_roles_see_no_residents(database: Database, east: SubdistrictIds, role: str) -> None:
    with database.transaction(east.token(role)) as session:
        assert residents.list_residents(session, caller_of(session), east.building_ids[0]) == []
        with pytest.raises(NotFound):
            residents.get_resident(session, caller_of(session), east.resident_ids[0])


def test_the_policies_hide_other_rows_without_the_filter(
    worker: Session, west: SubdistrictIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_filter, "visible", lambda caller, table: text("true"))
    assert residents.list_residents(worker, caller_of(worker), west.building_ids[0]) == []


def test_the_filter_hides_other_rows_without_the_policies(
    owner_database: Database, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    with owner_database.transaction() as session:
        act_as(session, east.token("worker"))
        counts = [
            len(residents.list_residents(session, load_caller(session), building))
            for building in (*east.building_ids, *west.building_ids)
        ]
    assert counts == [1, 0, 0, 0]


def test_missing_keys_are_an_error_and_no_key_is_created(
    worker: Session, east: SubdistrictIds, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_HOME", str(tmp_path))
    with pytest.raises(NotPossible, match="keys are missing"):
        residents.list_residents(worker, caller_of(worker), east.building_ids[0])
    assert not key_ring.key_file_path().exists()
