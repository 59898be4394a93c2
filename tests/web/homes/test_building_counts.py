"""Counts of a building that a station enters by hand: persons, and members of the service groups in use."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridmap.core.errors import InvalidInput, NotFound
from gridmap.services.homes import group_counts
from gridmap.services.homes.group_counts import NewGroupCount
from gridmap.services.land import population
from gridmap.services.land.population import NewPopulationCount
from gridmap.store.day_bounds import get_today
from tests.days import day_from_now
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_account_session
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.web.homes.test_homes import fetch

__all__ = ["app", "open_client", "subdistricts"]
RESET = (
    "DELETE FROM population_count; DELETE FROM service_group_count;"
    " UPDATE service_group SET legal_basis = NULL, in_use = false WHERE key = 'released'"
)
DAY = {"as_of": "2026-01-05", "source": "register"}
PERSONS = "SELECT kind, persons, source FROM population_count ORDER BY kind"
MEMBERS = (
    "SELECT g.key, c.persons, c.source FROM service_group_count c JOIN service_group g ON g.id = c.service_group_id"
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
    return f"/homes/buildings/{east.building_ids[0]}/counts"


def group_id(database: FilledDatabase, key: str, name: str = "east") -> int:
    subdistrict = database.subdistricts[name].subdistrict_id
    query = f"SELECT id FROM service_group WHERE key = '{key}' AND subdistrict_id = {subdistrict}"
    return int(fetch(database, query)[0][0])


def submit_all(
    client: FlaskClient, page: str, action: str, changes: list[tuple[dict[str, str], int]], **fields: str
) -> None:
    for changed, status in changes:
        entered = fields | changed
        answer = submit_form(client, page, f"{page}/{action}", **entered)
        assert answer.status_code == status, changed
        assert status == 303 or f'value="{entered["source"]}"' in answer.text


def test_a_station_counts_persons_corrects_them_and_keeps_what_is_refused(
    station: FlaskClient, filled_database: FilledDatabase, page: str
) -> None:
    changes: list[tuple[dict[str, str], int]] = [
        ({}, 303),
        ({"residents": "30"}, 303),
        ({"residents": "29"}, 422),
        ({"residents": "29", "residents_60": ""}, 422),
        ({"residents": "100001"}, 422),
        ({"residents": "100000"}, 303),
        ({"residents": "-1"}, 422),
        ({"as_of": day_from_now(1).isoformat()}, 422),
        ({"source": "ask 13800138000"}, 422),
        ({"residents": "121", "residents_60": "31", "source": "visit"}, 303),
    ]
    submit_all(station, page, "population", changes, residents="120", residents_60="30", **DAY)
    assert fetch(filled_database, PERSONS) == [("residents", 121, "visit"), ("residents_60", 31, "visit")]
    assert re.findall(r'data-label="Persons">(\d+)<', station.get(page).text) == ["121", "31"]


def test_a_station_counts_members_of_groups_in_use_and_no_others(
    station: FlaskClient, filled_database: FilledDatabase, page: str
) -> None:
    volunteers, released = (str(group_id(filled_database, key)) for key in ("volunteer", "released"))
    changes: list[tuple[dict[str, str], int]] = [
        ({}, 303),
        ({"members": "0", "source": "visit"}, 303),
        ({"members": "-1"}, 422),
        ({"members": "100001"}, 422),
        ({"as_of": day_from_now(1).isoformat()}, 422),
        ({"service_group_id": released}, 422),
        ({"service_group_id": str(group_id(filled_database, "volunteer", "west"))}, 422),
    ]
    submit_all(station, page, "service-groups", changes, service_group_id=volunteers, members="3", **DAY)
    assert fetch(filled_database, MEMBERS) == [("volunteer", 0, "visit")]
    basis = "UPDATE service_group SET legal_basis = '《监狱法》第三十七条', in_use = true WHERE key = 'released'"
    execute_sql(filled_database, basis)
    submit_all(station, page, "service-groups", [({}, 303)], service_group_id=released, members="2", **DAY)
    assert "Volunteers" in (shown := station.get(page).text)
    assert "sensitive" in shown
    execute_sql(filled_database, RESET.split(";")[2])
    hidden = station.get(page).text.split('id="service-groups"')[1]
    assert re.findall(r'data-label="Number of members">(\d+)<', hidden) == ["0"]


@pytest.mark.parametrize("name", ["east-planner", "east-worker", "east-leader", "east-admin"])
def test_other_roles_neither_read_nor_enter_them(
    open_client: OpenClient, east: SubdistrictIds, name: str, page: str
) -> None:
    client = open_client(name)
    assert client.get(page).status_code == 403
    assert "/counts" not in client.get(page.removesuffix("/counts")).text


def test_a_building_of_another_station_is_not_found(
    open_client: OpenClient, east: SubdistrictIds, station: FlaskClient, page: str
) -> None:
    other = open_client("west-station")
    assert other.get(page).status_code == 404
    own = page.removesuffix("/counts")
    assert f'href="{page}"' in station.get(own).text
    for action in ("population", "service-groups"):
        fields: dict[str, Any] = {"residents": "3", "members": "3", "service_group_id": "1", **DAY}
        token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', other.get("/account/password").text)[0]
        assert other.post(f"{page}/{action}", data={"csrf_token": token, **fields}).status_code == 404


def test_the_services_and_the_database_refuse_other_roles_days_and_groups(
    filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    building, group = east.building_ids[0], group_id(filled_database, "volunteer")
    with rolled_back_account_session(filled_database.owner_url, east.account_ids["station"]) as session:
        caller, today = caller_of(session), get_today(session)
        group_counts.record_count(session, caller, building, NewGroupCount(group, 3, today, "register"))
        population.record_count(session, caller, building, NewPopulationCount(30, 30, today, "register"))
        assert [each.members for each in group_counts.list_counts(session, caller, building)] == [3]
        assert [each.persons for each in population.list_counts(session, caller, building)] == [30, 30]
        off = group_id(filled_database, "released")
        refused = NewGroupCount(group, 3, today + timedelta(1), "x"), NewGroupCount(off, 3, today, "x")
        for count, column in zip(refused, ("as_of", "service_group_id"), strict=True):
            with pytest.raises(InvalidInput) as error:
                group_counts.record_count(session, caller, building, count)
            assert error.value.faults[0].column == column
    with rolled_back_account_session(filled_database.owner_url, east.account_ids["planner"]) as session:
        caller = caller_of(session)
        with pytest.raises(NotFound):
            group_counts.record_count(session, caller, building, NewGroupCount(group, 3, today, "x"))
    insert = "INSERT INTO population_count (subdistrict_id, building_id, kind, persons, source, as_of)"
    values = f" VALUES ({east.subdistrict_id}, {building}, 'residents', 3, 'x', today())"
    for role, name in (("worker", "east"), ("leader", "east"), ("station", "west")):
        account = filled_database.subdistricts[name].account_ids[role]
        opened = rolled_back_account_session(filled_database.owner_url, account)
        with opened as session, pytest.raises(ProgrammingError, match="row-level security"):
            session.execute(text(insert + values))
