"""My grid and reporting, page by page."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.offices import Filled, Office
from tests.web.offices import Browser, app, browser, places, told

__all__ = ["app", "browser", "places"]
INSIDE, BESIDE = (106.005, 29.01), (106.0101, 29.01)  # the own grid ends at 106.01
ELSEWHERE, ABROAD = (106.015, 29.01), (105.005, 29.01)


@pytest.fixture(autouse=True)
def afterwards(filled: Filled) -> Iterator[None]:
    yield
    told(filled, "DELETE FROM incident")


def form(client: FlaskClient) -> dict[str, str]:
    """The hidden fields of a form that was opened."""
    page = client.get("/my-grid/report").text
    fields = {"category": "order", "title": "a lamp is out", "building": ""}
    for name in ("csrf_token", "form"):
        fields[name] = re.findall(rf'name="{name}"[^>]* value="([^"]*)"', page)[0]
    return fields


def send(client: FlaskClient, place: tuple[float, float] | None = None, **fields: str) -> Any:
    at = {"longitude": str(place[0]), "latitude": str(place[1])} if place else {}
    return client.post("/my-grid/report", data={**(fields if "form" in fields else {**form(client), **fields}), **at})


def stored(filled: Filled) -> list[Any]:
    engine = create_engine(filled.url)
    query = "SELECT i.*, a.grid_id FROM incident i LEFT JOIN assignment a USING (cell_id) ORDER BY i.id"
    with engine.connect() as connection:
        rows = list(connection.execute(text(query)))
    engine.dispose()
    return rows


def test_my_grid_has_my_buildings_and_no_others(browser: Browser, places: dict[str, Office]) -> None:
    page, (own, other) = browser("east-worker").get("/my-grid").text, places["east"].buildings
    assert f'data-building="{own}"' in page
    assert f'data-building="{other}"' not in page


def test_residents_of_my_buildings_are_masked(browser: Browser, places: dict[str, Office]) -> None:
    page = browser("east-worker").get(f"/my-grid/buildings/{places['east'].buildings[0]}").text
    assert "张**" in page
    assert "张小明" not in page


@pytest.mark.parametrize("whose", ["east", "west"])
def test_buildings_of_others_are_not_there(browser: Browser, places: dict[str, Office], whose: str) -> None:
    assert browser("east-worker").get(f"/my-grid/buildings/{places[whose].buildings[1]}").status_code == 404


def test_a_report_of_a_building_is_linked_and_numbered(
    browser: Browser, filled: Filled, places: dict[str, Office]
) -> None:
    answer = send(browser("east-worker"), building=str(places["east"].buildings[0]), urgent="y")
    (row,) = stored(filled)
    assert answer.headers["Location"] == f"/my-grid?reported={row.number}"
    assert (row.channel, row.category, row.urgent) == ("worker", "order", True)
    assert (row.building_id, row.grid_id) == (places["east"].buildings[0], places["east"].grids[0])
    assert re.fullmatch(r"\d{8}-0001", row.number)


def test_the_same_form_sent_twice_is_one_incident(browser: Browser, filled: Filled) -> None:
    client = browser("east-worker")
    fields = form(client)
    first, second = (send(client, INSIDE, **fields) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(stored(filled)) == 1


def test_another_report_from_the_same_form_is_another_incident(browser: Browser, filled: Filled) -> None:
    client = browser("east-worker")
    fields = form(client)
    send(client, INSIDE, **fields)
    send(client, INSIDE, **{**fields, "title": "and another lamp"})
    assert [row.number[-4:] for row in stored(filled)] == ["0001", "0002"]


def test_a_place_hardly_outside_is_drawn_into_the_grid(
    browser: Browser, filled: Filled, places: dict[str, Office]
) -> None:
    assert send(browser("east-worker"), BESIDE).status_code == 303
    assert stored(filled)[0].grid_id == places["east"].grids[0]


def test_a_place_outside_is_asked_about_and_then_taken(
    browser: Browser, filled: Filled, places: dict[str, Office]
) -> None:
    client = browser("east-worker")
    asked = send(client, ELSEWHERE)
    assert asked.status_code == 422
    assert "is not in your grid" in asked.text
    assert send(client, ELSEWHERE, beyond="yes").status_code == 303
    assert stored(filled)[0].grid_id == places["east"].grids[1]


@pytest.mark.parametrize(
    ("place", "fields", "said"),
    [
        (ABROAD, {}, "not in your subdistrict"),
        (None, {}, "say where it is"),
        (INSIDE, {"category": "weather"}, "Not a valid choice"),
        (INSIDE, {"category": ""}, "This field is required"),
        ((200.0, 29.0), {}, "Number must be between"),
        (None, {"building": "999999"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_taken_is_told(
    browser: Browser, filled: Filled, place: tuple[float, float] | None, fields: dict[str, str], said: str
) -> None:
    answer = send(browser("east-worker"), place, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert stored(filled) == []


@pytest.mark.parametrize("name", ["east-planner", "east-leader", "east-station", "east-admin"])
def test_only_workers_have_a_grid_of_their_own(browser: Browser, name: str) -> None:
    assert browser(name).get("/my-grid").status_code == 403


def test_whoever_is_on_no_roster_is_told_so(browser: Browser, filled: Filled) -> None:
    client = browser("east-worker")
    told(filled, "UPDATE adoption SET valid = daterange(CURRENT_DATE + 2, NULL)")
    try:
        assert "No grid is yours today" in client.get("/my-grid").text
        assert "No grid is yours today" in client.get("/my-grid/report").text
    finally:
        told(filled, "UPDATE adoption SET valid = '[2020-01-01,)'")
