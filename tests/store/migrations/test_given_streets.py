"""Migration 0021 finds the nearest street of stored incidents: a street that is given to a side takes them along."""

from collections.abc import Iterator, Mapping
from datetime import date

import pytest
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.postgres import databases
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.services.grids.incident_counts import NO_INCIDENTS, DateRange, IncidentFilter, count_by_grid
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from tests.fixtures import postgis
from tests.fixtures.loaded_town import rolled_back_session
from tests.store.migrations.schema_0008 import database_at_0008

pytestmark = pytest.mark.full  # a migration of an old version; test_plain_names upgrades such a database in every run

WEST_GRID, EAST_GRID, BORDER_STREET = 31, 32, 41
CELLS_AND_STREETS = """
INSERT INTO cell (id, subdistrict_id, land_id, community_id, number, geometry) VALUES
    (21, 1, 4, 2, 1, ST_MakeEnvelope(114.4, 30.5, 114.5, 30.6, 4326)),
    (22, 1, 4, 2, 2, ST_MakeEnvelope(114.5, 30.5, 114.6, 30.6, 4326));
INSERT INTO subdistrict (id, code, name, source, geometry)
    VALUES (51, 'west', '西街道', 'survey', ST_Multi(ST_MakeEnvelope(114.3, 30.5, 114.4, 30.6, 4326)));
INSERT INTO street (id, subdistrict_id, name, kind, geometry) VALUES
    (41, 1, '人民路', 'arterial', 'SRID=4326;LINESTRING (114.5 30.5, 114.5 30.56)'),
    (42, 1, '人民路', 'arterial', 'SRID=4326;LINESTRING (114.5 30.56, 114.5 30.6)'),
    (43, 1, '中山路', 'lane', 'SRID=4326;LINESTRING (114.41 30.51, 114.42 30.51)'),
    (44, 51, '别处', 'lane', 'SRID=4326;LINESTRING (114.45 30.55, 114.46 30.55)')
"""
INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
    SELECT 1, number, category, 'file', '2024-03-01Z', cell_id,
        ST_Project(ST_Point(longitude, latitude, 4326)::geography, metres, radians(azimuth))::geometry
    FROM (VALUES
        ('4.9 m west', 'property', 21, 114.5, 30.52, 4.9, 270),
        ('4.9 m east', 'property', 22, 114.5, 30.52, 4.9, 90),
        ('about a person', 'order', 22, 114.5, 30.52, 4.9, 90),
        ('14.9 m west', 'property', 21, 114.5, 30.53, 14.9, 270),
        ('15.1 m west', 'property', 21, 114.5, 30.53, 15.1, 270),
        ('where two pieces meet', 'property', 22, 114.5, 30.56, 3, 90),
        ('3 m north of the lane', 'property', 21, 114.415, 30.51, 3, 0),
        ('street of another subdistrict', 'property', 21, 114.455, 30.55, 1, 0)
    ) AS place (number, category, cell_id, longitude, latitude, metres, azimuth)
"""
STREETS = {
    "4.9 m west": 41,
    "4.9 m east": 41,
    "about a person": 41,
    "14.9 m west": 41,
    "15.1 m west": None,
    "where two pieces meet": 41,
    "3 m north of the lane": 43,
    "street of another subdistrict": None,
}
PLAN = """
INSERT INTO grid (id, subdistrict_id, community_id, code) VALUES (31, 1, 2, 'east1031'), (32, 1, 2, 'east1032');
INSERT INTO revision_grid
    (revision_id, grid_id, subdistrict_id, kind, status, households, buildings, area_m2, geometry)
    SELECT 12, id + 10, 1, 'household', 'in_range', 1, 1, 1, ST_Multi(geometry) FROM cell WHERE id IN (21, 22);
INSERT INTO assignment (revision_id, cell_id, grid_id, subdistrict_id) VALUES (12, 21, 31, 1), (12, 22, 32, 1);
INSERT INTO adoption (subdistrict_id, community_id, revision_id, valid) VALUES (1, 2, 12, '[2020-01-01,)');
"""
GIVE = """
INSERT INTO revision_street (revision_id, street_id, first_grid_id, second_grid_id, grid_id, subdistrict_id)
    VALUES (12, 41, 31, 32, 31, 1)
"""
DAY = SubdistrictDay(1, date(2024, 6, 1))
PROPERTY = IncidentFilter(DateRange(date(2024, 1, 1), DAY.date), categories=("property",))
OF_PERSONS = IncidentFilter(DateRange(date(2024, 1, 1), DAY.date), categories=("order",))


@pytest.fixture(scope="module")
def upgraded_url(postgis_server: Cluster) -> Iterator[str]:
    """Upgrade a database with incidents on, near and far from streets."""
    with database_at_0008(postgis_server) as url:
        databases.execute(url, CELLS_AND_STREETS)
        databases.execute(url, INCIDENTS)
        postgis.migrate_template(url)
        databases.execute(url, PLAN)
        yield url


def counts(session: Session, filters: IncidentFilter) -> Mapping[str, tuple[int, int]]:
    """Return the incidents of both grids, and those on the border."""
    found = count_by_grid(session, OWNER, DAY, filters)
    sides = {"west": found.get(WEST_GRID, NO_INCIDENTS), "east": found.get(EAST_GRID, NO_INCIDENTS)}
    return {side: (each.current, each.on_border) for side, each in sides.items()}


def test_stored_incidents_get_their_nearest_street_within_15_m(upgraded_url: str) -> None:
    rows = fetch_rows(upgraded_url, "SELECT number, street_id FROM incident WHERE number ~ ' '")
    assert dict(rows) == STREETS


def test_the_trigger_finds_the_street_that_the_migration_found(upgraded_url: str) -> None:
    query = "SELECT count(*) FROM incident WHERE street_id IS DISTINCT FROM nearest_street(subdistrict_id, geometry)"
    assert fetch_rows(upgraded_url, query) == [(0,)]


def test_stored_incidents_count_on_the_side_that_has_the_street(upgraded_url: str) -> None:
    databases.execute(upgraded_url, GIVE)
    with rolled_back_session(upgraded_url) as session:
        assert counts(session, PROPERTY) == {"west": (7, 0), "east": (0, 0)}
        assert counts(session, OF_PERSONS) == {"west": (0, 0), "east": (1, 0)}
