"""Service groups by plain SQL: who reads members, and that a group without grounds has none."""

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, token_of
from tests.fixtures.web_app import execute_sql
from tests.store.access.test_row_security import assert_refused, count_rows
from tests.store.conftest import ConnectAs

JOIN = """
INSERT INTO service_group_member (subdistrict_id, resident_id, service_group_id, source)
    SELECT g.subdistrict_id, {resident}, g.id, 'test' FROM service_group g
    WHERE g.key = '{key}' AND g.subdistrict_id = {subdistrict}
"""
BASIS = "UPDATE service_group SET legal_basis = '{basis}', in_use = true WHERE key = 'released'"


def join_sql(place: SubdistrictIds, key: str, resident: int = 0) -> str:
    return JOIN.format(resident=place.resident_ids[resident], key=key, subdistrict=place.subdistrict_id)


@pytest.fixture(scope="module", autouse=True)
def members(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> None:
    """Record the first resident of both subdistricts as a volunteer, and as released."""
    joins = (join_sql(place, key) for place in subdistricts.values() for key in ("volunteer", "released"))
    execute_sql(filled_database, "; ".join((BASIS.format(basis="《监狱法》"), *joins)))


def keys_seen(connection: Connection) -> list[str]:
    rows = "SELECT g.key FROM service_group_member m JOIN service_group g ON g.id = m.service_group_id ORDER BY 1"
    return list(connection.execute(text(rows)).scalars())


@pytest.mark.parametrize(
    ("role", "seen"),
    [("station", ["released", "volunteer"]), ("worker", ["volunteer"]), ("planner", []), ("leader", []), ("admin", [])],
)
def test_members_are_for_stations_and_sensitive_ones_for_nobody_else(
    connect_as: ConnectAs, east: SubdistrictIds, role: str, seen: list[str]
) -> None:
    assert keys_seen(connect_as(east.account_ids[role])) == seen


def test_a_worker_sees_members_of_the_own_grids_only(
    connect_as: ConnectAs, owner_connection: Connection, east: SubdistrictIds
) -> None:
    connection = connect_as(east.account_ids["station"])
    connection.execute(text(join_sql(east, "veteran", resident=1)))
    assert keys_seen(connection) == ["released", "veteran", "volunteer"]
    connection.execute(text("SELECT act_as(:token)"), {"token": token_of(east.account_ids["worker"])})
    assert keys_seen(connection) == ["volunteer"]


@pytest.mark.parametrize("role", ["worker", "planner", "leader", "admin"])
def test_only_stations_record_members(connect_as: ConnectAs, east: SubdistrictIds, role: str) -> None:
    connection = connect_as(east.account_ids[role])
    with assert_refused(connection):
        connection.execute(text(join_sql(east, "veteran")))


def test_a_station_records_no_resident_of_another_subdistrict(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    connection = connect_as(east.account_ids["station"])
    foreign = JOIN.format(resident=west.resident_ids[0], key="veteran", subdistrict=east.subdistrict_id)
    with assert_refused(connection):
        connection.execute(text(foreign))


def test_members_of_a_group_whose_basis_is_withdrawn_are_read_by_nobody(
    connect_as: ConnectAs, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    execute_sql(filled_database, "UPDATE service_group SET in_use = false, legal_basis = NULL WHERE key = 'released'")
    connection = connect_as(east.account_ids["station"])
    assert keys_seen(connection) == ["volunteer"]
    assert count_rows(connection, "service_group_member") == 1
    execute_sql(filled_database, BASIS.format(basis="《监狱法》"))


def test_not_even_the_owner_records_a_member_of_a_group_that_is_off(
    owner_connection: Connection, east: SubdistrictIds
) -> None:
    with assert_refused(owner_connection, "not in use", IntegrityError):
        owner_connection.execute(text(join_sql(east, "mental_disorder")))


@pytest.mark.parametrize(("basis", "is_refused"), [("监狱法", True), ("   监狱法", True), ("《监狱法》", False)])
def test_a_sensitive_group_is_used_with_a_legal_basis_only(
    owner_connection: Connection, basis: str, *, is_refused: bool
) -> None:
    use = text("UPDATE service_group SET legal_basis = :basis, in_use = true WHERE key = 'mental_disorder'")
    if is_refused:
        with assert_refused(owner_connection, "used_with_grounds", IntegrityError):
            owner_connection.execute(use, {"basis": basis})
    else:
        assert owner_connection.execute(use, {"basis": basis}).rowcount == 2


def test_the_class_of_a_group_never_changes(owner_connection: Connection) -> None:
    with assert_refused(owner_connection, "never changes", IntegrityError):
        owner_connection.execute(text("UPDATE service_group SET access_class = 'personal' WHERE key = 'released'"))


@pytest.mark.parametrize("role", ["station", "worker", "planner", "leader"])
def test_only_administrators_change_groups(connect_as: ConnectAs, east: SubdistrictIds, role: str) -> None:
    connection = connect_as(east.account_ids[role])
    call = "SELECT save_service_group(:place, 'volunteer', ARRAY['x','x','x','x','personal'], true, 1)"
    with assert_refused(connection):
        connection.execute(text(call), {"place": east.subdistrict_id})
    with assert_refused(connection):
        connection.execute(text("UPDATE service_group SET in_use = true"))


def test_the_journal_tells_changes_of_a_membership_to_those_who_see_it(
    connect_as: ConnectAs, owner_connection: Connection, east: SubdistrictIds
) -> None:
    rows = "SELECT m.id FROM service_group_member m JOIN service_group g ON g.id = m.service_group_id"
    where = f" WHERE g.key = 'released' AND m.subdistrict_id = {east.subdistrict_id}"
    membership = owner_connection.execute(text(rows + where)).scalar_one()
    changes = text("SELECT count(*) FROM record_changes('service_group_member', ARRAY[:id]::bigint[])")
    seen = {
        role: connect_as(east.account_ids[role]).execute(changes, {"id": membership}).scalar_one()
        for role in ("station", "worker", "planner", "admin")
    }
    assert seen == {"station": 1, "worker": 0, "planner": 0, "admin": 0}
