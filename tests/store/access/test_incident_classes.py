"""Classes of incidents by plain SQL: who reads which incidents and columns, and what never changes."""

from collections.abc import Iterator
from itertools import pairwise

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Role
from gridmap.store.queries.incidents.categories import list_open_changes
from tests.fixtures.second_community import TwoCommunities, create_second_community
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql
from tests.store.access.test_row_security import assert_refused, count_rows
from tests.store.conftest import ConnectAs

INSERT_INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, building_id, reported_by,
        geometry)
    SELECT c.subdistrict_id, concat_ws('-', category, c.id, n), category, 'worker', now(), c.id, b.building_id,
        (SELECT min(id) FROM account WHERE name = 'east-worker'), ST_PointOnSurface(c.geometry)
    FROM cell c JOIN building_cell b ON b.cell_id = c.id JOIN community m ON m.id = c.community_id,
        unnest(ARRAY['lifts', 'theft', 'mental_health']) AS category, generate_series(1, 2) AS n
    WHERE m.code LIKE 'east%'
"""
HIDDEN_COLUMNS = ("reported_by", "building_id", "idempotency_key", "ctid", "xmin")


@pytest.fixture(scope="module")
def two(filled_database: FilledDatabase) -> TwoCommunities:
    """Add the community east2, and two incidents of each class on each cell of both communities."""
    return create_second_community(filled_database)


@pytest.fixture(scope="module", autouse=True)
def incidents(filled_database: FilledDatabase, two: TwoCommunities) -> Iterator[None]:
    execute_sql(filled_database, f"DELETE FROM incident; {INSERT_INCIDENTS}")
    yield
    execute_sql(filled_database, "DELETE FROM incident")


def classes_seen(connection: Connection) -> dict[str, int]:
    rows = connection.execute(text("SELECT access_class, count(*) FROM incident GROUP BY 1"))
    return {access_class: count for access_class, count in rows}  # noqa: C416 - rows are no pairs to mypy


@pytest.mark.parametrize("role", ["planner", "leader"])
def test_planners_and_leaders_read_ordinary_incidents_only(
    connect_as: ConnectAs, two: TwoCommunities, east: SubdistrictIds, role: str
) -> None:
    assert classes_seen(connect_as(east.account_ids[role])) == {"ordinary": 6}
    assert classes_seen(connect_as(two.account_ids[f"{role} of east1"])) == {"ordinary": 4}
    assert classes_seen(connect_as(two.account_ids[f"{role} of east2"])) == {"ordinary": 2}


def test_workers_and_stations_read_every_class(connect_as: ConnectAs, two: TwoCommunities) -> None:
    assert classes_seen(connect_as(two.account_ids["station of east2"])) == {
        "ordinary": 2,
        "personal": 2,
        "sensitive": 2,
    }


def test_a_worker_reads_own_reports_elsewhere(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert sum(classes_seen(connect_as(east.account_ids["worker"])).values()) == 18


def test_an_admin_reads_no_incident(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert classes_seen(connect_as(east.account_ids["admin"])) == {}


@pytest.mark.parametrize("column", HIDDEN_COLUMNS)
@pytest.mark.parametrize("role", ["planner", "leader", "station"])
def test_pages_read_no_reporter_and_no_building(
    connect_as: ConnectAs, east: SubdistrictIds, role: str, column: str
) -> None:
    connection = connect_as(east.account_ids[role])
    for statement in (f"SELECT {column} FROM incident", f"SELECT id FROM incident WHERE {column} IS NULL"):
        with assert_refused(connection, "permission denied"):
            connection.execute(text(statement))


@pytest.mark.parametrize(("role", "count"), [("planner", 0), ("leader", 0), ("admin", 0), ("station", 4)])
def test_buildings_of_incidents_are_told_to_stations_of_the_community(
    connect_as: ConnectAs, two: TwoCommunities, role: str, count: int
) -> None:
    connection = connect_as(two.account_ids[f"{role} of east1"])
    all_ids = "ARRAY(SELECT n::bigint FROM generate_series(1, 100000) AS n)"
    rows = connection.execute(text(f"SELECT count(DISTINCT building_id) FROM buildings_of_incidents({all_ids})"))
    assert rows.scalar_one() == (0 if count == 0 else 2)


@pytest.mark.parametrize(
    "change",
    [
        "access_class = 'ordinary' WHERE category = 'theft'",
        "category = 'lifts' WHERE category = 'theft'",
        "category = 'theft' WHERE category = 'lifts'",
        "id = id + 1000000 WHERE category = 'lifts'",
    ],
)
def test_an_incident_keeps_its_class_and_key_even_for_the_owner(owner_connection: Connection, change: str) -> None:
    with pytest.raises(ProgrammingError, match="an incident keeps its class"):
        owner_connection.execute(text(f"UPDATE incident SET {change}"))


def test_a_category_is_corrected_within_its_class(owner_connection: Connection) -> None:
    changed = owner_connection.execute(text("UPDATE incident SET category = 'noise' WHERE category = 'lifts'"))
    assert changed.rowcount == 6


def test_another_class_of_a_category_acts_on_new_incidents_only(owner_connection: Connection) -> None:
    owner_connection.execute(text("UPDATE incident_category SET access_class = 'personal' WHERE key = 'lifts'"))
    owner_connection.execute(text(INSERT_INCIDENTS.replace("category, c.id, n", "category, c.id, 'new', n")))
    rows = owner_connection.execute(
        text("SELECT DISTINCT number ~ 'new', access_class FROM incident WHERE category = 'lifts'")
    )
    assert sorted(map(tuple, rows)) == [(False, "ordinary"), (True, "personal")]


def test_a_category_of_no_table_is_refused(owner_connection: Connection) -> None:
    with pytest.raises(IntegrityError, match="fk_incident_subdistrict_id_category"):
        owner_connection.execute(text(INSERT_INCIDENTS.replace("'lifts', 'theft', 'mental_health'", "'lamps'")))


def test_the_database_finds_the_near_cells_of_a_report_whatever_the_application_says(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    """Check a place 3 m from the border of two grids: 106.01 of longitude."""
    connection = connect_as(east.account_ids["worker"])
    values = {"subdistrict": east.subdistrict_id, "longitude": 106.01 - 3 / 97_440}
    connection.execute(
        text(
            "INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_by, cell_id,"
            " near_cell_ids, geometry) SELECT :subdistrict, 'x', 'lifts', 'worker', now(), my_account(), min(id),"
            " '{1, 2, 3}', ST_Point(:longitude, 29.01, 4326) FROM cell WHERE subdistrict_id = :subdistrict"
        ),
        values,
    )
    near = "SELECT near_cell_ids FROM incident WHERE number = 'x'"
    (cell_ids,) = connection.execute(text(near)).scalars()
    others = "SELECT id FROM cell WHERE subdistrict_id = :subdistrict AND id > (SELECT min(id) FROM cell WHERE"
    others += " subdistrict_id = :subdistrict) ORDER BY id LIMIT 1"
    assert cell_ids == list(connection.execute(text(others), values).scalars())
    connection.execute(text("UPDATE incident SET near_cell_ids = '{7}' WHERE number = 'x'"))
    assert list(connection.execute(text(near)).scalars()) == [cell_ids]


def keys_of(connection: Connection, access_class: str) -> list[int]:
    rows = connection.execute(text(f"SELECT id FROM incident WHERE access_class = '{access_class}' ORDER BY id"))
    return list(rows.scalars())


@pytest.mark.parametrize("access_class", ["ordinary", "personal", "sensitive"])
def test_keys_of_a_class_have_no_gaps_from_other_classes(owner_connection: Connection, access_class: str) -> None:
    keys = keys_of(owner_connection, access_class)
    assert {later - earlier for earlier, later in pairwise(keys)} == {3}


def next_number(connection: Connection, subdistrict_id: int, category: str) -> str:
    statement = text("SELECT split_part(next_incident_number(:id, :category), '-', 2)")
    return str(connection.execute(statement, {"id": subdistrict_id, "category": category}).scalar_one())


def test_numbers_are_counted_for_each_class_by_itself(
    connect_as: ConnectAs, owner_connection: Connection, east: SubdistrictIds
) -> None:
    connection = connect_as(east.account_ids["worker"])
    numbers = [next_number(connection, east.subdistrict_id, key) for key in ("lifts", "theft", "mental_health")]
    assert numbers == ["0001", "P0001", "S0001"]


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_roles_that_report_nothing_are_told_no_number(connect_as: ConnectAs, east: SubdistrictIds, role: str) -> None:
    with assert_refused(connect_as(east.account_ids[role])):
        next_number(connect_as(east.account_ids[role]), east.subdistrict_id, "theft")


def test_a_sensitive_category_without_a_legal_basis_is_not_reported(
    filled_database: FilledDatabase, connect_as: ConnectAs, east: SubdistrictIds
) -> None:
    report = text(
        "INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_by, geometry) VALUES"
        f" ({east.subdistrict_id}, 'x', 'mental_health', 'worker', now(), my_account(), ST_Point(106, 29, 4326))"
    )
    basis = "UPDATE incident_category SET legal_basis = {} WHERE key = 'mental_health'"
    connection = connect_as(east.account_ids["worker"])
    execute_sql(filled_database, basis.format("NULL"))
    with assert_refused(connection, "no legal basis", IntegrityError):
        connection.execute(report)
    execute_sql(filled_database, basis.format("'第二十八条'"))
    assert connection.execute(report).rowcount == 1


@pytest.mark.parametrize("role", ["planner", "worker", "leader", "station", "admin"])
def test_nobody_writes_categories_by_sql(connect_as: ConnectAs, east: SubdistrictIds, role: str) -> None:
    connection = connect_as(east.account_ids[role])
    assert count_rows(connection, "incident_category") == 4
    with assert_refused(connection, "permission denied"):
        connection.execute(text("UPDATE incident_category SET access_class = 'ordinary'"))


@pytest.mark.parametrize("category", ["lifts", "mental_health", "unheard of"])
def test_a_report_to_another_subdistrict_tells_nothing_of_its_categories(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds, category: str
) -> None:
    connection = connect_as(east.account_ids["worker"])
    with assert_refused(connection, "row-level security"):
        connection.execute(
            text(
                "INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_by, geometry)"
                " VALUES (:subdistrict, 'x', :category, 'worker', now(), my_account(), ST_Point(105, 29, 4326))"
            ),
            {"subdistrict": west.subdistrict_id, "category": category},
        )


@pytest.mark.parametrize(
    ("role", "whole", "seen"), [(Role.ADMIN, True, 1), (Role.ADMIN, False, 0), (Role.STATION, True, 0)]
)
def test_the_explicit_filter_alone_shows_proposed_classes_to_admins_of_the_whole_subdistrict(
    owner_connection: Connection, east: SubdistrictIds, role: Role, whole: bool, seen: int
) -> None:
    """Check the filter in a session of the owner, who sees every row."""
    insert = (
        "INSERT INTO category_class_change (subdistrict_id, category, access_class, reason, proposed_by)"
        " VALUES (:subdistrict, 'lifts', 'personal', 'as decided', :account)"
    )
    values = {"subdistrict": east.subdistrict_id, "account": east.account_ids["admin"]}
    owner_connection.execute(text(insert), values)
    own = (east.subdistrict_id,)
    caller = Caller(east.account_ids["admin"], role, own, own if whole else (), (east.community_id,))
    assert len(list_open_changes(Session(owner_connection), caller)) == seen
