"""One search over places and doors, and residents by their whole name."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.web.homes.test_homes import CLEAR, TOWER, fetch

__all__ = ["app", "open_client", "subdistricts"]
PLACES = """
UPDATE building SET name = CASE code WHEN 'B0' THEN '锦绣花园3栋' ELSE '银杏苑1栋' END;
INSERT INTO shop (subdistrict_id, name, cell_id, geometry, valid)
    SELECT subdistrict_id, '锦绣小吃', id, ST_PointOnSurface(geometry), '[2020-01-01,)' FROM cell WHERE number = 0
"""
ESTATE = "INSERT INTO estate (subdistrict_id, community_id, name) SELECT subdistrict_id, id, '望江楼' FROM community"
ORGANISATION, FACILITY = (
    f"INSERT INTO {table} (subdistrict_id, name, kind, cell_id, geometry, valid)"
    f" SELECT subdistrict_id, '望江楼', '{kind}', id, ST_PointOnSurface(geometry), '[2020-01-01,)' FROM cell"
    for table, kind in (("organisation", "volunteers"), ("facility", "lamp"))
)
UNDO = "UPDATE building SET name = NULL; DELETE FROM shop; UPDATE resident SET name = '张小明'"


@pytest.fixture(autouse=True)
def places(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    execute_sql(filled_database, f"{UNDO}; {PLACES}; {CLEAR}")
    yield
    execute_sql(filled_database, f"{UNDO}; {CLEAR}")


def search(client: FlaskClient, query: str, action: str = "/search") -> Any:
    return submit_form(client, "/search", action, query=query)


@pytest.mark.parametrize("query", ["锦绣花园", "jxhy", "JXHY3D", "B0"])
def test_a_building_is_found_by_letters_initials_and_code(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], query: str
) -> None:
    page = search(open_client("east-station"), query).text
    assert f"/homes/buildings/{subdistricts['east'].building_ids[0]}" in page
    assert 'data-kind="building"' in page


def test_results_are_grouped_and_of_the_own_subdistrict(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    page = search(open_client("east-leader"), "jx").text
    assert page.count("锦绣小吃") == page.count("锦绣花园3栋") == 1
    assert f"/grids/{subdistricts['east'].grid_ids[0]}" in page
    assert "/homes/" not in page.split("<main")[1]


def test_a_new_name_is_found_at_once(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-planner")
    assert "No place has these letters" in search(client, "望江楼").text
    execute_sql(filled_database, "UPDATE shop SET name = '望江楼'")
    assert 'data-kind="shop"' in search(client, "wjl").text


@pytest.mark.parametrize(
    ("change", "undo"),
    [
        ("UPDATE building SET name = '望江楼' WHERE code = 'B0'", "UPDATE building SET name = NULL"),
        (ESTATE, "DELETE FROM estate"),
        ("UPDATE shop SET name = '望江楼'", "DELETE FROM shop"),
        (ORGANISATION, "DELETE FROM organisation"),
        (FACILITY, "DELETE FROM facility"),
    ],
)
def test_a_change_of_any_kind_of_name_is_found_at_once(
    open_client: OpenClient, filled_database: FilledDatabase, change: str, undo: str
) -> None:
    client = open_client("east-planner")
    assert "No place has these letters" in search(client, "望江楼").text
    execute_sql(filled_database, change)
    found = search(client, "wjl").text
    execute_sql(filled_database, undo)
    assert "望江楼" in found
    assert "No place has these letters" in search(client, "望江楼").text


def test_a_door_is_found_behind_its_building(open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]) -> None:
    station, building = open_client("east-station"), subdistricts["east"].building_ids[0]
    submit_form(station, f"/homes/buildings/{building}", **{**TOWER, "first_unit": "1", "last_unit": "2"})
    assert search(station, "锦绣花园3栋 302").text.count("/homes/dwellings/") == 2
    assert search(station, "jxhy 2单元 302室").text.count("/homes/dwellings/") == 1
    assert "/homes/dwellings/" not in search(open_client("east-planner"), "jxhy 302").text


def test_residents_are_found_by_the_whole_name_masked_and_on_record(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    station, east = open_client("east-station"), subdistricts["east"]
    page = search(station, "张小明", "/search/residents").text
    assert page.count("张**") == 2
    audit = "SELECT resident_ids, details FROM audit WHERE action = 'search' ORDER BY id DESC LIMIT 1"
    assert fetch(filled_database, audit) == [(list(east.resident_ids), {"by": "name", "found": 2})]
    assert "张**" not in search(station, "张小", "/search/residents").text
    assert "张**" not in search(station, "张小明").text
    assert search(open_client("east-worker"), "张小明", "/search/residents").text.count("张**") == 1


def test_a_short_name_and_too_many_searches_are_refused(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    station = open_client("east-station")
    assert search(station, "张", "/search/residents").status_code == 422
    east = subdistricts["east"]
    execute_sql(
        filled_database,
        "INSERT INTO audit (subdistrict_id, account_id, action, details) SELECT"
        f" {east.subdistrict_id}, {east.account_ids['station']}, 'search', '{{\"by\": \"name\"}}'"
        " FROM generate_series(1, 60)",
    )
    answer = search(station, "张小明", "/search/residents")
    assert answer.status_code == 422
    assert "too many searches for residents" in answer.text


@pytest.mark.parametrize("name", ["east-planner", "east-leader", "east-admin"])
def test_planners_leaders_and_admins_find_no_residents(open_client: OpenClient, name: str) -> None:
    client = open_client(name)
    assert search(client, "张小明", "/search/residents").status_code == 403
    assert "/search/residents" not in search(client, "张小明").text
