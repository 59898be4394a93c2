"""Residents: masked, found by the exact number, revealed for a reason that is written down."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.errors import BadInput, Unable, Unseen
from gridmap.services import audit, people
from gridmap.store import access, keys
from gridmap.store.session import Database
from tests.offices import ID_NUMBERS, PHONES, Office

REASON = "上门核实"


@pytest.fixture
def worker(database: Database, east: Office) -> Iterator[Session]:
    """A transaction of the worker of the first grid of east."""
    with database.transaction(east.accounts["worker"]) as session:
        yield session
        session.rollback()


def test_a_list_shows_the_ends_only(worker: Session, east: Office) -> None:
    (person,) = people.of_building(worker, east.buildings[0])
    assert (person.name, person.id_number, person.phone) == ("张**", "**************002X", "*******8000")


def test_a_worker_lists_those_of_the_own_grid_and_no_other(worker: Session, east: Office) -> None:
    assert [len(people.of_building(worker, building)) for building in east.buildings] == [1, 0]


@pytest.mark.parametrize("number", ["11010519491231002x", " 110105 19491231 002X", "+86 138-0013-8000"])
def test_the_whole_number_finds_in_any_spelling(worker: Session, east: Office, number: str) -> None:
    assert [person.id for person in people.find(worker, number)] == [east.residents[0]]


@pytest.mark.parametrize(
    "number", ["", "1101051949123100", "1380013800", "%", ID_NUMBERS["east"][1], PHONES["west"][0]]
)
def test_parts_and_people_of_others_are_not_found(worker: Session, number: str) -> None:
    assert people.find(worker, number) == []


def test_a_search_is_written_down_without_the_number(database: Database, east: Office) -> None:
    with database.transaction(east.accounts["worker"]) as session:
        people.find(session, PHONES["east"][0])
    with database.transaction(east.accounts["admin"]) as session:
        (entry,), _ = audit.entries(session, audit.Wanted("search"))
    assert entry.details == {"by": "phone", "found": 1}


@pytest.mark.parametrize(
    ("field", "value"), [("name", "张小明"), ("id_number", ID_NUMBERS["east"][0]), ("phone", PHONES["east"][0])]
)
def test_a_reason_reveals_one_value(worker: Session, east: Office, field: people.Field, value: str) -> None:
    assert people.reveal(worker, east.residents[0], field, REASON) == value


def test_what_was_revealed_to_whom_and_why_is_written_down(database: Database, east: Office) -> None:
    with database.transaction(east.accounts["worker"]) as session:
        people.reveal(session, east.residents[0], "phone", REASON, "192.0.2.1")
    with database.transaction(east.accounts["admin"]) as session:
        (entry,), _ = audit.entries(session, audit.Wanted("reveal"))
    assert (entry.who, entry.subject_id, entry.reason) == ("East-Worker", east.residents[0], REASON)
    assert (entry.details, entry.address) == ({"field": "phone"}, "192.0.2.1")


@pytest.mark.parametrize("reason", ["", "核实", "a b c", "   \n "])
def test_without_a_reason_nothing_is_revealed(worker: Session, east: Office, reason: str) -> None:
    with pytest.raises(BadInput, match="four letters"):
        people.reveal(worker, east.residents[0], "phone", reason)


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_who_has_no_business_with_persons_gets_none(database: Database, east: Office, role: str) -> None:
    with database.transaction(east.accounts[role]) as session:
        assert people.of_building(session, east.buildings[0]) == []
        with pytest.raises(Unseen):
            people.reveal(session, east.residents[0], "phone", REASON)


def test_a_worker_reveals_nobody_of_another_grid_or_subdistrict(worker: Session, east: Office, west: Office) -> None:
    for resident in (east.residents[1], west.residents[0], 10**9):
        with pytest.raises(Unseen):
            people.reveal(worker, resident, "name", REASON)


def test_without_the_filter_the_database_still_hides_the_others(
    worker: Session, west: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "only", lambda session, table: text("true"))
    assert people.of_building(worker, west.buildings[0]) == []


def test_without_the_database_the_filter_hides_the_others(owners: Database, east: Office, west: Office) -> None:
    with owners.transaction() as session:
        session.info.update({"gridmap.trusted": False, "gridmap.account": east.accounts["worker"]})
        session.execute(text("SELECT set_config('gridmap.account', :id, true)"), {"id": str(east.accounts["worker"])})
        found = [len(people.of_building(session, building)) for building in (*east.buildings, *west.buildings)]
    assert found == [1, 0, 0, 0]


def test_without_keys_there_is_an_error_and_no_new_key(
    worker: Session, east: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_HOME", str(tmp_path))
    with pytest.raises(Unable, match="keys are missing"):
        people.of_building(worker, east.buildings[0])
    assert not keys.path().exists()
