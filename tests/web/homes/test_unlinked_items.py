"""Things in no grid: each list with the way to mend it, for the roles that may, and as a file."""

import re
from collections.abc import Iterator

import pytest

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts
from tests.web.homes.test_homes import fetch

__all__ = ["app", "open_client", "subdistricts"]
PAGE, FILE = "/homes/links", "/homes/links/unlinked/export/csv"
CLEAR = "DELETE FROM shop; DELETE FROM facility; DELETE FROM incident"
PLACES = """
INSERT INTO shop (subdistrict_id, name, cell_id, geometry, valid)
    SELECT {place}, 'on land', id, ST_PointOnSurface(geometry), '[2020-01-01,)' FROM cell WHERE id = {cell};
INSERT INTO facility (subdistrict_id, kind, geometry, valid)
    VALUES ({place}, 'street_lamp', ST_SetSRID(ST_MakePoint(113.5, 30.25), 4326), '[2020-01-01,)');
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, geometry)
    SELECT {place}, 'no-land-' || key, key, 'file', now() - interval '2 days',
        ST_SetSRID(ST_MakePoint(113.5, 30.25), 4326)
    FROM incident_category WHERE subdistrict_id = {place} AND key IN ('lifts', '{personal}')
"""
WITHOUT_PLAN = "UPDATE adoption SET valid = daterange(lower(valid), lower(valid) + 30) WHERE subdistrict_id = {place}"
ITEM = re.compile(r'<li data-unlinked="(\w+)">\s*(?:<a href="([^"]+)">)?([^<·]*)')


@pytest.fixture
def east(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[SubdistrictIds]:
    """Add a shop on land, a lamp and two incidents outside of all land, one of them about persons."""
    ids = subdistricts["east"]
    place = ids.subdistrict_id
    [(cell,)] = fetch(filled_database, f"SELECT min(cell_id) FROM assignment WHERE grid_id = {ids.grid_ids[0]}")
    personal = f"SELECT min(key) FROM incident_category WHERE subdistrict_id = {place} AND access_class = 'personal'"
    [(key,)] = fetch(filled_database, personal)
    execute_sql(filled_database, f"{CLEAR}; {PLACES.format(place=place, cell=cell, personal=key)}")
    periods = fetch(filled_database, f"SELECT id, valid::text FROM adoption WHERE subdistrict_id = {place}")
    yield ids
    restored = [f"UPDATE adoption SET valid = '{valid}' WHERE id = {key}" for key, valid in periods]
    execute_sql(filled_database, "; ".join([CLEAR, *restored]))


def listed(page: str) -> list[tuple[str, str, str]]:
    """Return kind, link and words of what the lists show."""
    return [(kind, link, words.strip()) for kind, link, words in ITEM.findall(page)]


@pytest.mark.parametrize(("role", "incidents"), [("station", []), ("planner", [("incidents", "", "no-land-lifts")])])
def test_stations_open_what_lies_outside_all_land(
    open_client: OpenClient,
    filled_database: FilledDatabase,
    *,
    east: SubdistrictIds,
    role: str,
    incidents: list[tuple[str, str, str]],
) -> None:
    page = open_client(f"east-{role}").get(PAGE).text
    [(lamp,)] = fetch(filled_database, "SELECT id FROM facility")
    link = f"/places/facilities/{lamp}" if role == "station" else ""
    assert listed(page) == [("facilities", link, "Street lamp"), *incidents]
    assert re.search(r"Street lamp(</a>)? · on no land", page)
    assert ("outside all communities" in page) == bool(incidents)
    assert ("113.5000000, 30.2500000" in page) == bool(incidents)


def test_without_a_plan_the_station_opens_the_place(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    execute_sql(filled_database, WITHOUT_PLAN.format(place=east.subdistrict_id))
    station = open_client("east-station")
    found = listed(station.get(PAGE).text)
    assert [kind for kind, *_ in found] == ["buildings", "buildings", "facilities", "shops"]
    links = [link for _, link, _ in found if link]
    [(shop, lamp)] = fetch(filled_database, "SELECT shop.id, facility.id FROM shop, facility")
    assert links == [f"/places/facilities/{lamp}", f"/places/shops/{shop}"]
    assert [station.get(link).status_code for link in links] == [200, 200]


def test_without_a_plan_the_planner_opens_the_building(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    execute_sql(filled_database, WITHOUT_PLAN.format(place=east.subdistrict_id))
    inside = (
        "UPDATE incident SET geometry = (SELECT ST_PointOnSurface(geometry) FROM community"
        f" WHERE id = {east.community_id})"
    )
    execute_sql(filled_database, inside)
    planner = open_client("east-planner")
    links = [link for _, link, _ in listed(planner.get(PAGE).text) if link]
    buildings = {f"/planner/buildings/{key}" for key in east.building_ids}
    assert set(links) == {*buildings, f"/planner/communities/{east.community_id}#map"}
    assert [planner.get(link.partition("#")[0]).status_code for link in links] == [200] * 3


def test_an_administrator_opens_none_and_other_subdistricts_see_none(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    execute_sql(filled_database, WITHOUT_PLAN.format(place=east.subdistrict_id))
    links = [link for _, link, _ in listed(open_client("east-admin").get(PAGE).text)]
    assert links
    assert not any(links)
    assert listed(open_client("west-station").get(PAGE).text) == []


def test_the_file_has_the_rows_of_the_lists(open_client: OpenClient, east: SubdistrictIds) -> None:
    rows = open_client("east-planner").get(FILE).data.decode("utf-8-sig").splitlines()
    assert [row.split(",")[:3] for row in rows[1:]] == [
        ["Facilities", "", "Street lamp"],
        ["Incidents of a year", "no-land-lifts", rows[2].split(",")[2]],
    ]
    assert open_client("east-leader").get(FILE).status_code == 403


@pytest.mark.parametrize(("shops", "shown"), [(49, 49), (50, 50), (51, 50)])
def test_the_page_lists_fifty_places_and_the_file_all(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds, shops: int, shown: int
) -> None:
    many = (
        "DELETE FROM facility; DELETE FROM shop; INSERT INTO shop (subdistrict_id, name, geometry, valid)"
        f" SELECT {east.subdistrict_id}, 'shop ' || n, ST_SetSRID(ST_MakePoint(113.5, 30.25), 4326),"
        f" daterange('2020-01-01', NULL) FROM generate_series(1, {shops}) AS n"
    )
    execute_sql(filled_database, many)
    station = open_client("east-station")
    page = station.get(PAGE).text
    assert page.count('data-unlinked="shops"') == shown
    assert (f'<span class="count">{shown}+</span>' in page) == (shown == 50)
    assert len(station.get(FILE).data.splitlines()) == 1 + shops
