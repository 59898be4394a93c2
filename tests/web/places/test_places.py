"""Places by hand: touched or found by an address, corrected, moved on a day, ended, and two people at once."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.days import day_from_now
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.web.homes.test_homes import fetch, version_of

__all__ = ["app", "open_client", "subdistricts"]
VISIT = {"source": "walk"}
CLEAR = (
    "DELETE FROM shop; DELETE FROM organisation; DELETE FROM facility;"
    " UPDATE building SET address = 'Lane ' || id, name = NULL"
)
LAMP = {"kind": "street_lamp", "name": "", "address": "", "first": "2026-01-05", **VISIT}
STORED = (
    "SELECT kind, name, building_id, ST_X(geometry)::text, lower(valid)::text, upper(valid)::text FROM facility"
    " ORDER BY id"
)


@pytest.fixture
def east(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    execute_sql(filled_database, CLEAR)
    return subdistricts["east"]


@pytest.fixture
def station(open_client: OpenClient, east: SubdistrictIds) -> FlaskClient:
    return open_client("east-station")


@pytest.fixture
def new_page(east: SubdistrictIds) -> str:
    return f"/places/communities/{east.community_id}/new"


def point_of(database: FilledDatabase, building_id: int, east_m: float = 0) -> str:
    """Return a point in a building, or some metres east of it, as the map writes it."""
    query = f"SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_Centroid(geometry) AS p FROM building WHERE id = {building_id}) b"
    x, y = fetch(database, query)[0]
    return f"{x + east_m / 96_000:.7f}, {y:.7f}"


def add(client: FlaskClient, page: str, **fields: str) -> Any:
    return submit_form(client, page, **{**LAMP, **fields})


def page_of(database: FilledDatabase) -> str:
    """Return the page of the newest facility."""
    return f"/places/facilities/{fetch(database, 'SELECT max(id) FROM facility')[0][0]}"


def change(client: FlaskClient, page: str, **fields: str) -> Any:
    values = {"version": version_of(client, page), "moved": "", **LAMP, **fields}
    values.pop("first")
    return submit_form(client, page, **values)


def test_a_touch_places_a_lamp_in_its_building(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    point = point_of(filled_database, east.building_ids[0])
    assert add(station, new_page, shape=point).status_code == 303
    [(kind, name, building, x, first, last)] = fetch(filled_database, STORED)
    assert (kind, name, building, first, last) == ("street_lamp", None, east.building_ids[0], "2026-01-05", None)
    assert x.startswith(point.split(",")[0].rstrip("0"))
    assert fetch(filled_database, "SELECT source FROM change_set ORDER BY id DESC LIMIT 1") == [("walk",)]
    assert "Street lamp" in station.get("/places").text


def test_a_double_click_places_one(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    point = point_of(filled_database, east.building_ids[0])
    assert add(station, new_page, shape=point).status_code == 303
    again = add(station, new_page, shape=point)
    assert again.status_code == 422
    assert "is here already" in again.text
    assert add(station, new_page, shape=point_of(filled_database, east.building_ids[0], 2)).status_code == 303
    assert len(fetch(filled_database, STORED)) == 2


def test_an_address_finds_the_building_without_a_map(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    address = f"Lane {east.building_ids[1]}"
    answer = add(station, new_page, kind="shop", name="便利店", address=address, shape="")
    assert answer.status_code == 303
    stored = fetch(filled_database, "SELECT name, address, building_id FROM shop")
    assert stored == [("便利店", address, east.building_ids[1])]


def test_an_address_of_several_buildings_asks_which(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    execute_sql(filled_database, "UPDATE building SET address = '幸福路1号'")
    shop = {"kind": "shop", "name": "便利店", "address": "幸福路1号", "shape": ""}
    answer = add(station, new_page, **shop)
    assert answer.status_code == 422
    offered = re.findall(r'name="building_id"[^>]* value="(\d+)"', answer.text)
    assert set(map(int, offered)) == set(east.building_ids)
    assert 'value="幸福路1号"' in answer.text
    assert fetch(filled_database, "SELECT FROM shop") == []
    assert add(station, new_page, **shop, building_id=offered[1]).status_code == 303
    assert fetch(filled_database, "SELECT building_id FROM shop") == [(int(offered[1]),)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"shape": ""}, "touch the map, or enter coordinates or an address"),
        ({"shape": "", "address": "Nowhere 77"}, "no building of your communities has this address"),
        ({"shape": "12, 11"}, "this place is outside your communities"),
        ({"shape": "somewhere"}, "This is no place"),
        ({"kind": "library_of_dreams"}, "Not a valid choice"),
        ({"kind": "shop", "name": " "}, "enter a name"),
        ({"source": " "}, "say where it comes from"),
        ({"first": day_from_now(1).isoformat()}, "this day is still to come"),
    ],
)
def test_a_place_that_cannot_be_keeps_the_form(
    station: FlaskClient,
    filled_database: FilledDatabase,
    east: SubdistrictIds,
    new_page: str,
    *,
    fields: dict[str, str],
    message: str,
) -> None:
    answer = add(station, new_page, **{"shape": point_of(filled_database, east.building_ids[0]), **fields})
    assert answer.status_code == 422
    assert message in answer.text
    assert f'value="{fields.get("first", "2026-01-05")}"' in answer.text
    assert fetch(filled_database, STORED) == []


def test_a_correction_holds_for_every_day_and_a_move_from_its_day_on(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    first, second = (point_of(filled_database, each) for each in east.building_ids[:2])
    add(station, new_page, shape=first, name="n1")
    page = page_of(filled_database)
    assert change(station, page, shape=second, name="n2").status_code == 303
    rows = fetch(filled_database, STORED)
    assert [(row[1], row[2], row[4]) for row in rows] == [("n2", east.building_ids[1], "2026-01-05")]
    assert change(station, page, shape=first, name="n2", moved="2026-02-01").status_code == 303
    rows = fetch(filled_database, STORED)
    assert [(row[2], row[4], row[5]) for row in rows] == [
        (east.building_ids[1], "2026-01-05", "2026-02-01"),
        (east.building_ids[0], "2026-02-01", None),
    ]


@pytest.mark.parametrize(("moved", "status"), [("2026-01-04", 422), ("2026-01-05", 303), ("2026-01-06", 303)])
def test_a_move_is_not_before_the_first_day(
    station: FlaskClient,
    filled_database: FilledDatabase,
    east: SubdistrictIds,
    new_page: str,
    *,
    moved: str,
    status: int,
) -> None:
    add(station, new_page, shape=point_of(filled_database, east.building_ids[0]))
    second = point_of(filled_database, east.building_ids[1])
    answer = change(station, page_of(filled_database), shape=second, moved=moved)
    assert answer.status_code == status
    if status == 422:
        assert "since 2026-01-05, after this day" in answer.text
        assert f'value="{second}"' in answer.text


def test_of_two_changes_at_once_the_second_keeps_its_words(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    point = point_of(filled_database, east.building_ids[0])
    add(station, new_page, shape=point)
    page = page_of(filled_database)
    version = version_of(station, page)
    assert change(station, page, shape=point, name="lamp 7").status_code == 303
    answer = change(station, page, shape=point, name="lamp 8", version=version)
    assert answer.status_code == 409
    assert 'value="lamp 8"' in answer.text
    assert "lamp 7" in answer.text
    newer = re.findall(r'name="version"[^>]* value="(\d+)"', answer.text)[0]
    assert change(station, page, shape=point, name="lamp 8", version=newer).status_code == 303
    assert fetch(filled_database, STORED)[0][1] == "lamp 8"


def test_a_place_ends_and_stays_on_record(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    add(station, new_page, shape=point_of(filled_database, east.building_ids[0]))
    page = page_of(filled_database)
    end = f"{page}/end"
    early = submit_form(station, page, end, last="2026-01-04", version=version_of(station, page), **VISIT)
    assert early.status_code == 422
    done = submit_form(station, page, end, last="2026-02-01", version=version_of(station, page), **VISIT)
    assert done.status_code == 303
    assert fetch(filled_database, STORED)[0][5] == "2026-02-02"
    assert "Street lamp" not in station.get("/places").text.partition("<table")[2]
    assert "until 2026-02-01" in station.get(page).text


def test_kinds_stay_within_their_table(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    point = point_of(filled_database, east.building_ids[0])
    add(station, new_page, shape=point)
    assert change(station, page_of(filled_database), shape=point, kind="shop").status_code == 422
    assert change(station, page_of(filled_database), shape=point, kind="camera").status_code == 303


def test_the_map_has_grids_buildings_and_places(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    add(station, new_page, shape=point_of(filled_database, east.building_ids[0]), name="lamp 7")
    features = station.get(new_page.replace("/new", "/features.geojson")).get_json()["features"]
    layers = [each["properties"]["layer"] for each in features]
    assert [layers.count(layer) for layer in ("grid", "building", "place")] == [2, 2, 1]


@pytest.mark.parametrize("role", ["planner", "worker", "leader", "admin"])
def test_other_roles_change_no_places(open_client: OpenClient, new_page: str, role: str) -> None:
    client = open_client(f"east-{role}")
    assert {client.get(page).status_code for page in ("/places", new_page)} == {403}


def test_places_of_another_subdistrict_are_not_found(
    station: FlaskClient, open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds, new_page: str
) -> None:
    add(station, new_page, shape=point_of(filled_database, east.building_ids[0]))
    west = open_client("west-station")
    assert {west.get(page).status_code for page in (new_page, page_of(filled_database))} == {404}


ORPHANS = "/places/orphans"
LOST_LAMP = (
    "INSERT INTO facility (subdistrict_id, kind, geometry, valid) VALUES"
    " ({place}, 'street_lamp', ST_SetSRID(ST_MakePoint(113.5, 30.25), 4326), '[2020-01-01,)')"
)


@pytest.fixture
def lost_lamp(filled_database: FilledDatabase, east: SubdistrictIds) -> str:
    """Return the page of a lamp on no land."""
    execute_sql(filled_database, LOST_LAMP.format(place=east.subdistrict_id))
    return page_of(filled_database)


@pytest.mark.parametrize("way", ["link", "move"])
def test_a_place_on_no_land_is_linked_or_moved(
    station: FlaskClient, filled_database: FilledDatabase, *, east: SubdistrictIds, lost_lamp: str, way: str
) -> None:
    building = east.building_ids[0]
    assert lost_lamp in station.get(ORPHANS).text
    page = station.get(lost_lamp).text
    assert "This place is on no land" in page
    assert "East" in page or "east" in page
    moved = {"shape": point_of(filled_database, building)}
    linked = {"shape": "113.5000000, 30.2500000", "address": f"Lane {building}"}
    assert change(station, lost_lamp, **(linked if way == "link" else moved)).status_code == 303
    assert fetch(filled_database, "SELECT building_id, cell_id IS NULL FROM facility") == [(building, False)]
    assert "Every place is on land" in station.get(ORPHANS).text


def test_a_place_on_no_land_ends_with_a_reason(
    station: FlaskClient, filled_database: FilledDatabase, lost_lamp: str
) -> None:
    fields = {"version": version_of(station, lost_lamp), "last": day_from_now(-1).isoformat()}
    assert submit_form(station, lost_lamp, f"{lost_lamp}/end", **fields, source="").status_code == 422
    answer = submit_form(station, lost_lamp, f"{lost_lamp}/end", **fields, source="drawn twice")
    assert answer.location == ORPHANS
    assert fetch(filled_database, "SELECT upper_inf(valid) FROM facility") == [(False,)]
    assert fetch(filled_database, "SELECT source FROM change_set ORDER BY id DESC LIMIT 1") == [("drawn twice",)]


def test_a_place_on_no_land_stays_there_only_if_nothing_is_saved(
    station: FlaskClient, filled_database: FilledDatabase, lost_lamp: str
) -> None:
    answer = change(station, lost_lamp, shape="113.5000000, 30.2500000")
    assert answer.status_code == 422
    assert "outside your communities" in answer.text
    assert fetch(filled_database, "SELECT cell_id FROM facility") == [(None,)]


def test_places_on_no_land_leave_as_a_file_and_are_of_one_subdistrict(
    open_client: OpenClient, station: FlaskClient, lost_lamp: str
) -> None:
    rows = station.get(f"{ORPHANS}/export/csv").data.decode("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows[1:]] == ["Street lamp"]
    other = open_client("west-station")
    assert lost_lamp not in other.get(ORPHANS).text
    assert other.get(lost_lamp).status_code == 404
    assert open_client("east-planner").get(ORPHANS).status_code == 403
