"""A subdistrict with more grids and resident groups than one page of the API holds: maps and lists show all of them."""

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import create_engine, text

from gridmap.core.vocabulary import Role
from gridmap.services.accounts import sign_in
from gridmap.web import context
from tests.browser.test_overview import OpenOverview, app, open_overview
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import execute_sql

__all__ = ["app", "open_overview"]
EXTRA_GRIDS, RESIDENT_GROUPS = 3198, 1001  # east has two grids already
SQUARE = "ST_Multi(ST_MakeEnvelope({x}, {y}, {x} + 0.0002, {y} + 0.0002, 4326))"
GRID_SQUARE = SQUARE.format(x="106 + 0.0003 * (g.number % 60)", y="29 + 0.0003 * (g.number / 60)")
GROUP_SQUARE = SQUARE.format(x="106 + 0.0005 * (number % 35)", y="29 + 0.0005 * (number / 35)")
EXTRA_GRIDS_SQL = f"""
    WITH g AS (
        INSERT INTO grid (subdistrict_id, community_id, code)
        SELECT subdistrict_id, id, 'east' || lpad((number + 1000)::text, 5, '0')
        FROM community, generate_series(1, {EXTRA_GRIDS}) AS number WHERE code = 'east1'
        RETURNING id, subdistrict_id, community_id, substr(code, 5)::int - 1000 AS number
    )
    INSERT INTO revision_grid
        (revision_id, grid_id, subdistrict_id, kind, status, households, buildings, area_m2, geometry)
    SELECT revision.id, g.id, g.subdistrict_id, 'household', 'under', 0, 0, 400, {GRID_SQUARE}
    FROM g JOIN revision USING (community_id)
"""
RESIDENT_GROUPS_SQL = f"""
    INSERT INTO resident_group (subdistrict_id, community_id, name, geometry)
    SELECT subdistrict_id, id, 'group ' || number, {GROUP_SQUARE}
    FROM community, generate_series(1, {RESIDENT_GROUPS}) AS number WHERE code = 'east1'
"""
COUNT_DRAWN = """key => Object.values(map_overview._layers)
    .filter(({ feature }) => feature && key in feature.properties).length"""


@pytest.fixture(scope="module", autouse=True)
def large_subdistrict(filled_database: FilledDatabase) -> None:
    """Give the subdistrict east 3,200 grids and 1,001 resident groups."""
    engine = create_engine(filled_database.owner_url)
    with engine.begin() as connection:
        connection.execute(text(EXTRA_GRIDS_SQL))
        connection.execute(text(RESIDENT_GROUPS_SQL))
    engine.dispose()


def count_drawn(page: Page, key: str) -> int:
    """Count the features on the map that have a property."""
    return int(page.evaluate(COUNT_DRAWN, key))


def test_the_overview_shows_all_grids_and_resident_groups(open_overview: OpenOverview) -> None:
    page = open_overview()
    page.check("#groups")
    assert page.locator("#grid-table tbody tr").count() == 3200
    assert count_drawn(page, "area_m2") == 3200
    assert count_drawn(page, "name") - count_drawn(page, "code") == 1001


ONE_INCIDENT = """
    INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, geometry)
    SELECT id, '1', 'noise', 'file', now(), ST_Centroid(geometry) FROM subdistrict WHERE code = 'east'
"""


def test_the_heatmap_shows_all_grids(open_overview: OpenOverview, filled_database: FilledDatabase) -> None:
    execute_sql(filled_database, ONE_INCIDENT)  # without a record there is no map
    page = open_overview(Role.LEADER, "/heat")
    assert page.locator("#heat-table tbody tr").count() == 3200
    assert count_drawn(page, "grid_id") == 3200


def test_the_public_page_shows_all_grids(open_overview: OpenOverview) -> None:
    page = open_overview(path="/public/east")
    assert page.locator("[data-grids] li").count() == 3200
    assert count_drawn(page, "url") == 3200


def test_the_page_of_a_grid_opens(open_overview: OpenOverview, filled_database: FilledDatabase) -> None:
    grid_id = filled_database.subdistricts["east"].grid_ids[0]
    page = open_overview(path=f"/grids/{grid_id}")
    assert count_drawn(page, "households") == 1


def test_the_api_returns_all_grids_and_resident_groups_page_by_page(
    app: Flask, filled_database: FilledDatabase
) -> None:
    subdistrict_id = filled_database.subdistricts["east"].subdistrict_id
    database = app.extensions[context.ACCOUNT_DATABASE_EXTENSION]
    account = sign_in.find_session_account(database, sign_in.sign_in(database, "east-planner", PASSWORD))
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: account
    client = app.test_client()
    for name, sizes in (("grids", [3000, 200]), ("resident-groups", [1001])):
        url = f"/api/v1/subdistricts/{subdistrict_id}/{name}?limit=3000"
        pages = [client.get(f"{url}&page={number}").get_json() for number in range(1, len(sizes) + 1)]
        assert [len(each["features"]) for each in pages] == sizes
        assert {each["pages"] for each in pages} == {len(sizes)}
