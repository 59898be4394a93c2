"""Migration 0023 notes the months of stored ordinary incidents, and the upgrade packs them."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine

from gridmap.postgres import databases
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.store import incident_months
from tests.fixtures import postgis
from tests.store.migrations.schema_0008 import database_at_0008

pytestmark = pytest.mark.full  # a migration of an old version; test_plain_names upgrades such a database in every run

INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, geometry)
    SELECT 1, number, category, 'file', occurred_at::timestamptz, ST_Point(114.45, 30.55, 4326)
    FROM (VALUES
        ('last minute of May', 'property', '2023-05-31 23:59+08'),
        ('first minute of June', 'property', '2023-06-01 00:00+08'),
        ('about a person', 'order', '2023-09-15 12:00+08')
    ) AS stored (number, category, occurred_at)
"""


@pytest.fixture(scope="module")
def upgraded_url(postgis_server: Cluster) -> Iterator[str]:
    with database_at_0008(postgis_server) as url:
        databases.execute(url, INCIDENTS)
        postgis.migrate_template(url)
        yield url


def test_months_of_ordinary_incidents_are_packed_in_the_time_of_the_office(upgraded_url: str) -> None:
    query = "SELECT month::text, length(days) / 2 FROM incident_month WHERE month BETWEEN '2023-04-01' AND '2023-12-01'"
    ordinary = fetch_rows(upgraded_url, "SELECT number FROM incident WHERE access_class = 'ordinary'")
    assert {number for (number,) in ordinary} >= {"last minute of May", "first minute of June"}
    assert sorted(fetch_rows(upgraded_url, query)) == [("2023-05-01", 1), ("2023-06-01", 1)]


def test_packed_months_hold_what_the_rows_hold(upgraded_url: str) -> None:
    with create_engine(upgraded_url).connect() as connection:
        assert not incident_months.list_differences(connection)
    assert fetch_rows(upgraded_url, "SELECT count(*) FROM incident_month_change") == [(0,)]
