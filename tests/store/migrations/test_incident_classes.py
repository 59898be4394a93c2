"""Migration 0018 gives stored incidents the class of their service line, and later ones keys of their class."""

from collections.abc import Iterator

import pytest

from gridmap.catalogues import load_incident_categories
from gridmap.postgres import databases
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from tests.fixtures import postgis
from tests.store.migrations.schema_0008 import database_at_0008

pytestmark = pytest.mark.full  # a migration of an old version; test_plain_names upgrades such a database in every run

CLASSES = {
    "party": "ordinary",
    "population": "personal",
    "order": "personal",
    "family": "sensitive",
    "security": "personal",
    "care": "sensitive",
    "special": "sensitive",
    "events": "ordinary",
    "societies": "ordinary",
    "property": "ordinary",
    "noise": "personal",
}
"""Class by category of former versions; no service line is called noise."""
INSERT = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
    SELECT 1, '{0} of ' || category, category, 'file', '2024-03-01Z', 6, ST_SetSRID(ST_MakePoint(114.3, 30.5), 4326)
    FROM unnest(string_to_array('{1}', ' ')) AS category
"""


@pytest.fixture(scope="module")
def upgraded_url(postgis_server: Cluster) -> Iterator[str]:
    """Upgrade a database with an incident of every service line and one of another category."""
    with database_at_0008(postgis_server) as url:
        databases.execute(url, INSERT.format("former", " ".join(set(CLASSES) - {"noise"})))
        postgis.migrate_template(url)
        yield url


def test_stored_incidents_have_the_class_of_their_service_line(upgraded_url: str) -> None:
    assert dict(fetch_rows(upgraded_url, "SELECT category, access_class FROM incident")) == CLASSES


def test_categories_of_stored_incidents_are_those_of_the_subdistrict(upgraded_url: str) -> None:
    rows = fetch_rows(
        upgraded_url, "SELECT key, access_class, name_zh FROM incident_category WHERE main_category = 'former'"
    )
    assert {key: access_class for key, access_class, _ in rows} == CLASSES
    assert {key: name for key, _, name in rows if key in ("special", "noise")} == {
        "special": "特殊人群",
        "noise": "noise",
    }


def test_the_categories_of_the_catalogue_are_added_once_beside_the_former_ones(upgraded_url: str) -> None:
    query = "SELECT array_agg(key ORDER BY id) FROM incident_category WHERE main_category <> 'former'"
    catalogue = [([key for key in load_incident_categories().categories if key != "noise"],)]
    assert fetch_rows(upgraded_url, query) == catalogue
    postgis.migrate_template(upgraded_url)
    assert fetch_rows(upgraded_url, query) == catalogue


def test_sensitive_categories_that_were_in_use_stay_in_use(upgraded_url: str) -> None:
    query = """
        SELECT count(*) FROM incident_category
        WHERE access_class = 'sensitive' AND main_category = 'former' AND legal_basis IS NULL
    """
    assert fetch_rows(upgraded_url, query) == [(0,)]


def test_new_keys_are_above_the_stored_ones_and_of_their_class(upgraded_url: str) -> None:
    highest = fetch_rows(upgraded_url, "SELECT max(id) FROM incident")[0][0]
    databases.execute(upgraded_url, INSERT.format("first", "party order special"))
    databases.execute(upgraded_url, INSERT.format("second", "party order special"))
    rows = fetch_rows(
        upgraded_url,
        "SELECT access_class, min(id), max(id) - min(id) FROM incident WHERE number ~ '^(first|second)' GROUP BY 1",
    )
    assert {access_class: distance for access_class, _, distance in rows} == dict.fromkeys(
        ("ordinary", "personal", "sensitive"), 3
    )
    assert min(key for _, key, _ in rows) > highest
    assert len({key % 3 for _, key, _ in rows}) == 3
