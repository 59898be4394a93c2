"""Homes by hand: doors in bulk, households in and out, members, and two people at once."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.days import day_from_now
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
CLEAR = (
    "DELETE FROM resident WHERE household_id IN (SELECT id FROM household WHERE source <> 'test');"
    " DELETE FROM household WHERE source <> 'test'; UPDATE household SET dwelling_id = NULL, occupancy = NULL,"
    " valid = '[2020-01-01,)'; UPDATE resident SET valid = '[2020-01-01,)'; DELETE FROM dwelling; DELETE FROM unit"
)
VISIT = {"source": "visit at the door"}
TOWER = {"first_floor": "1", "last_floor": "3", "first_door": "1", "last_door": "2", **VISIT}


@pytest.fixture
def east(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    execute_sql(filled_database, CLEAR)
    return subdistricts["east"]


@pytest.fixture
def station(open_client: OpenClient, east: SubdistrictIds) -> FlaskClient:
    return open_client("east-station")


def fetch(database: FilledDatabase, query: str) -> list[tuple[Any, ...]]:
    engine = create_engine(database.owner_url)
    with engine.begin() as connection:
        rows = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return rows


def add_doors(client: FlaskClient, east: SubdistrictIds, **fields: str) -> Any:
    return submit_form(client, f"/homes/buildings/{east.building_ids[0]}", **{**TOWER, **fields})


def first_dwelling(database: FilledDatabase) -> int:
    return int(fetch(database, "SELECT min(id) FROM dwelling WHERE number = '101'")[0][0])


def version_of(client: FlaskClient, page: str) -> str:
    return str(re.findall(r'name="version"[^>]* value="(\d+)"', client.get(page).text)[0])


def move_in(client: FlaskClient, database: FilledDatabase, east: SubdistrictIds) -> str:
    """Add doors and a household behind the first one; return its page."""
    add_doors(client, east)
    page = f"/homes/dwellings/{first_dwelling(database)}"
    answer = submit_form(client, page, f"{page}/households", occupancy="tenant", residence="here", **VISIT)
    assert answer.status_code == 303
    return str(answer.location)


def add_member(client: FlaskClient, page: str, **fields: str) -> Any:
    values = {"name": "李雷", "version": version_of(client, page), **VISIT, **fields}
    return submit_form(client, page, f"{page}/members", **values)


def test_units_floors_and_doors_are_added_at_once_and_once(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    assert add_doors(station, east, first_unit="1", last_unit="2").status_code == 303
    rows = fetch(filled_database, "SELECT u.name, d.floor, d.number FROM dwelling d JOIN unit u ON u.id = d.unit_id")
    assert len(set(rows)) == 12
    assert ("2单元", 3, "302") in rows
    again = add_doors(station, east, first_unit="2", last_unit="2")
    assert again.status_code == 422
    assert "has all of these dwellings already" in again.text
    assert 'value="visit at the door"' in again.text
    source = fetch(filled_database, "SELECT source, by_hand FROM change_set ORDER BY id DESC LIMIT 1")
    assert source == [("visit at the door", False)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"last_floor": "200", "last_door": "99"}, "are more than 2000 at once"),
        ({"first_floor": "4"}, "the last number is below the first"),
        ({"source": " "}, "say where it comes from"),
        ({"as_of": day_from_now(1).isoformat()}, "this day is still to come"),
    ],
)
def test_doors_that_cannot_be_keep_the_form(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, fields: dict[str, str], message: str
) -> None:
    answer = add_doors(station, east, **fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert fetch(filled_database, "SELECT FROM dwelling") == []


def test_a_door_shows_how_it_is_lived_in_and_no_name(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    page = move_in(station, filled_database, east)
    assert add_member(station, page).status_code == 303
    drawing = station.get(f"/homes/buildings/{east.building_ids[0]}").text
    assert drawing.count('class="door door-tenant" href') == 1
    assert drawing.count('class="door door-unknown" href') == 5
    assert "李" not in drawing
    assert "李**" in station.get(page).text
    assert "visit at the door" in station.get(page).text


def test_a_household_is_recorded_once_by_a_double_click(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    move_in(station, filled_database, east)
    page = f"/homes/dwellings/{first_dwelling(filled_database)}"
    assert submit_form(station, page, f"{page}/households", occupancy="", residence="", **VISIT).status_code == 422
    assert len(fetch(filled_database, "SELECT FROM household WHERE source <> 'test'")) == 1


def test_who_lives_elsewhere_is_registered_only(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    page = move_in(station, filled_database, east)
    version = version_of(station, page)
    values = {"occupancy": "", "residence": "lives_elsewhere", "version": version, **VISIT}
    assert submit_form(station, page, **values).status_code == 303
    stored = fetch(filled_database, "SELECT kind, occupancy, residence FROM household WHERE source <> 'test'")
    assert stored == [("registered", None, "lives_elsewhere")]
    assert "door-elsewhere" in station.get(f"/homes/buildings/{east.building_ids[0]}").text


def test_a_change_of_two_people_at_once_keeps_the_words_of_the_second(
    station: FlaskClient, open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    page = move_in(station, filled_database, east)
    version = version_of(station, page)
    assert add_member(station, page).status_code == 303
    late = add_member(station, page, version=version, name="韩梅梅")
    assert late.status_code == 409
    assert "Somebody has changed this household meanwhile" in late.text
    assert 'value="韩梅梅"' in late.text
    assert len(fetch(filled_database, "SELECT FROM resident WHERE source <> 'test'")) == 1
    newer = re.findall(r'name="version"[^>]* value="(\d+)"', late.text)[0]
    assert add_member(station, page, version=newer, name="韩梅梅").status_code == 303


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"id_number": "11010519491231002X", "name": "x"}, "has this identity number"),
        ({"id_number": "110105194912310021"}, "the last character should be X"),
        ({"id_number": "44052418800101001X"}, ""),
        ({"birth_year": "1850"}, "a year of birth from 1880"),
        ({"first": "2019-01-01"}, "the household moved in on"),
    ],
)
def test_a_member_that_cannot_be_is_refused_with_the_reason(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, fields: dict[str, str], message: str
) -> None:
    page = move_in(station, filled_database, east)
    answer = add_member(station, page, **fields)
    assert answer.status_code == 422
    assert message in answer.text


def test_numbers_of_a_new_member_are_encrypted_and_the_year_follows(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    page = move_in(station, filled_database, east)
    assert add_member(station, page, id_number="110101199003078515", phone="13812345678").status_code == 303
    query = "SELECT name, birth_year, id_number_encrypted, phone_index IS NULL FROM resident WHERE source <> 'test'"
    name, year, encrypted, lacks_phone = fetch(filled_database, query)[0]
    assert (name, year, lacks_phone) == ("李雷", 1990, False)
    assert b"110101199003078515" not in bytes(encrypted)


def test_a_household_moves_out_with_its_members_and_stays_on_record(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    page = move_in(station, filled_database, east)
    add_member(station, page)
    end = {"last": day_from_now(0).isoformat(), "version": version_of(station, page), **VISIT}
    assert submit_form(station, page, f"{page}/end", **end).status_code == 303
    ends = "SELECT upper(valid) - today() FROM household WHERE source <> 'test' UNION ALL SELECT upper(valid) - today()"
    assert fetch(filled_database, f"{ends} FROM resident WHERE source <> 'test'") == [(1,), (1,)]


def test_a_household_without_a_door_gets_one(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    add_doors(station, east)
    building = station.get(f"/homes/buildings/{east.building_ids[0]}").text
    page = re.findall(r'href="(/homes/households/\d+)"', building)[0]
    door = str(first_dwelling(filled_database))
    values = {"dwelling_id": door, "version": version_of(station, page), **VISIT}
    assert submit_form(station, page, f"{page}/dwelling", **values).status_code == 303
    assert "Households without a door" not in station.get(f"/homes/buildings/{east.building_ids[0]}").text


def test_a_worker_corrects_residents_of_the_own_grid_and_adds_nobody(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    worker = open_client("east-worker")
    page = f"/homes/residents/{east.resident_ids[0]}"
    values = {"phone": "13512345678", "version": version_of(worker, page), **VISIT}
    assert submit_form(worker, page, **values).status_code == 303
    late = submit_form(worker, page, **{**values, "phone": "13612345678", "source": "second list"})
    assert (late.status_code, 'value="13612345678"' in late.text) == (409, True)
    assert f"<li>Phone: {VISIT['source']} · " in late.text
    assert worker.get(f"/homes/residents/{east.resident_ids[1]}").status_code == 404
    household = fetch(filled_database, f"SELECT household_id FROM resident WHERE id = {east.resident_ids[0]}")[0][0]
    household_page = worker.get(f"/homes/households/{household}").text
    assert "/members" not in household_page
    csrf = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', worker.get(page).text)[0]
    answer = worker.post(f"/homes/households/{household}/members", data={"csrf_token": csrf, "name": "x", **VISIT})
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["east-planner", "east-leader", "east-admin"])
def test_planners_leaders_and_admins_see_no_homes(open_client: OpenClient, east: SubdistrictIds, name: str) -> None:
    assert open_client(name).get("/homes").status_code == 403
    assert open_client(name).get(f"/homes/buildings/{east.building_ids[0]}").status_code == 403


def test_homes_of_another_subdistrict_are_not_found(
    station: FlaskClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert station.get(f"/homes/buildings/{subdistricts['west'].building_ids[0]}").status_code == 404
    assert station.get(f"/homes/residents/{subdistricts['west'].resident_ids[0]}").status_code == 404
