"""Pages of the worker's own grid and of reports."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
INSIDE_GRID, OUTSIDE_GRID = (106.005, 29.01), (106.0101, 29.01)  # the own grid ends at 106.01
REPORT_PAGE = "/my-grid/report"
NAMED_FIELDS = ("category", "building", "title", "photos", "result")
DEGREES_PER_METRE = 1 / 97_440  # of longitude at 29.01 degrees north
OTHER_GRID, OTHER_SUBDISTRICT = (106.015, 29.01), (105.005, 29.01)


@pytest.fixture(autouse=True)
def delete_incidents(filled_database: FilledDatabase) -> Iterator[None]:
    yield
    execute_sql(filled_database, "DELETE FROM incident")


def as_entered(time: datetime) -> str:
    """Return a time as browsers send it."""
    return time.isoformat(timespec="minutes")


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
    query = """
        SELECT i.*, ST_X(i.geometry) AS longitude, a.grid_id
        FROM incident i LEFT JOIN assignment a USING (cell_id) ORDER BY i.id
    """
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
    (row,) = stored_incidents(filled_database)
    assert row.grid_id == subdistricts["east"].grid_ids[1]
    assert row.longitude == pytest.approx(OTHER_GRID[0], abs=1e-9)


@pytest.mark.parametrize("outside_m", [6.0, 7.9])
def test_a_position_on_the_other_pavement_counts_in_the_nearest_grid_and_is_said(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], outside_m: float
) -> None:
    client, longitude = open_client("east-worker"), 106.0 - outside_m * DEGREES_PER_METRE
    answer = submit_report(client, (longitude, 29.01))
    (row,) = stored_incidents(filled_database)
    assert row.grid_id == subdistricts["east"].grid_ids[0]
    assert row.longitude == pytest.approx(longitude, abs=1e-9)
    assert f"Its place is {round(outside_m)} m outside the subdistrict" in client.get(answer.headers["Location"]).text


def test_a_position_farther_outside_the_subdistrict_is_refused(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    answer = submit_report(open_client("east-worker"), (106.0 - 8.1 * DEGREES_PER_METRE, 29.01))
    assert answer.status_code == 422
    assert "not in your subdistrict" in answer.text
    assert stored_incidents(filled_database) == []


def test_a_position_in_the_subdistrict_is_not_said_to_be_outside(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    assert "outside the subdistrict" not in client.get(submit_report(client, INSIDE_GRID).headers["Location"]).text


def local_time(**delta: float) -> datetime:
    """Return the present time of the office plus a span, to the minute."""
    now = datetime.now(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None, second=0, microsecond=0)
    return now + timedelta(**delta)


def stored_time(database: FilledDatabase) -> datetime:
    """Return the time of the event of the one stored report in the zone of the office."""
    (row,) = stored_incidents(database)
    return datetime.fromisoformat(str(row.occurred_at)).astimezone(ZoneInfo("Asia/Shanghai")).replace(tzinfo=None)


def test_the_form_offers_the_present_time(open_client: OpenClient) -> None:
    offered = re.findall(r'name="occurred_at"[^>]* value="([^"]*)"', open_client("east-worker").get(REPORT_PAGE).text)
    assert timedelta(0) <= local_time(minutes=1) - datetime.fromisoformat(offered[0]) <= timedelta(minutes=2)


def test_yesterdays_event_counts_on_its_day_and_is_received_today(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    yesterday = local_time(days=-1)
    assert submit_report(open_client("east-worker"), INSIDE_GRID, occurred_at=as_entered(yesterday)).status_code == 303
    (row,) = stored_incidents(filled_database)
    assert stored_time(filled_database) == yesterday
    assert row.reported_at - row.occurred_at > timedelta(hours=23)


def test_a_report_without_a_time_is_of_now(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    submit_report(open_client("east-worker"), INSIDE_GRID, occurred_at="")
    (row,) = stored_incidents(filled_database)
    assert row.occurred_at == row.reported_at


def test_a_time_a_few_minutes_ahead_is_now(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    submit_report(open_client("east-worker"), INSIDE_GRID, occurred_at=as_entered(local_time(minutes=9)))
    (row,) = stored_incidents(filled_database)
    assert row.occurred_at == row.reported_at


@pytest.mark.parametrize(
    ("time", "question"),
    [(datetime(1989, 12, 31, 23, 59), "is before 1990"), (local_time(days=1), "is still to come")],  # noqa: DTZ001 - local
)
def test_an_unusual_time_is_asked_about_and_kept(
    open_client: OpenClient, filled_database: FilledDatabase, time: datetime, question: str
) -> None:
    client = open_client("east-worker")
    answer = submit_report(client, INSIDE_GRID, occurred_at=as_entered(time))
    assert answer.status_code == 422
    assert question in answer.text
    assert re.search(rf'name="occurred_at"[^>]* value="{as_entered(time)}"', answer.text)
    assert stored_incidents(filled_database) == []
    asked = re.findall(r'name="time_confirmed"[^>]* value="([^"]*)"', answer.text)[0]
    assert submit_report(client, INSIDE_GRID, occurred_at=as_entered(time), time_confirmed=asked).status_code == 303
    assert stored_time(filled_database) == time


def test_the_first_minute_of_1990_is_not_asked_about(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    assert submit_report(open_client("east-worker"), INSIDE_GRID, occurred_at="1990-01-01T00:00").status_code == 303
    assert len(stored_incidents(filled_database)) == 1


def test_another_unusual_time_is_asked_about_again(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    fields = {"occurred_at": "1989-01-01T08:00", "time_confirmed": "1988-01-01T08:00:00"}
    assert "is before 1990" in submit_report(open_client("east-worker"), INSIDE_GRID, **fields).text
    assert stored_incidents(filled_database) == []


def test_a_time_that_is_none_is_refused_and_kept(open_client: OpenClient) -> None:
    answer = submit_report(open_client("east-worker"), INSIDE_GRID, occurred_at="yesterday")
    assert answer.status_code == 422
    assert "Not a valid datetime value" in answer.text
    assert re.search(r'name="occurred_at"[^>]* value="yesterday"', answer.text)


def test_a_form_with_a_time_submitted_twice_creates_one_incident(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    fields = {**form_fields(client), "occurred_at": as_entered(local_time(hours=-5))}
    assert [submit_report(client, INSIDE_GRID, **fields).status_code for _ in range(2)] == [303, 303]
    assert len(stored_incidents(filled_database)) == 1


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


@pytest.mark.parametrize("path", [REPORT_PAGE, "/my-grid/report/offline"])
def test_the_place_and_the_result_are_not_called_optional(open_client: OpenClient, path: str) -> None:
    page = open_client("east-worker").get(path).text
    labels = {name: re.findall(rf'<label for="{name}">(.*?)</label>', page, re.DOTALL)[0] for name in NAMED_FIELDS}
    assert [name for name, label in labels.items() if "(optional)" in label] == ["title", "photos"]
