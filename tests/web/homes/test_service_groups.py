"""Service groups of a resident: recorded and ended by the station, seen by workers unless they are sensitive."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.days import day_from_now
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.web.homes.test_homes import fetch, version_of

__all__ = ["app", "open_client", "subdistricts"]
VISIT = {"source": "visit at the door"}
RESET = (
    "DELETE FROM service_group_member;"
    " UPDATE service_group SET legal_basis = '《监狱法》第三十七条', in_use = true WHERE key = 'released'"
)


@pytest.fixture
def east(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    execute_sql(filled_database, RESET)
    return subdistricts["east"]


@pytest.fixture
def station(open_client: OpenClient, east: SubdistrictIds) -> FlaskClient:
    return open_client("east-station")


@pytest.fixture
def page(east: SubdistrictIds) -> str:
    return f"/homes/residents/{east.resident_ids[0]}/service-groups"


def group_key(database: FilledDatabase, key: str) -> str:
    east = database.subdistricts["east"].subdistrict_id
    rows = fetch(database, f"SELECT id FROM service_group WHERE key = '{key}' AND subdistrict_id = {east}")
    return str(rows[0][0])


def join(client: FlaskClient, database: FilledDatabase, page: str, key: str, **fields: str) -> Any:
    values = {"service_group_id": group_key(database, key), "first": "2026-01-05", "version": version_of(client, page)}
    return submit_form(client, page, **{**values, **VISIT, **fields})


def members(database: FilledDatabase) -> list[tuple[Any, ...]]:
    return fetch(
        database,
        "SELECT g.key, lower(m.valid)::text, upper(m.valid)::text, m.source FROM service_group_member m"
        " JOIN service_group g ON g.id = m.service_group_id ORDER BY m.id",
    )


def test_a_membership_has_days_and_a_source(station: FlaskClient, filled_database: FilledDatabase, page: str) -> None:
    assert join(station, filled_database, page, "volunteer").status_code == 303
    assert members(filled_database) == [("volunteer", "2026-01-05", None, "visit at the door")]
    shown = station.get(page).text
    assert "Volunteers" in shown
    assert "visit at the door" in shown
    source = fetch(filled_database, "SELECT source, by_hand FROM change_set ORDER BY id DESC LIMIT 1")
    assert source == [("visit at the door", False)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"first": day_from_now(1).isoformat()}, "this day is still to come"),
        ({"first": "2019-12-31"}, "the person is here since 2020-01-01, after this day"),
        ({"source": " "}, "say where it comes from"),
    ],
)
def test_a_membership_that_cannot_be_keeps_the_form(
    station: FlaskClient, filled_database: FilledDatabase, page: str, fields: dict[str, str], message: str
) -> None:
    answer = join(station, filled_database, page, "volunteer", **fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert f'value="{fields.get("first", "2026-01-05")}"' in answer.text
    assert members(filled_database) == []


def test_a_double_click_records_one_membership(
    station: FlaskClient, filled_database: FilledDatabase, page: str
) -> None:
    version = version_of(station, page)
    assert join(station, filled_database, page, "volunteer", version=version).status_code == 303
    again = join(station, filled_database, page, "volunteer", version=version)
    assert again.status_code == 422
    assert len(members(filled_database)) == 1


def test_a_change_meanwhile_keeps_what_was_entered(
    station: FlaskClient, filled_database: FilledDatabase, page: str
) -> None:
    version = version_of(station, page)
    assert join(station, filled_database, page, "volunteer").status_code == 303
    answer = join(station, filled_database, page, "veteran", version=version)
    assert answer.status_code == 409
    assert "Somebody has changed this household meanwhile" in answer.text
    assert 'value="2026-01-05"' in answer.text
    newer = re.findall(r'name="version"[^>]* value="(\d+)"', answer.text)[0]
    assert join(station, filled_database, page, "veteran", version=newer).status_code == 303


def test_a_group_that_is_off_is_not_offered_and_takes_nobody(
    station: FlaskClient, filled_database: FilledDatabase, page: str
) -> None:
    assert "Severe mental disorder" not in station.get(page).text
    answer = join(station, filled_database, page, "mental_disorder")
    assert answer.status_code == 422
    assert members(filled_database) == []


def test_a_membership_ends_and_stays_on_record(
    station: FlaskClient, filled_database: FilledDatabase, page: str
) -> None:
    join(station, filled_database, page, "volunteer")
    end = re.findall(r"/homes/service-group-members/\d+/end", station.get(page).text)[0]
    early = submit_form(station, end, last="2026-01-04", version=version_of(station, end), **VISIT)
    assert early.status_code == 422
    assert "since 2026-01-05, after this day" in early.text
    assert submit_form(station, end, last="2026-01-05", version=version_of(station, end), **VISIT).status_code == 303
    assert members(filled_database) == [("volunteer", "2026-01-05", "2026-01-06", "visit at the door")]
    assert station.get(end).status_code == 404
    assert "2026-01-05 to 2026-01-05" in station.get(page).text


def test_the_page_of_a_resident_masks_sensitive_groups_until_they_are_opened(
    station: FlaskClient, filled_database: FilledDatabase, east: SubdistrictIds, page: str
) -> None:
    join(station, filled_database, page, "volunteer")
    join(station, filled_database, page, "released")
    detail = station.get(f"/residents/{east.resident_ids[0]}").text
    groups = re.findall(r"data-service-groups>(.*?)</dd>", detail, re.DOTALL)[0]
    assert "Volunteers" in groups
    assert "1 sensitive" in groups
    assert "Released" not in detail
    assert "Released from prison" in station.get(page).text
    audit = fetch(filled_database, "SELECT action, details FROM audit ORDER BY id DESC LIMIT 1")
    assert audit == [("view", {"service_groups": 2, "sensitive": 1})]


def test_a_worker_sees_no_sensitive_group_and_records_none(
    station: FlaskClient, open_client: OpenClient, filled_database: FilledDatabase, page: str
) -> None:
    join(station, filled_database, page, "volunteer")
    join(station, filled_database, page, "released")
    worker = open_client("east-worker")
    shown = worker.get(page).text
    assert "Volunteers" in shown
    assert "Released" not in shown
    assert "The person enters a group" not in shown
    assert worker.post(page).status_code in (400, 403)


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_other_roles_see_no_members(open_client: OpenClient, page: str, role: str) -> None:
    assert open_client(f"east-{role}").get(page).status_code == 403


def test_stations_of_another_subdistrict_find_nobody(open_client: OpenClient, page: str) -> None:
    assert open_client("west-station").get(page).status_code == 404


@pytest.mark.parametrize(("role", "expected"), [("station", "1"), ("worker", "1"), ("leader", "–"), ("planner", "–")])
def test_the_page_of_a_grid_counts_members_for_those_who_see_them(
    station: FlaskClient,
    open_client: OpenClient,
    filled_database: FilledDatabase,
    east: SubdistrictIds,
    page: str,
    *,
    role: str,
    expected: str,
) -> None:
    join(station, filled_database, page, "volunteer")
    client = open_client(f"east-{role}")
    for address in (f"/grids/{east.grid_ids[0]}", "/subdistricts/east"):
        rows = dict(re.findall(r'data-group="(\w+)">.*?class="number">(.*?)</td>', client.get(address).text, re.DOTALL))
        assert re.sub(r"<[^>]*>", "", rows["volunteer"]) == expected
