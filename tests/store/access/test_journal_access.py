"""Access to the journal: sources of rows that an account sees, and undo by accounts that reach as far."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from tests.fixtures.subdistricts import SubdistrictIds
from tests.store.access.test_row_security import assert_refused
from tests.store.conftest import ConnectAs

OPEN = "SELECT open_change_set({subdistrict}, 'register.xlsx', '2026-03-31', NULL)"


def open_and_rename(connection: Connection, east: SubdistrictIds) -> int:
    """Rename a resident as a station; return the change set."""
    change_set = connection.execute(text(OPEN.format(subdistrict=east.subdistrict_id))).scalar_one()
    connection.execute(text(f"UPDATE resident SET birth_year = 1950 WHERE id = {east.resident_ids[0]}"))
    return int(change_set)


def sources(connection: Connection, table: str, row_id: int) -> list[str]:
    query = f"SELECT source FROM field_sources('{table}', ARRAY[{row_id}]::bigint[]) ORDER BY field"
    return list(connection.execute(text(query)).scalars())


def test_an_update_of_an_account_is_recorded_in_its_name(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["station"])
    connection.execute(text(f"UPDATE resident SET birth_year = 1950 WHERE id = {east.resident_ids[0]}"))
    query = f"SELECT account_id, by_hand FROM field_sources('resident', ARRAY[{east.resident_ids[0]}]::bigint[])"
    rows = connection.execute(text(query + " WHERE field = 'birth_year'")).all()
    assert [tuple(row) for row in rows] == [(east.account_ids["station"], True)]


@pytest.mark.parametrize(("role", "seen"), [("station", 1), ("worker", 1), ("planner", 0), ("leader", 0), ("admin", 0)])
def test_sources_of_residents_are_for_those_who_see_them(
    connect_as: ConnectAs, east: SubdistrictIds, role: str, seen: int
) -> None:
    assert len(sources(connect_as(east.account_ids[role]), "resident", east.resident_ids[0])) == seen


@pytest.mark.parametrize("table", ["building", "resident", "community", "worker"])
def test_sources_of_another_subdistrict_are_not_seen(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds, table: str
) -> None:
    row_id = {"building": west.building_ids[0], "resident": west.resident_ids[0]}.get(table, west.community_id)
    assert sources(connect_as(east.account_ids["station"]), table, row_id) == []


def test_a_table_that_is_not_journaled_has_no_sources(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert sources(connect_as(east.account_ids["station"]), "account", east.account_ids["station"]) == []


def test_the_journal_itself_is_hidden(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["station"])
    for statement in ("SELECT before FROM record_change", "SELECT * FROM change_set", "DELETE FROM record_change"):
        with assert_refused(connection):
            connection.execute(text(statement))


def test_no_source_is_named_for_another_subdistrict(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    connection = connect_as(east.account_ids["station"])
    with assert_refused(connection):
        connection.execute(text(OPEN.format(subdistrict=west.subdistrict_id)))


def test_a_station_undoes_its_own_changes(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["station"])
    change_set = open_and_rename(connection, east)
    connection.execute(text(f"SELECT undo_change_set({change_set})"))
    query = f"SELECT birth_year FROM resident WHERE id = {east.resident_ids[0]}"
    assert connection.execute(text(query)).scalar_one() is None


@pytest.mark.parametrize("role", ["planner", "admin", "leader", "worker"])
def test_other_roles_do_not_undo_it(connect_as: ConnectAs, east: SubdistrictIds, role: str) -> None:
    change_set = open_and_rename(connect_as(east.account_ids["station"]), east)
    connection = connect_as(east.account_ids[role])
    for function in ("undo_change_set", "undo_obstacles"):
        with assert_refused(connection, error=ProgrammingError):
            connection.execute(text(f"SELECT {function}({change_set})"))


def test_another_subdistrict_does_not_undo_it(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    change_set = open_and_rename(connect_as(east.account_ids["station"]), east)
    connection = connect_as(west.account_ids["station"])
    with assert_refused(connection):
        connection.execute(text(f"SELECT undo_change_set({change_set})"))
