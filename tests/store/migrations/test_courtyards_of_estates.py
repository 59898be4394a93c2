"""Migration 0025 lets a community have a courtyard name in several estates and places; stored courtyards stay."""

from collections.abc import Iterator

import pytest
from alembic import command
from psycopg2.errors import UniqueViolation
from sqlalchemy import create_engine

from gridmap.postgres import databases
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.store.migrations.upgrade import alembic_config
from tests.fixtures import postgis
from tests.store.migrations.schema_0008 import database_at_0008

pytestmark = pytest.mark.full  # a migration of an old version; test_plain_names upgrades such a database in every run

ESTATES = (
    "INSERT INTO estate (id, subdistrict_id, community_id, name) VALUES (61, 1, 2, '东湖花园'), (62, 1, 2, '西苑')"
)
STORED = """
INSERT INTO courtyard (id, subdistrict_id, community_id, estate_id, name)
    VALUES (71, 1, 2, 61, '1号院'), (72, 1, 2, NULL, '2号院')
"""
ADDED = """
INSERT INTO courtyard (id, subdistrict_id, community_id, estate_id, name, place)
    VALUES (73, 1, 2, 62, '1号院', 1), (74, 1, 2, 61, '1号院', 2), (75, 1, 2, NULL, '2号院', 2)
"""
REPEATED = "INSERT INTO courtyard (id, subdistrict_id, community_id, name, place) VALUES (76, 1, 2, '2号院', 1)"
COURTYARDS = "SELECT id, estate_id, name FROM courtyard ORDER BY id"


@pytest.fixture
def upgraded_url(postgis_server: Cluster) -> Iterator[str]:
    """Upgrade a database with two courtyards."""
    with database_at_0008(postgis_server) as url:
        databases.execute(url, ESTATES)
        databases.execute(url, STORED)
        postgis.migrate_template(url)
        yield url


def test_stored_courtyards_are_the_first_places_of_their_names(upgraded_url: str) -> None:
    assert fetch_rows(upgraded_url, "SELECT id, place FROM courtyard ORDER BY id") == [(71, 1), (72, 1)]


def test_a_place_without_an_estate_is_stored_once(upgraded_url: str) -> None:
    databases.execute(upgraded_url, ADDED)
    with pytest.raises(UniqueViolation, match="uq_courtyard_community_id_estate_id_name_place"):
        databases.execute(upgraded_url, REPEATED)


def test_a_downgrade_keeps_every_courtyard_under_a_name_of_its_own(upgraded_url: str) -> None:
    databases.execute(upgraded_url, ADDED)
    engine = create_engine(upgraded_url)
    with engine.begin() as connection:
        command.downgrade(alembic_config(connection), "0024")
    engine.dispose()
    assert fetch_rows(upgraded_url, COURTYARDS) == [
        (71, 61, "1号院"),
        (72, None, "2号院"),
        (73, 62, "1号院 (73)"),
        (74, 61, "1号院 (74)"),
        (75, None, "2号院 (75)"),
    ]
