"""Scopes of one community, tested by plain SQL: the other community of the same subdistrict is foreign."""

import pytest
from sqlalchemy import Connection, text

from tests.fixtures.second_community import CommunityIds, TwoCommunities, create_second_community
from tests.fixtures.subdistricts import FilledDatabase
from tests.store.access.test_row_security import assert_refused, count_rows
from tests.store.conftest import ConnectAs

ROLES = ("planner", "worker", "leader", "station", "admin")
ROWS = {
    "plan": "community_id = {0.community_id}",
    "revision": "community_id = {0.community_id}",
    "adoption": "community_id = {0.community_id}",
    "revision_grid": "revision_id = {0.revision_id}",
    "revision_street": "revision_id = {0.draft_id}",
    "assignment": "revision_id = {0.revision_id}",
    "worker": "community_id = {0.community_id}",
    "duty": "worker_id = {0.worker_id}",
    "incident": "cell_id = {0.cell_id}",
    "household": "building_id = {0.building_id}",
    "resident": "id = {0.resident_id}",
    "account_scope": "community_id = {0.community_id}",
    "audit": "community_id = {0.community_id}",
}
"""Rows of a community, by table."""
SEEN = {
    "planner": "plan revision adoption revision_grid revision_street assignment worker duty incident",
    "worker": "plan revision adoption revision_grid revision_street assignment worker duty incident household resident",
    "leader": "plan revision adoption revision_grid revision_street assignment worker duty incident",
    "station": "plan revision adoption revision_grid revision_street assignment worker duty incident"
    " household resident",
    "admin": "plan revision adoption revision_grid revision_street assignment worker duty account_scope audit",
}
"""Tables of which a role sees rows of its community."""
DUTY_COLUMNS = "worker_id, grid_id, kind, valid"
ADOPTION_COLUMNS = "community_id, revision_id, valid"
REVISION_COLUMNS = "community_id, plan_id, land_id, number, minimum, maximum"
HOUSEHOLD_COLUMNS = "building_id, kind, source, valid"
INERT = ("ended admin", "future admin", "ended station", "future leader", "deactivated station")


@pytest.fixture(scope="module")
def two(filled_database: FilledDatabase) -> TwoCommunities:
    """Add the community east2, accounts of one community, and a row of the audit for each community."""
    return create_second_community(filled_database)


def seen_tables(connection: Connection, community: CommunityIds) -> list[str]:
    """Return the tables of which the account sees rows of a community, besides its own scope."""
    others = {**ROWS, "account_scope": ROWS["account_scope"] + " AND account_id <> coalesce(my_account(), 0)"}
    return [table for table, where in others.items() if count_rows(connection, table, where.format(community))]


def changed_rows(connection: Connection, table: str, community: CommunityIds) -> int:
    """Return how many rows of a community an account changes by SQL that names them."""
    where = ROWS[table].format(community)
    return connection.execute(text(f"UPDATE {table} SET subdistrict_id = subdistrict_id WHERE {where}")).rowcount


def insert_statement(two: TwoCommunities, table: str, columns: str, values: str) -> str:
    """Return the statement that inserts a row of the subdistrict with keys of both communities."""
    row = values.format(two.east1, two.east2, period="'[2019-01-01,2019-02-01)'")
    return f"INSERT INTO {table} (subdistrict_id, {columns}) VALUES ({two.east1.subdistrict_id}, {row})"


@pytest.mark.parametrize("role", ROLES)
def test_an_account_of_a_community_reads_its_rows(connect_as: ConnectAs, two: TwoCommunities, role: str) -> None:
    connection = connect_as(two.account_ids[f"{role} of east1"])
    assert seen_tables(connection, two.east1) == SEEN[role].split()


@pytest.mark.parametrize("role", ROLES)
def test_an_account_of_a_community_reads_no_rows_of_another(
    connect_as: ConnectAs, two: TwoCommunities, role: str
) -> None:
    assert seen_tables(connect_as(two.account_ids[f"{role} of east1"]), two.east2) == []


@pytest.mark.parametrize("name", INERT)
def test_a_scope_of_another_time_and_a_deactivated_account_read_nothing(
    connect_as: ConnectAs, two: TwoCommunities, name: str
) -> None:
    connection = connect_as(two.account_ids[name])
    assert seen_tables(connection, two.east1) == seen_tables(connection, two.east2) == []


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_an_account_of_the_whole_subdistrict_reads_both_communities(
    connect_as: ConnectAs, two: TwoCommunities, role: str
) -> None:
    connection = connect_as(two.account_ids[role])
    tables = ("adoption", "worker", "assignment")
    assert [count_rows(connection, table, ROWS[table].format(two.east2)) for table in tables] == [1, 1, 1]


def test_a_leader_of_a_community_reads_one_incident_of_two(connect_as: ConnectAs, two: TwoCommunities) -> None:
    counts = {name: count_rows(connect_as(two.account_ids[name]), "incident") for name in ("leader of east1", "leader")}
    assert counts == {"leader of east1": 1, "leader": 2}


def test_a_station_reads_the_residents_of_its_community_only(connect_as: ConnectAs, two: TwoCommunities) -> None:
    connection = connect_as(two.account_ids["station of east2"])
    assert connection.scalars(text("SELECT id FROM resident")).all() == [two.east2.resident_id]


def test_a_planner_on_the_roster_reads_no_persons(connect_as: ConnectAs, two: TwoCommunities) -> None:
    connection = connect_as(two.account_ids["linked planner"])
    assert count_rows(connection, "duty", f"worker_id = {two.east1.worker_id}") == 1
    assert [count_rows(connection, table) for table in ("household", "resident", "dwelling")] == [0, 0, 0]
    assert connection.scalar(text("SELECT my_grids()")) == []


def test_a_planner_links_no_account_to_the_roster(connect_as: ConnectAs, two: TwoCommunities) -> None:
    connection = connect_as(two.account_ids["planner"])
    with assert_refused(connection, "permission denied"):
        connection.execute(text("UPDATE worker SET account_id = my_account()"))
    with assert_refused(connection, "permission denied"):
        connection.execute(
            text(
                "INSERT INTO worker (subdistrict_id, community_id, name, valid, account_id)"
                " VALUES (:subdistrict_id, :community_id, 'me', daterange('2020-01-01', NULL), my_account())"
            ),
            two.east1.scope_ids,
        )


@pytest.mark.parametrize(
    ("name", "table", "own", "foreign"),
    [
        ("approver of east1", "adoption", 1, 0),
        ("leader of east1", "adoption", 1, 0),
        ("planner of east1", "adoption", 0, 0),
        ("planner of east1", "plan", 1, 0),
        ("planner of east1", "worker", 0, 0),
        ("planner of east1", "duty", 0, 0),
        ("station of east1", "worker", 1, 0),
        ("station of east1", "duty", 1, 0),
        ("admin of east1", "worker", 1, 0),
        ("admin of east1", "duty", 1, 0),
        ("station of east1", "household", 1, 0),
        ("station of east1", "resident", 1, 0),
        ("station of east1", "incident", 1, 0),
        ("worker of east1", "incident", 1, 0),
        ("worker of east1", "resident", 1, 0),
        ("ended station", "resident", 0, 0),
    ],
)
def test_an_account_changes_rows_of_its_community_only(
    connect_as: ConnectAs, two: TwoCommunities, name: str, table: str, own: int, foreign: int
) -> None:
    connection = connect_as(two.account_ids[name])
    assert changed_rows(connection, table, two.east1) == own
    assert changed_rows(connection, table, two.east2) == foreign


@pytest.mark.parametrize(
    ("name", "table", "columns", "values"),
    [
        ("planner of east1", "plan", "community_id, name", "{1.community_id}, 'mine'"),
        ("planner of east1", "grid", "community_id, code", "{1.community_id}, 'mine'"),
        ("station of east1", "worker", "community_id, name, valid", "{1.community_id}, 'mine', '[2020-01-01,)'"),
        ("admin of east1", "worker", "community_id, name, valid", "{1.community_id}, 'mine', '[2020-01-01,)'"),
        ("admin of east1", "duty", DUTY_COLUMNS, "{0.worker_id}, {1.grid_id}, 'own_grid', {period}"),
        ("station of east1", "duty", DUTY_COLUMNS, "{1.worker_id}, {0.grid_id}, 'own_grid', {period}"),
        ("approver of east1", "adoption", ADOPTION_COLUMNS, "{1.community_id}, {1.revision_id}, {period}"),
        ("leader of east1", "adoption", ADOPTION_COLUMNS, "{1.community_id}, {1.revision_id}, {period}"),
        ("planner of east1", "adoption", ADOPTION_COLUMNS, "{0.community_id}, {0.revision_id}, {period}"),
        ("approver of east1", "adoption", ADOPTION_COLUMNS, "{0.community_id}, {1.revision_id}, {period}"),
        ("planner", "adoption", ADOPTION_COLUMNS, "{0.community_id}, {1.revision_id}, {period}"),
        ("planner of east1", "revision", REVISION_COLUMNS, "{0.community_id}, {1.plan_id}, {0.land_id}, 8, 1, 9"),
        ("planner of east1", "revision", REVISION_COLUMNS, "{0.community_id}, {0.plan_id}, {1.land_id}, 8, 1, 9"),
        ("planner", "assignment", "revision_id, cell_id, grid_id", "{0.revision_id}, {1.cell_id}, {0.grid_id}"),
        ("planner", "assignment", "revision_id, cell_id, grid_id", "{0.draft_id}, {0.cell_id}, {1.grid_id}"),
        ("planner of east1", "assignment", "revision_id, cell_id, grid_id", "{0.draft_id}, {1.cell_id}, {0.grid_id}"),
        ("planner of east1", "assignment", "revision_id, cell_id, grid_id", "{1.draft_id}, {0.cell_id}, {0.grid_id}"),
        ("station of east1", "household", HOUSEHOLD_COLUMNS, "{1.building_id}, 'resident', 'x', '[2020-01-01,)'"),
    ],
)  # fmt: skip
def test_a_new_row_that_reaches_into_another_community_is_refused(
    connect_as: ConnectAs, two: TwoCommunities, name: str, table: str, columns: str, values: str
) -> None:
    connection = connect_as(two.account_ids[name])
    with assert_refused(connection, "row-level security"):
        connection.execute(text(insert_statement(two, table, columns, values)))


@pytest.mark.parametrize(
    ("name", "table", "columns", "values"),
    [
        ("approver of east1", "adoption", ADOPTION_COLUMNS, "{0.community_id}, {0.revision_id}, {period}"),
        ("leader of east1", "adoption", ADOPTION_COLUMNS, "{0.community_id}, {0.revision_id}, {period}"),
        ("planner of east1", "revision", REVISION_COLUMNS, "{0.community_id}, {0.plan_id}, {0.land_id}, 8, 1, 9"),
        ("planner of east1", "assignment", "revision_id, cell_id, grid_id", "{0.draft_id}, {0.cell_id}, {0.grid_id}"),
    ],
)  # fmt: skip
def test_a_new_row_within_the_own_community_is_accepted(
    connect_as: ConnectAs, two: TwoCommunities, name: str, table: str, columns: str, values: str
) -> None:
    connection = connect_as(two.account_ids[name])
    assert connection.execute(text(insert_statement(two, table, columns, values))).rowcount == 1


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("station of east1", "UPDATE duty SET grid_id = {1.grid_id} WHERE id = {0.duty_id}"),
        ("planner of east1", "UPDATE plan SET community_id = {1.community_id} WHERE id = {0.plan_id}"),
        ("station of east1", "UPDATE worker SET community_id = {1.community_id} WHERE id = {0.worker_id}"),
    ],
)
def test_a_row_cannot_be_moved_to_another_community(
    connect_as: ConnectAs, two: TwoCommunities, name: str, change: str
) -> None:
    connection = connect_as(two.account_ids[name])
    with assert_refused(connection, "row-level security"):
        connection.execute(text(change.format(two.east1, two.east2)))


def test_the_record_of_an_account_names_its_community_only(connect_as: ConnectAs, two: TwoCommunities) -> None:
    connection = connect_as(two.account_ids["station of east1"])
    record = text("SELECT record_audit('approve', :subdistrict_id, :community_id, 'resident', 1, 'visit', '{}', NULL)")
    connection.execute(record, two.east1.scope_ids)
    with assert_refused(connection, "not allowed"):
        connection.execute(record, two.east2.scope_ids)


def test_the_authors_of_another_communitys_plans_stay_unnamed(
    connect_as: ConnectAs, owner_connection: Connection, two: TwoCommunities
) -> None:
    authors = text("SELECT display_name FROM plan_authors(:id) ORDER BY 1")
    subdistrict = {"id": two.east1.subdistrict_id}
    assert owner_connection.scalars(authors, subdistrict).all() == ["Planner-East1", "Planner-East2"]
    assert connect_as(two.account_ids["planner of east1"]).scalars(authors, subdistrict).all() == ["Planner-East1"]


@pytest.mark.parametrize("name", ["planner of east1", "leader of east1", "station of east1"])
def test_counts_of_another_community_are_not_visible(connect_as: ConnectAs, two: TwoCommunities, name: str) -> None:
    counted = text("SELECT grid_id FROM residents_by_grid(:id, today())")
    grids = connect_as(two.account_ids[name]).scalars(counted, {"id": two.east1.subdistrict_id}).all()
    assert two.east1.grid_id in grids
    assert two.east2.grid_id not in grids


def test_no_setting_changes_who_one_is(connect_as: ConnectAs, two: TwoCommunities) -> None:
    connection = connect_as(two.account_ids["planner of east1"])
    for setting in ("gridmap.account", "gridmap.account_id", "gridmap.role", "role.account"):
        connection.execute(
            text("SELECT set_config(:name, :value, true)"), {"name": setting, "value": str(two.account_ids["leader"])}
        )
    assert connection.scalar(text("SELECT my_account()")) == two.account_ids["planner of east1"]
    assert seen_tables(connection, two.east2) == []


def test_a_guessed_token_is_nobodys(connect_as: ConnectAs, two: TwoCommunities) -> None:
    connection = connect_as(two.account_ids["planner of east1"])
    for token in (str(two.account_ids["leader"]), "leader", ""):
        connection.execute(text("SELECT act_as(:token)"), {"token": token})
        assert connection.scalar(text("SELECT my_account()")) is None
