"""What the database itself refuses, asked with nothing but SQL as the login that the web uses."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gridmap.store.policies import HIDDEN, tables
from gridmap.store.schema import Base
from tests.offices import ID_NUMBERS, PHONES, Office
from tests.store.conftest import Acting

FILLED = set(Base.metadata.tables) & {
    *("account", "account_scope", "adoption", "assignment", "building", "building_cell", "cell", "community", "grid"),
    *("household", "land", "plan", "resident", "revision", "subdistrict"),
}
PERSONS = ("household", "resident", "dwelling")
INDOORS = ("worker", "station")
ROLES = ("planner", "worker", "leader", "station", "admin")


def count(connection: Connection, table: str, where: str = "true") -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM {table} WHERE {where}")).scalar_one())


@contextmanager
def refused(connection: Connection, why: str = "row-level security|permission denied|not allowed") -> Iterator[None]:
    with pytest.raises(ProgrammingError, match=why), connection.begin_nested():
        yield


@pytest.mark.parametrize("table", sorted(Base.metadata.tables))
def test_without_an_account_there_is_nothing_to_see(acting: Acting, table: str) -> None:
    connection = acting(None)
    if table in HIDDEN:
        with refused(connection):
            count(connection, table)
    else:
        assert count(connection, table) == 0


@pytest.mark.parametrize("role", ROLES)
def test_an_account_sees_its_subdistrict(acting: Acting, east: Office, role: str) -> None:
    connection = acting(east.accounts[role])
    hidden = () if role in INDOORS else PERSONS
    assert [table for table in FILLED if table not in hidden and not count(connection, table)] == []


@pytest.mark.parametrize("table", [table for table in tables() if table not in ("account", "subdistrict")])
@pytest.mark.parametrize("role", ROLES)
def test_a_foreign_subdistrict_is_not_there(acting: Acting, east: Office, west: Office, role: str, table: str) -> None:
    assert count(acting(east.accounts[role]), table, f"subdistrict_id = {west.id}") == 0


@pytest.mark.parametrize("role", ROLES)
def test_foreign_accounts_and_subdistricts_have_no_name(acting: Acting, east: Office, west: Office, role: str) -> None:
    connection = acting(east.accounts[role])
    assert count(connection, "account", "name LIKE 'west%'") == count(connection, "subdistrict", f"id = {west.id}") == 0


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
@pytest.mark.parametrize("table", PERSONS)
def test_who_plans_leads_or_administers_sees_no_person(acting: Acting, east: Office, role: str, table: str) -> None:
    assert count(acting(east.accounts[role]), table) == 0


def test_a_worker_sees_the_residents_of_the_own_grid(acting: Acting, east: Office) -> None:
    connection = acting(east.accounts["worker"])
    assert connection.execute(text("SELECT id FROM resident")).scalars().all() == [east.residents[0]]


def test_a_station_sees_the_residents_of_its_community(acting: Acting, east: Office) -> None:
    connection = acting(east.accounts["station"])
    assert set(connection.execute(text("SELECT id FROM resident")).scalars()) == set(east.residents)


def test_only_an_admin_sees_other_accounts(acting: Acting, east: Office) -> None:
    seen = {role: count(acting(east.accounts[role]), "account") for role in ROLES}
    assert seen == {"planner": 1, "worker": 1, "leader": 1, "station": 1, "admin": 5}


def test_access_ends_with_its_last_day(acting: Acting, owner: Connection, east: Office) -> None:
    connection = acting(east.accounts["station"])
    connection.execute(text("SELECT set_config('gridmap.today', '2019-12-31', true)"))
    assert count(connection, "resident") == count(connection, "community") == 0


def test_an_account_out_of_use_sees_nothing(acting: Acting, east: Office) -> None:
    connection = acting(east.accounts["admin"])
    connection.execute(text("SELECT set_active(:id, false)"), {"id": east.accounts["station"]})
    assert count(acting(east.accounts["station"]), "resident") == 0


def test_a_planner_adds_no_plan_to_a_foreign_subdistrict(acting: Acting, east: Office, west: Office) -> None:
    connection = acting(east.accounts["planner"])
    added = "INSERT INTO plan (subdistrict_id, community_id, name) VALUES (:home, :community, 'mine')"
    connection.execute(text(added), {"home": east.id, "community": east.community})
    with refused(connection):
        connection.execute(text(added), {"home": west.id, "community": west.community})


@pytest.mark.parametrize("role", ["worker", "leader", "station", "admin"])
def test_only_planners_add_plans(acting: Acting, east: Office, role: str) -> None:
    connection = acting(east.accounts[role])
    with refused(connection):
        connection.execute(
            text("INSERT INTO plan (subdistrict_id, community_id, name) VALUES (:home, :community, 'mine')"),
            {"home": east.id, "community": east.community},
        )


def test_a_row_cannot_be_moved_to_a_foreign_subdistrict(acting: Acting, east: Office, west: Office) -> None:
    connection = acting(east.accounts["planner"])
    with refused(connection):
        connection.execute(text("UPDATE plan SET subdistrict_id = :other"), {"other": west.id})


@pytest.mark.parametrize("table", HIDDEN)
@pytest.mark.parametrize("role", ROLES)
def test_nobody_reads_passwords_and_sessions(acting: Acting, east: Office, role: str, table: str) -> None:
    connection = acting(east.accounts[role])
    with refused(connection, "permission denied"):
        count(connection, table)


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
def test_rights_are_changed_by_functions_alone(acting: Acting, east: Office, role: str, change: str) -> None:
    connection = acting(east.accounts[role])
    with refused(connection, "permission denied"):
        connection.execute(text(change))


@pytest.mark.parametrize("change", ["UPDATE audit SET action = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_the_audit_cannot_be_edited_even_by_the_owner(
    owner: Connection, acting: Acting, east: Office, change: str
) -> None:
    with refused(owner, "never changed"):
        owner.execute(text(change))
    with refused(acting(east.accounts["admin"]), "permission denied"):
        acting(east.accounts["admin"]).execute(text(change))


def test_a_deed_is_noted_in_the_name_of_who_acts_and_where_it_is_at_home(
    acting: Acting, east: Office, west: Office
) -> None:
    connection = acting(east.accounts["worker"])
    note = text("SELECT note('reveal', :home, 'resident', 1, 'visit', '{}', NULL)")
    connection.execute(note, {"home": east.id})
    with refused(connection, "not allowed"):
        connection.execute(note, {"home": west.id})
    rows = acting(east.accounts["admin"]).execute(text("SELECT account_id FROM audit WHERE action = 'reveal'"))
    assert rows.scalars().all() == [east.accounts["worker"]]


def test_the_functions_that_run_with_more_rights_are_few_and_of_nobodys_login(owner: Connection) -> None:
    login = text(
        "SELECT count(*) FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner WHERE p.prosecdef AND r.rolcanlogin"
        " AND p.pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
    )
    assert owner.execute(login).scalar_one() == 0


def test_a_copy_of_the_database_holds_no_number_in_clear(owner: Connection) -> None:
    numbers = [number for place in (ID_NUMBERS, PHONES) for pair in place.values() for number in pair]
    copied = "".join(copy_of(owner, table) for table in Base.metadata.tables)
    assert "张小明" in copied
    assert [one for one in numbers if one in copied or one.encode().hex() in copied] == []


def copy_of(owner: Connection, table: str) -> str:
    """What a backup of a table holds."""
    written = StringIO()
    owner.connection.cursor().copy_expert(f"COPY {table} TO STDOUT", written)
    return written.getvalue()
