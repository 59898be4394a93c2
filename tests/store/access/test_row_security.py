"""Row-level security, tested by plain SQL with the application's login."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import StringIO

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from gridmap.store.access.conditions import HIDDEN_TABLES, protected_tables
from gridmap.store.schema import Base
from tests.fixtures.subdistricts import ID_NUMBERS, PHONES, SubdistrictIds, set_rehearsal_date, token_of
from tests.store.conftest import ConnectAs

FILLED_TABLES = set(Base.metadata.tables) & {
    *("account", "account_scope", "adoption", "assignment", "building", "building_cell", "cell", "community", "grid"),
    *("household", "land", "plan", "resident", "revision", "subdistrict"),
}
PERSON_TABLES = ("household", "resident", "dwelling")
ROLES_SEEING_PERSONS = ("worker", "station")
ROLES = ("planner", "worker", "leader", "station", "admin")


def count_rows(connection: Connection, table: str, where: str = "true") -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())


@contextmanager
def assert_refused(
    connection: Connection,
    message: str = "row-level security|permission denied|not allowed",
    error: type[DBAPIError] = ProgrammingError,
) -> Iterator[None]:
    with pytest.raises(error, match=message), connection.begin_nested():
        yield


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_no_rows_are_visible_without_an_account(connect_as: ConnectAs, table: str) -> None:
    connection = connect_as(None)
    if table in HIDDEN_TABLES:
        with assert_refused(connection):
            count_rows(connection, table)
    else:
        assert count_rows(connection, table) == 0


@pytest.mark.parametrize("role", ROLES)
def test_an_account_sees_its_subdistrict(connect_as: ConnectAs, east: SubdistrictIds, role: str) -> None:
    connection = connect_as(east.account_ids[role])
    hidden = () if role in ROLES_SEEING_PERSONS else PERSON_TABLES
    assert [table for table in FILLED_TABLES if table not in hidden and not count_rows(connection, table)] == []


@pytest.mark.parametrize("table", [table for table in protected_tables() if table not in ("account", "subdistrict")])
@pytest.mark.parametrize("role", ROLES)
def test_rows_of_another_subdistrict_are_not_visible(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds, role: str, table: str
) -> None:
    assert count_rows(connect_as(east.account_ids[role]), table, f"subdistrict_id = {west.subdistrict_id}") == 0


@pytest.mark.parametrize("role", ROLES)
def test_other_accounts_and_subdistricts_are_not_visible(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds, role: str
) -> None:
    connection = connect_as(east.account_ids[role])
    assert (
        count_rows(connection, "account", "name LIKE 'west%'")
        == count_rows(connection, "subdistrict", f"id = {west.subdistrict_id}")
        == 0
    )


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
@pytest.mark.parametrize("table", PERSON_TABLES)
def test_planners_leaders_and_admins_see_no_persons(
    connect_as: ConnectAs, east: SubdistrictIds, role: str, table: str
) -> None:
    assert count_rows(connect_as(east.account_ids[role]), table) == 0


def test_a_worker_sees_the_residents_of_the_own_grid(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["worker"])
    assert connection.execute(text("SELECT id FROM resident")).scalars().all() == [east.resident_ids[0]]


def test_a_station_sees_the_residents_of_its_community(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["station"])
    assert set(connection.execute(text("SELECT id FROM resident")).scalars()) == set(east.resident_ids)


def test_only_an_admin_sees_other_accounts(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    seen = {role: count_rows(connect_as(east.account_ids[role]), "account") for role in ROLES}
    assert seen == {"planner": 1, "worker": 1, "leader": 1, "station": 1, "admin": 5}


def test_access_ends_with_its_last_day(module_database_url: str, connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["station"])
    set_rehearsal_date(module_database_url, date(2019, 12, 31))
    assert count_rows(connection, "resident") == count_rows(connection, "community") == 0
    set_rehearsal_date(module_database_url, None)


def test_a_session_of_a_deactivated_account_is_nobodys(owner_connection: Connection, east: SubdistrictIds) -> None:
    station = east.account_ids["station"]
    owner_connection.execute(text("UPDATE account SET active = false WHERE id = :id"), {"id": station})
    owner_connection.execute(text("SELECT act_as(:token)"), {"token": token_of(station)})
    assert owner_connection.scalar(text("SELECT my_account()")) is None
    owner_connection.execute(text("UPDATE account SET active = true WHERE id = :id"), {"id": station})
    assert owner_connection.scalar(text("SELECT my_account()")) == station


def test_a_planner_cannot_add_a_plan_to_another_subdistrict(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    connection = connect_as(east.account_ids["planner"])
    insert_plan = "INSERT INTO plan (subdistrict_id, community_id, name) VALUES (:home, :community, 'mine')"
    connection.execute(text(insert_plan), {"home": east.subdistrict_id, "community": east.community_id})
    with assert_refused(connection):
        connection.execute(text(insert_plan), {"home": west.subdistrict_id, "community": west.community_id})


@pytest.mark.parametrize("role", ["worker", "leader", "station", "admin"])
def test_only_planners_add_plans(connect_as: ConnectAs, east: SubdistrictIds, role: str) -> None:
    connection = connect_as(east.account_ids[role])
    with assert_refused(connection):
        connection.execute(
            text("INSERT INTO plan (subdistrict_id, community_id, name) VALUES (:home, :community, 'mine')"),
            {"home": east.subdistrict_id, "community": east.community_id},
        )


def test_a_row_cannot_be_moved_to_another_subdistrict(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    connection = connect_as(east.account_ids["planner"])
    with assert_refused(connection):
        connection.execute(text("UPDATE plan SET subdistrict_id = :other"), {"other": west.subdistrict_id})


@pytest.mark.parametrize("table", HIDDEN_TABLES)
@pytest.mark.parametrize("role", ROLES)
def test_passwords_and_sessions_cannot_be_read(
    connect_as: ConnectAs, east: SubdistrictIds, role: str, table: str
) -> None:
    connection = connect_as(east.account_ids[role])
    with assert_refused(connection, "permission denied"):
        count_rows(connection, table)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account SET role = 'admin'",
        "INSERT INTO account (name, display_name, role) VALUES ('eve', 'Eve', 'admin')",
        "UPDATE account_scope SET valid = daterange('2000-01-01', NULL)",
        "INSERT INTO account_scope (account_id, subdistrict_id) SELECT my_account(), id FROM subdistrict",
        "DELETE FROM account",
        "INSERT INTO audit (action) VALUES ('nothing')",
    ],
)
@pytest.mark.parametrize("role", ROLES)
def test_rights_can_only_be_changed_by_functions(
    connect_as: ConnectAs, east: SubdistrictIds, role: str, change: str
) -> None:
    connection = connect_as(east.account_ids[role])
    with assert_refused(connection, "permission denied"):
        connection.execute(text(change))


@pytest.mark.parametrize("change", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_audit_cannot_be_edited_even_by_the_owner(
    owner_connection: Connection, connect_as: ConnectAs, east: SubdistrictIds, change: str
) -> None:
    with assert_refused(owner_connection, "never changed"):
        owner_connection.execute(text(change))
    with assert_refused(connect_as(east.account_ids["admin"]), "permission denied"):
        connect_as(east.account_ids["admin"]).execute(text(change))


def test_the_audit_records_the_acting_account_in_its_own_subdistrict_only(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    connection = connect_as(east.account_ids["worker"])
    record = text("SELECT record_audit('approve', :home, NULL, 'revision', 1, 'visit', '{}', NULL)")
    connection.execute(record, {"home": east.subdistrict_id})
    with assert_refused(connection, "not allowed"):
        connection.execute(record, {"home": west.subdistrict_id})
    rows = connect_as(east.account_ids["admin"]).execute(text("SELECT account_id FROM audit WHERE action = 'approve'"))
    assert rows.scalars().all() == [east.account_ids["worker"]]


def test_security_definer_functions_belong_to_a_role_that_cannot_sign_in(owner_connection: Connection) -> None:
    functions_of_logins = text(
        "SELECT count(*) FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.prosecdef AND r.rolcanlogin"
        " AND p.pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    assert owner_connection.execute(functions_of_logins).scalar_one() == 0


def test_a_dump_contains_no_number_in_clear(owner_connection: Connection) -> None:
    numbers = [number for pairs in (ID_NUMBERS, PHONES) for pair in pairs.values() for number in pair]
    dump = "".join(dump_table(owner_connection, table) for table in Base.metadata.tables)
    assert "张小明" in dump
    assert [number for number in numbers if number in dump or number.encode().hex() in dump] == []


def dump_table(owner_connection: Connection, table: str) -> str:
    """Return the rows of a table as in a dump."""
    rows = StringIO()
    owner_connection.connection.cursor().copy_expert(f"COPY {table} TO STDOUT", rows)
    return rows.getvalue()
