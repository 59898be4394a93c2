"""Calls and visits that a station records."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fixtures.cases.incident_cases import delete_cases, select_value
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
COUNT = "SELECT count(*) FROM incident WHERE channel = 'phone' AND cell_id IS NOT NULL"
INSIDE = "106.005, 29.01"


@pytest.fixture
def page(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[str]:
    yield f"/cases/communities/{subdistricts['east'].community_id}/new"
    delete_cases(filled_database)


def hidden_fields(text: str) -> dict[str, str]:
    names = "csrf_token|form_token|time_confirmed|numbers_confirmed|near_confirmed"
    form = text.split("data-submit-once")[1]
    return dict(re.findall(rf'<input[^>]* name="({names})"[^>]*value="([^"]*)"', form))


def record(client: FlaskClient, page: str, **changed: str) -> Any:
    fields = {"channel": "phone", "category": "lifts", "title": "a lamp is out", "shape": INSIDE}
    return client.post(page, data=hidden_fields(client.get(page).text) | fields | changed)


def test_a_station_records_a_call_and_comes_to_its_case(
    open_client: OpenClient, page: str, filled_database: FilledDatabase
) -> None:
    station = open_client("east-station")
    answer = record(station, page)
    assert answer.status_code == 303
    shown = station.get(answer.location).text
    assert "Phone" in shown
    assert 'data-step="assign"' in shown
    assert select_value(filled_database, COUNT) == 1


def test_the_same_form_is_recorded_once(open_client: OpenClient, page: str, filled_database: FilledDatabase) -> None:
    station = open_client("east-station")
    fields = {"form_token": "form of a call"}
    first, second = (record(station, page, **fields) for _ in range(2))
    assert first.location == second.location
    assert select_value(filled_database, COUNT) == 1


def test_what_may_be_known_already_is_shown_before_it_is_recorded_again(
    open_client: OpenClient, page: str, filled_database: FilledDatabase
) -> None:
    station = open_client("east-station")
    record(station, page)
    asked = record(station, page, title="lamp by the gate", shape="106.0053, 29.01")
    assert asked.status_code == 422
    assert "a lamp is out" in asked.text
    assert 'value="lamp by the gate"' in asked.text
    assert select_value(filled_database, COUNT) == 1
    confirmed = hidden_fields(asked.text) | {"title": "lamp by the gate", "shape": "106.0053, 29.01"}
    assert record(station, page, **confirmed).status_code == 303
    assert record(station, page, shape="106.0075, 29.01").status_code == 303
    assert select_value(filled_database, COUNT) == 3


def test_a_call_about_a_known_case_is_added_to_it_with_its_words(
    open_client: OpenClient, page: str, filled_database: FilledDatabase
) -> None:
    station = open_client("east-station")
    first = record(station, page).location
    asked = record(station, page, title="lamp by the gate")
    known_id = re.findall(r'name="known_id" value="(\d+)"', asked.text)[0]
    assert first.endswith(f"/{known_id}")
    added = record(station, page, **hidden_fields(asked.text), title="lamp by the gate", known_id=known_id)
    assert added.location == first
    assert "lamp by the gate" in station.get(first).text.split('id="duplicates"')[1]
    states = "SELECT count(*) FROM incident_case WHERE state = 'duplicate'"
    assert select_value(filled_database, states) == 1
    execute_sql(filled_database, "UPDATE incident SET status = 'closed', closed_at = now() WHERE status = 'open'")
    late = record(station, page, title="lamp again", known_id=known_id)
    assert (late.status_code, "closed meanwhile" in late.text, 'value="lamp again"' in late.text) == (422, True, True)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"shape": ""}, "touch the map"),
        ({"shape": "105.005, 29.01"}, "outside your communities"),
        ({"title": ""}, "This field is required"),
        ({"title": "call 13800138000"}, "138…00"),
        ({"category": "unknown"}, "choose one of the list"),
        ({"channel": "file"}, "Not a valid choice"),
        ({"occurred_at": "1889-01-01T10:00"}, "before 1990"),
    ],
)
def test_a_call_that_cannot_be_recorded_names_the_reason(
    open_client: OpenClient, page: str, filled_database: FilledDatabase, changed: dict[str, str], problem: str
) -> None:
    refused = record(open_client("east-station"), page, **changed)
    assert refused.status_code == 422
    assert problem in refused.text
    assert select_value(filled_database, COUNT) == 0


@pytest.mark.parametrize(("name", "status"), [("east-worker", 403), ("east-leader", 403), ("west-station", 404)])
def test_others_record_no_call_here(open_client: OpenClient, page: str, name: str, status: int) -> None:
    assert open_client(name).get(page).status_code == status
