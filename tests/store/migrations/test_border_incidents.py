"""Migration 0020 links stored incidents to the cells near them, and those just outside to the nearest cell."""

from collections.abc import Iterator

import pytest

from gridmap.postgres import databases
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from tests.fixtures import postgis
from tests.store.migrations.schema_0008 import database_at_0008

pytestmark = pytest.mark.full  # a migration of an old version; test_plain_names upgrades such a database in every run

CELLS = """
INSERT INTO cell (id, subdistrict_id, land_id, community_id, number, geometry) VALUES
    (21, 1, 4, 2, 1, ST_MakeEnvelope(114.4, 30.5, 114.5, 30.6, 4326)),
    (22, 1, 4, 2, 2, ST_MakeEnvelope(114.5, 30.5, 114.6, 30.6, 4326))
"""
INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
    SELECT 1, number, 'noise', 'file', '2024-03-01Z', cell_id,
        ST_Project(ST_Point(longitude, latitude, 4326)::geography, metres, azimuth)::geometry
    FROM (VALUES
        ('4.9 m west', 21, 114.5, 30.55, 4.9, radians(270)),
        ('5.1 m west', 21, 114.5, 30.55, 5.1, radians(270)),
        ('4.9 m east', 22, 114.5, 30.55, 4.9, radians(90)),
        ('in the middle', 21, 114.45, 30.55, 0, 0),
        ('7.9 m outside', NULL, 114.6, 30.55, 7.9, radians(90)),
        ('8.1 m outside', NULL, 114.6, 30.55, 8.1, radians(90))
    ) AS place (number, cell_id, longitude, latitude, metres, azimuth)
"""
LINKS = {
    "4.9 m west": (21, [22]),
    "5.1 m west": (21, []),
    "4.9 m east": (22, [21]),
    "in the middle": (21, []),
    "7.9 m outside": (22, []),
    "8.1 m outside": (None, []),
}


@pytest.fixture(scope="module")
def upgraded_url(postgis_server: Cluster) -> Iterator[str]:
    """Upgrade a database with incidents in, between and outside cells."""
    with database_at_0008(postgis_server) as url:
        databases.execute(url, CELLS)
        databases.execute(url, INCIDENTS)
        postgis.migrate_template(url)
        yield url


def test_stored_incidents_are_linked(upgraded_url: str) -> None:
    rows = fetch_rows(upgraded_url, "SELECT number, cell_id, near_cell_ids FROM incident WHERE number ~ ' '")
    assert {number: (cell_id, near) for number, cell_id, near in rows} == LINKS


def test_the_trigger_finds_what_the_migration_found(upgraded_url: str) -> None:
    query = "SELECT count(*) FROM incident WHERE near_cell_ids <> near_cells(subdistrict_id, geometry, cell_id)"
    assert fetch_rows(upgraded_url, query) == [(0,)]


def test_an_incident_that_moves_gets_the_cells_near_its_new_place(upgraded_url: str) -> None:
    move = "UPDATE incident SET geometry = ST_Point(114.45, 30.55, 4326) WHERE number = '4.9 m west'"
    databases.execute(upgraded_url, move)
    rows = fetch_rows(upgraded_url, "SELECT near_cell_ids FROM incident WHERE number = '4.9 m west'")
    assert rows == [([],)]
