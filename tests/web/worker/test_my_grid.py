"""Pages of the worker's own grid and of reports."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
INSIDE_GRID, OUTSIDE_GRID = (106.005, 29.01), (106.0101, 29.01)  # the own grid ends at 106.01
OTHER_GRID, OTHER_SUBDISTRICT = (106.015, 29.01), (105.005, 29.01)


@pytest.fixture(autouse=True)
def delete_incidents(filled_database: FilledDatabase) -> Iterator[None]:
    yield
    execute_sql(filled_database, "DELETE FROM incident")


def form_fields(client: FlaskClient) -> dict[str, str]:
    """Open the report form and return its fields."""
    page = client.get("/my-grid/report").text
    fields = {"category": "lifts", "title": "a lamp is out", "building": ""}
    for name in ("csrf_token", "form_token"):
        fields[name] = re.findall(rf'name="{name}"[^>]* value="([^"]*)"', page)[0]
    return fields


def submit_report(client: FlaskClient, position: tuple[float, float] | None = None, **fields: str) -> Any:
    coordinates = {"longitude": str(position[0]), "latitude": str(position[1])} if position else {}
    return client.post(
        "/my-grid/report",
        data={**(fields if "form_token" in fields else {**form_fields(client), **fields}), **coordinates},
    )


def stored_incidents(database: FilledDatabase) -> list[Any]:
    engine = create_engine(database.owner_url)
    query = "SELECT i.*, a.grid_id FROM incident i LEFT JOIN assignment a USING (cell_id) ORDER BY i.id"
    with engine.connect() as connection:
        rows = list(connection.execute(text(query)))
    engine.dispose()
    return rows


def test_my_grid_lists_its_own_buildings_only(open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]) -> None:
    page, (own, other) = open_client("east-worker").get("/my-grid").text, subdistricts["east"].building_ids
    assert f'data-building="{own}"' in page
    assert f'data-building="{other}"' not in page


def test_residents_of_my_buildings_are_masked(open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]) -> None:
    page = open_client("east-worker").get(f"/my-grid/buildings/{subdistricts['east'].building_ids[0]}").text
    assert "张**" in page
    assert "张小明" not in page


@pytest.mark.parametrize("subdistrict", ["east", "west"])
def test_buildings_outside_my_grid_are_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], subdistrict: str
) -> None:
    assert (
        open_client("east-worker").get(f"/my-grid/buildings/{subdistricts[subdistrict].building_ids[1]}").status_code
        == 404
    )


def test_a_report_at_a_building_is_linked_and_numbered(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    answer = submit_report(open_client("east-worker"), building=str(subdistricts["east"].building_ids[0]), urgent="y")
    (row,) = stored_incidents(filled_database)
    assert answer.headers["Location"] == f"/my-grid?incident_number={row.number}"
    assert (row.channel, row.category, row.urgent) == ("worker", "lifts", True)
    assert (row.building_id, row.grid_id) == (subdistricts["east"].building_ids[0], subdistricts["east"].grid_ids[0])
    assert re.fullmatch(r"\d{8}-0001", row.number)


def test_a_form_submitted_twice_creates_one_incident(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-worker")
    fields = form_fields(client)
    first, second = (submit_report(client, INSIDE_GRID, **fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(stored_incidents(filled_database)) == 1


def test_a_changed_form_submitted_again_creates_another_incident(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    fields = form_fields(client)
    submit_report(client, INSIDE_GRID, **fields)
    submit_report(client, INSIDE_GRID, **{**fields, "title": "and another lamp"})
    assert [row.number[-4:] for row in stored_incidents(filled_database)] == ["0001", "0002"]


def test_a_position_just_outside_is_snapped_into_the_grid(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert submit_report(open_client("east-worker"), OUTSIDE_GRID).status_code == 303
    assert stored_incidents(filled_database)[0].grid_id == subdistricts["east"].grid_ids[0]


def test_a_position_outside_requires_a_confirmation(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    client = open_client("east-worker")
    answer = submit_report(client, OTHER_GRID)
    assert answer.status_code == 422
    assert "m outside your grid" in answer.text
    assert submit_report(client, OTHER_GRID, outside_confirmed="yes").status_code == 303
    assert stored_incidents(filled_database)[0].grid_id == subdistricts["east"].grid_ids[1]


@pytest.mark.parametrize(
    ("position", "fields", "message"),
    [
        (OTHER_SUBDISTRICT, {}, "not in your subdistrict"),
        (None, {}, "choose a building or a place on the map"),
        (INSIDE_GRID, {"category": "weather"}, "Not a valid choice"),
        (INSIDE_GRID, {"category": ""}, "This field is required"),
        ((200.0, 29.0), {}, "Number must be between"),
        (None, {"building": "999999"}, "Not a valid choice"),
    ],
)
def test_an_invalid_report_is_refused_with_a_message(
    open_client: OpenClient,
    filled_database: FilledDatabase,
    position: tuple[float, float] | None,
    fields: dict[str, str],
    message: str,
) -> None:
    answer = submit_report(open_client("east-worker"), position, **fields)
    assert answer.status_code == 422
    assert message in answer.text
    assert stored_incidents(filled_database) == []


@pytest.mark.parametrize("name", ["east-planner", "east-leader", "east-station", "east-admin"])
def test_only_workers_open_my_grid(open_client: OpenClient, name: str) -> None:
    assert open_client(name).get("/my-grid").status_code == 403


def test_a_worker_without_a_grid_gets_a_message(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    client = open_client("east-worker")
    execute_sql(filled_database, "UPDATE adoption SET valid = daterange(CURRENT_DATE + 2, NULL)")
    try:
        assert "No grid is yours today" in client.get("/my-grid").text
        assert "No grid is yours today" in client.get("/my-grid/report").text
    finally:
        execute_sql(filled_database, "UPDATE adoption SET valid = '[2020-01-01,)'")
