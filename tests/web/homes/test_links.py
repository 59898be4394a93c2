"""Links and orphans: counts by role, lists with a fix each, and two records of a person made one and back."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.days import day_from_now
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.web.homes.test_homes import CLEAR, fetch

__all__ = ["app", "open_client", "subdistricts"]
VISIT = {"source": "visit"}
TWICE = """
UPDATE resident r SET id_number_encrypted = o.id_number_encrypted, id_number_index = o.id_number_index,
    phone_encrypted = NULL, phone_index = NULL, birth_year = NULL
    FROM resident o WHERE r.id = {second} AND o.id = {first};
UPDATE resident SET birth_year = 1949 WHERE id = {first};
INSERT INTO service_group_member (subdistrict_id, resident_id, service_group_id, source, valid)
    SELECT subdistrict_id, {first}, id, 'list', '[2021-01-01,)' FROM service_group
    WHERE key = 'volunteer' AND subdistrict_id = {place}
"""
RECORDS = "SELECT upper_inf(valid), birth_year, phone_index IS NOT NULL FROM resident WHERE id IN ({}, {}) ORDER BY id"
LEADER = """
WITH new AS (INSERT INTO worker (subdistrict_id, community_id, name, valid)
    VALUES ({place}, {community}, 'leader', '[2020-01-01,)') RETURNING id)
INSERT INTO duty (subdistrict_id, worker_id, kind, role, grid_id, in_charge, valid)
    SELECT {place}, id, 'own_grid', 'grid_leader', {grid}, true, '[2020-01-01,)' FROM new
"""
RESTORE = """
CREATE TABLE IF NOT EXISTS kept_resident AS TABLE resident;
UPDATE resident r SET id_number_encrypted = k.id_number_encrypted, id_number_index = k.id_number_index,
    phone_encrypted = k.phone_encrypted, phone_index = k.phone_index, birth_year = k.birth_year, valid = k.valid
    FROM kept_resident k WHERE k.id = r.id;
"""


@pytest.fixture
def east(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    execute_sql(filled_database, f"DELETE FROM service_group_member; {CLEAR}; {RESTORE}")
    return subdistricts["east"]


@pytest.fixture
def station(open_client: OpenClient, east: SubdistrictIds) -> FlaskClient:
    return open_client("east-station")


@pytest.fixture
def twice(filled_database: FilledDatabase, east: SubdistrictIds) -> tuple[int, int]:
    """Give both residents of east the same identity number; the first has a phone, a year of birth and a group."""
    first, second = east.resident_ids[:2]
    execute_sql(filled_database, TWICE.format(first=first, second=second, place=east.subdistrict_id))
    return first, second


def counts(client: FlaskClient) -> dict[str, tuple[str, str]]:
    rows = re.findall(r'data-link="(\w+)">(.*?)</tr>', client.get("/homes/links").text, re.DOTALL)
    cells = {kind: re.findall(r'class="number">(.*?)</td>', row, re.DOTALL) for kind, row in rows}
    texts = {kind: [re.sub(r"<[^>]*>", "", cell).strip() for cell in found] for kind, found in cells.items()}
    return {kind: (found[0], found[1]) for kind, found in texts.items()}


def merge_page(pair: tuple[int, int]) -> str:
    return f"/homes/residents/{pair[0]}/merge?other={pair[1]}"


def merge(client: FlaskClient, pair: tuple[int, int], kept: int, **fields: str) -> Any:
    page = client.get(merge_page(pair)).text
    other = re.findall(r'name="other_version"[^>]* value="(\d+)"', page)[0]
    values = {"kept_id": str(kept), "last": day_from_now(-1).isoformat(), "other_version": other, **VISIT, **fields}
    return submit_form(client, merge_page(pair), **values)


def records(database: FilledDatabase, pair: tuple[int, int]) -> list[tuple[Any, ...]]:
    return fetch(database, RECORDS.format(*pair))


def groups(database: FilledDatabase) -> list[tuple[Any, ...]]:
    return fetch(database, "SELECT resident_id, upper_inf(valid) FROM service_group_member ORDER BY id")


def test_a_station_sees_what_misses_a_link(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    assert counts(station)["doors"] == ("2", "2")
    assert counts(station)["residents"] == ("2", "0")
    assert counts(station)["grids"] == ("2", "2")
    place = {"place": east.subdistrict_id, "community": east.community_id, "grid": east.grid_ids[0]}
    execute_sql(filled_database, LEADER.format(**place))
    assert (counts(station)["grids"], counts(station)["workers"][1]) == (("2", "1"), "1")
    execute_sql(filled_database, "DELETE FROM duty; DELETE FROM worker WHERE name = 'leader'")
    assert "Households without a dwelling" in station.get("/homes/links").text


@pytest.mark.parametrize("role", ["planner", "admin"])
def test_planners_and_administrators_see_no_counts_of_persons(
    open_client: OpenClient, east: SubdistrictIds, twice: tuple[int, int], role: str
) -> None:
    client = open_client(f"east-{role}")
    assert {"residents", "households", "doors", "dwellings"}.isdisjoint(counts(client))
    assert "grids" in counts(client)
    assert "recorded twice" not in client.get("/homes/links").text


@pytest.mark.parametrize("role", ["worker", "leader"])
def test_other_roles_have_no_such_page(open_client: OpenClient, role: str) -> None:
    assert open_client(f"east-{role}").get("/homes/links").status_code == 403


def test_a_resident_of_a_household_that_left_ends_with_it(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    resident = east.resident_ids[0]
    household = f"(SELECT household_id FROM resident WHERE id = {resident})"
    execute_sql(filled_database, f"UPDATE household SET valid = '[2020-01-01,2026-02-01)' WHERE id = {household}")
    assert counts(station)["residents"] == ("2", "1")
    answer = submit_form(station, "/homes/links", f"/homes/residents/{resident}/end-with-household")
    assert answer.status_code == 303
    assert counts(station)["residents"] == ("1", "0")
    ended = fetch(filled_database, f"SELECT upper(valid)::text FROM resident WHERE id = {resident}")
    assert ended == [("2026-02-01",)]
    again = submit_form(station, "/homes/links", f"/homes/residents/{resident}/end-with-household")
    assert again.status_code == 404


def test_a_household_of_a_demolished_building_ends_with_it(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    building = east.building_ids[0]
    execute_sql(filled_database, f"UPDATE building SET valid = '[2020-01-01,2026-02-01)' WHERE id = {building}")
    assert counts(station)["households"] == ("2", "1")
    page = station.get("/homes/links").text
    action = re.findall(r"/homes/households/\d+/end-with-building", page)[0]
    assert submit_form(station, "/homes/links", action).status_code == 303
    assert counts(station)["households"] == ("1", "0")
    execute_sql(filled_database, f"UPDATE building SET valid = '[2020-01-01,)' WHERE id = {building}")


def test_a_person_recorded_twice_becomes_one_and_two_again(
    station: FlaskClient, filled_database: FilledDatabase, twice: tuple[int, int]
) -> None:
    before, member = records(filled_database, twice), groups(filled_database)
    assert "Residents recorded twice" in station.get("/homes/links").text
    answer = merge(station, twice, twice[1])
    assert answer.status_code == 303
    assert records(filled_database, twice) == [(False, 1949, True), (True, 1949, True)]
    assert groups(filled_database) == [(twice[0], False), (twice[1], True)]
    assert "Residents recorded twice" not in station.get("/homes/links").text
    undo = f"/homes/residents/{twice[0]}/undo-merge"
    assert submit_form(station, answer.location, undo).status_code == 303
    assert records(filled_database, twice) == before
    assert groups(filled_database) == member
    submit_form(station, answer.location, undo)
    assert records(filled_database, twice) == before


def test_a_merge_is_listed_until_it_is_undone_from_the_list(
    open_client: OpenClient, station: FlaskClient, filled_database: FilledDatabase, twice: tuple[int, int]
) -> None:
    before, row = records(filled_database, twice), f'data-merge="{twice[0]}"'
    merge(station, twice, twice[1])
    page = station.get("/homes/merges").text
    assert row in page
    assert ">visit<" in page
    assert row not in open_client("west-station").get("/homes/merges").text
    assert open_client("east-planner").get("/homes/merges").status_code == 403
    assert submit_form(station, "/homes/merges", f"/homes/residents/{twice[0]}/undo-merge").status_code == 303
    assert records(filled_database, twice) == before
    assert row not in station.get("/homes/merges").text


def test_different_persons_are_not_merged(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    pair = east.resident_ids[0], east.resident_ids[1]
    answer = merge(station, pair, pair[0])
    assert answer.status_code == 422
    assert "have not the same identity number" in answer.text
    assert 'value="visit"' in answer.text


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"last": day_from_now(1).isoformat()}, 422), ({"source": " "}, 422), ({"version": "999999"}, 409)],
)
def test_a_merge_that_cannot_be_keeps_the_form(
    station: FlaskClient,
    filled_database: FilledDatabase,
    twice: tuple[int, int],
    *,
    fields: dict[str, str],
    status: int,
) -> None:
    answer = merge(station, twice, twice[1], **fields)
    assert answer.status_code == status
    assert re.search(rf'checked[^>]* value="{twice[1]}"', answer.text)
    assert [row[0] for row in records(filled_database, twice)] == [True, True]


def test_stations_of_another_subdistrict_merge_nobody(
    open_client: OpenClient, twice: tuple[int, int], east: SubdistrictIds
) -> None:
    assert open_client("west-station").get(merge_page(twice)).status_code == 404
