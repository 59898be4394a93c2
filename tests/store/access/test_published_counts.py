"""Published counts by plain SQL: equal to the rule of pooling, written once, and the same for every reader."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from gridmap.core.privacy.disclosure import suppression_groups
from tests.fixtures.second_community import TwoCommunities, create_second_community
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql
from tests.store.access.test_row_security import assert_refused, count_rows
from tests.store.conftest import ConnectAs

JANUARY, FIRST_QUARTER = date(2025, 1, 1), date(2025, 1, 1)
INSERT = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_at, cell_id, geometry)
    SELECT c.subdistrict_id, gen_random_uuid()::text, :category, 'file', now(), CAST(:at AS timestamptz), c.id,
        ST_PointOnSurface(c.geometry)
    FROM cell c, generate_series(1, :count) WHERE c.id = (SELECT min(cell_id) FROM assignment WHERE grid_id = :grid)
"""
INSERT_IN_NO_GRID = """
WITH open_land AS (
    INSERT INTO cell (subdistrict_id, land_id, community_id, number, geometry)
    SELECT subdistrict_id, land_id, community_id, 1000, geometry FROM cell WHERE community_id = :community LIMIT 1
    RETURNING id, subdistrict_id, geometry)
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_at, cell_id, geometry)
    SELECT subdistrict_id, gen_random_uuid()::text, 'theft', 'file', now(), '2025-01-15 12:00+08', id,
        ST_PointOnSurface(geometry)
    FROM open_land, generate_series(1, :count)
"""
INSERT_OUTSIDE = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_at, geometry)
    SELECT :subdistrict, gen_random_uuid()::text, :category, 'file', now(), CAST(:at AS timestamptz),
        ST_Point(106, 29, 4326) FROM generate_series(1, :count)
"""


class Published(NamedTuple):
    """A published count without its class and period."""

    community_id: int | None
    grid_id: int | None
    incidents: int | None


@pytest.fixture(scope="module")
def two(filled_database: FilledDatabase) -> TwoCommunities:
    """Add the community east2 to the subdistrict east."""
    return create_second_community(filled_database)


@pytest.fixture
def owner(owner_connection: Connection, two: TwoCommunities) -> Iterator[Connection]:
    """A connection as the owner without incidents, which is rolled back."""
    owner_connection.execute(text("DELETE FROM incident"))
    yield owner_connection
    owner_connection.rollback()


def add(connection: Connection, grid: int, count: int, at: str = "2025-01-15", category: str = "theft") -> None:
    values = {"grid": grid, "count": count, "at": f"{at} 12:00+08", "category": category}
    connection.execute(text(INSERT), values)


def publish(connection: Connection, subdistrict_id: int) -> None:
    connection.execute(text("SELECT publish_closed_counts(:id)"), {"id": subdistrict_id})


def published(connection: Connection, first_day: date = JANUARY, access_class: str = "personal") -> set[Published]:
    rows = connection.execute(
        text(
            "SELECT community_id, grid_id, incidents FROM published_count"
            " WHERE first_day = :first_day AND access_class = :access_class"
        ),
        {"first_day": first_day, "access_class": access_class},
    )
    return {Published(*row) for row in rows}


def expected_counts(community_id: int, counts: dict[int, int], remainder: int = 0) -> set[Published]:
    """Return what is published of a community by the rule in Python; `remainder` lies in none of its grids."""
    groups = suppression_groups(counts, remainder)
    has_small = any(0 < count < 5 for count in (*counts.values(), remainder))
    pooled = groups[0] if has_small else set()
    shown = {Published(community_id, grid, counts[grid]) for grid in counts.keys() - pooled}
    if pooled or remainder:
        total = sum(counts[grid] for grid in pooled) + remainder
        shown.add(Published(community_id, None, total if total >= 5 else None))
    return shown


@pytest.mark.parametrize("seed", range(8))
def test_small_counts_are_pooled_by_the_rule(
    owner: Connection, east: SubdistrictIds, two: TwoCommunities, seed: int
) -> None:
    rng = random.Random(seed)
    counts = {grid: rng.choice([0, 1, 2, 4, 5, 6, 9]) for grid in east.grid_ids}
    counts_east2 = {two.east2.grid_id: rng.choice([0, 3, 5, 7])}
    for grid, count in (counts | counts_east2).items():
        add(owner, grid, count)
    add(owner, east.grid_ids[0], 7, at="2024-12-31")
    publish(owner, east.subdistrict_id)
    assert published(owner) == {
        *expected_counts(east.community_id, counts),
        *expected_counts(two.east2.community_id, counts_east2),
        Published(None, None, 0),
    }


@pytest.mark.parametrize("counts", [(5, 9), (5, 0), (0, 0), (2, 7)])
@pytest.mark.parametrize("remainder", [0, 1, 4, 5])
def test_the_land_in_no_grid_is_pooled_by_the_rule(
    owner: Connection, east: SubdistrictIds, counts: tuple[int, int], remainder: int
) -> None:
    by_grid = dict(zip(east.grid_ids, counts, strict=True))
    for grid, count in by_grid.items():
        add(owner, grid, count)
    owner.execute(text(INSERT_IN_NO_GRID), {"community": east.community_id, "count": remainder})
    publish(owner, east.subdistrict_id)
    shown = {each for each in published(owner) if each.community_id == east.community_id}
    assert shown == (expected_counts(east.community_id, by_grid, remainder) if sum(counts) + remainder else set())


@pytest.mark.parametrize(("count", "shown"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_a_sum_of_one_to_four_is_not_told(
    owner: Connection, east: SubdistrictIds, count: int, shown: int | None
) -> None:
    add(owner, east.grid_ids[0], 6, at="2024-12-05")
    values = {"subdistrict": east.subdistrict_id, "category": "theft", "at": "2025-01-02 12:00+08", "count": count}
    owner.execute(text(INSERT_OUTSIDE), values)
    publish(owner, east.subdistrict_id)
    assert Published(None, None, shown) in published(owner)


@pytest.mark.parametrize(
    ("at", "first_day"),
    [
        ("2025-01-31 23:59:59+08", date(2025, 1, 1)),
        ("2025-02-01 00:00:00+08", date(2025, 2, 1)),
        ("2025-01-31 16:00:00+00", date(2025, 2, 1)),
    ],
)
def test_a_month_ends_at_midnight_of_the_office(
    owner: Connection, east: SubdistrictIds, at: str, first_day: date
) -> None:
    owner.execute(text(INSERT), {"grid": east.grid_ids[0], "count": 9, "at": at, "category": "theft"})
    publish(owner, east.subdistrict_id)
    assert Published(east.community_id, east.grid_ids[0], 9) in published(owner, first_day)


def test_sensitive_incidents_are_told_by_quarter(owner: Connection, east: SubdistrictIds) -> None:
    for at in ("2025-01-01", "2025-02-15", "2025-03-31"):
        add(owner, east.grid_ids[0], 2, at, "mental_health")
    publish(owner, east.subdistrict_id)
    assert Published(east.community_id, east.grid_ids[0], 6) in published(owner, FIRST_QUARTER, "sensitive")
    assert not published(owner, date(2025, 2, 1), "sensitive")


def test_ordinary_incidents_are_not_published(owner: Connection, east: SubdistrictIds) -> None:
    add(owner, east.grid_ids[0], 9, category="lifts")
    publish(owner, east.subdistrict_id)
    assert count_rows(owner, "published_count") == 0


@pytest.mark.parametrize(("unit", "category"), [("month", "theft"), ("quarter", "mental_health")])
def test_only_closed_periods_are_published(owner: Connection, east: SubdistrictIds, unit: str, category: str) -> None:
    boundary = f"(date_trunc('{unit}', now() AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai')"
    statement = INSERT.replace("CAST(:at AS timestamptz)", f"{boundary} - CAST(:at AS interval)")
    for at in ("1 second", "0 seconds"):
        owner.execute(text(statement), {"grid": east.grid_ids[0], "count": 8, "at": at, "category": category})
    publish(owner, east.subdistrict_id)
    rows = owner.execute(text("SELECT sum(incidents), count(DISTINCT first_day) FROM published_count")).one()
    assert tuple(rows) == (8, 1)


def test_what_is_published_stays(owner: Connection, east: SubdistrictIds) -> None:
    add(owner, east.grid_ids[0], 6)
    publish(owner, east.subdistrict_id)
    before = published(owner)
    add(owner, east.grid_ids[0], 5)
    add(owner, east.grid_ids[1], 9, at="2024-11-11")
    publish(owner, east.subdistrict_id)
    assert published(owner) == before
    assert Published(east.community_id, east.grid_ids[1], 9) in published(owner, date(2024, 11, 1))


@pytest.mark.parametrize("statement", ["UPDATE published_count SET incidents = 0", "DELETE FROM published_count"])
def test_not_even_the_owner_changes_published_counts(owner: Connection, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="is never changed"):
        owner.execute(text(statement))


def test_another_class_of_a_category_changes_no_published_count(owner: Connection, east: SubdistrictIds) -> None:
    add(owner, east.grid_ids[0], 6)
    owner.execute(text("UPDATE incident_category SET access_class = 'sensitive' WHERE key = 'theft'"))
    publish(owner, east.subdistrict_id)
    assert Published(east.community_id, east.grid_ids[0], 6) in published(owner)
    assert not published(owner, access_class="sensitive")


READERS = {
    "planner of east1": {"east1"},
    "leader of east1": {"east1"},
    "leader of east2": {"east2"},
    "station of east2": {"east2"},
    "worker of east1": set(),
    "admin of east1": set(),
}


@pytest.fixture(scope="module")
def stored(filled_database: FilledDatabase, two: TwoCommunities) -> None:
    """Publish six incidents of the first grid of each community."""
    statements = [
        INSERT.replace(":category", "'theft'").replace(":at", "'2025-01-15'").replace(":count", "6") for _ in range(2)
    ]
    grids = (two.east1.grid_id, two.east2.grid_id)
    rows = "; ".join(each.replace(":grid", str(grid)) for each, grid in zip(statements, grids, strict=True))
    execute_sql(filled_database, f"{rows}; SELECT publish_closed_counts({two.east1.subdistrict_id})")


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("reader", READERS)
def test_an_account_of_a_community_reads_its_counts(connect_as: ConnectAs, two: TwoCommunities, reader: str) -> None:
    shown = published(connect_as(two.account_ids[reader]))
    names = {two.east1.community_id: "east1", two.east2.community_id: "east2"}
    assert {names[each.community_id] if each.community_id else "none" for each in shown} == READERS[reader]


@pytest.mark.usefixtures("stored")
def test_a_leader_of_the_subdistrict_reads_all_and_writes_none(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["leader"])
    assert Counter(each.incidents for each in published(connection)) == Counter({6: 2, 0: 2})
    with assert_refused(connection, "permission denied"):
        connection.execute(text("INSERT INTO published_count (subdistrict_id) VALUES (1)"))


def test_nobody_publishes_another_subdistrict(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    connection = connect_as(east.account_ids["leader"])
    with assert_refused(connection):
        publish(connection, west.subdistrict_id)


def test_no_account_reads_counts_by_the_function_within(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    connection = connect_as(east.account_ids["leader"])
    statement = "SELECT sum(incidents) FROM pooled_incident_counts(:id, 'personal', '2025-01-01', '2025-01-31', 'UTC')"
    assert connection.execute(text(statement), {"id": east.subdistrict_id}).scalar() in (None, 0)
