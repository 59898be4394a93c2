"""Own reports: what is known already is offered, and a report is mended or withdrawn for ten minutes."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import FilledDatabase
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts
from tests.web.worker.test_reports import PATH, REPORT, delete_incidents, send_report, stored

__all__ = ["app", "delete_incidents", "open_client", "subdistricts"]
LATITUDE = 29.01
METRE = 1 / 97_440
"""Degrees of longitude at this latitude."""
AGE = "UPDATE incident SET reported_at = now() - interval '{}', occurred_at = now() - interval '{}'"
STATES = "SELECT string_agg(c.state, ' ' ORDER BY i.id) FROM incident_case c JOIN incident i ON i.id = c.incident_id"


def select_text(database: FilledDatabase, query: str) -> str:
    engine = create_engine(database.owner_url)
    with engine.connect() as connection:
        value = connection.execute(text(query)).scalar()
    engine.dispose()
    return str(value)


def known(client: FlaskClient, **fields: str) -> list[Any]:
    state = client.get(PATH).json
    assert state is not None
    answer = client.post(f"{PATH}/known", data={**REPORT, "csrf_token": state["token"], **fields})
    assert answer.status_code == 200
    assert answer.json is not None
    return list(answer.json["known"])


def post(client: FlaskClient, path: str, **fields: str) -> Any:
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', client.get("/my-grid/report").text)[0]
    return client.post(path, data={"csrf_token": token, **fields})


def own_path(client: FlaskClient) -> str:
    return str(re.findall(r'href="(/my-grid/reports/\d+)"', client.get("/my-grid/report").text)[0])


@pytest.mark.parametrize(
    ("fields", "age", "count"),
    [
        ({}, "0 days", 1),
        ({"category": "noise"}, "0 days", 0),
        ({"longitude": str(106.005 + 49 * METRE)}, "0 days", 1),
        ({"longitude": str(106.005 + 51 * METRE)}, "0 days", 0),
        ({}, "6 days 23 hours", 1),
        ({}, "7 days 1 hour", 0),
    ],
)
def test_open_cases_of_a_kind_within_50_m_and_7_days_are_offered(
    open_client: OpenClient, filled_database: FilledDatabase, fields: dict[str, str], age: str, count: int
) -> None:
    client = open_client("east-worker")
    send_report(client, title="the lift stands")
    execute_sql(filled_database, AGE.format(age, age))
    assert [each["title"] for each in known(client, **fields)] == ["the lift stands"] * count
    assert known(open_client("west-worker")) == []


def test_a_report_of_a_known_case_keeps_its_words_and_is_listed_there(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    send_report(client)
    first = str(known(client)[0]["id"])
    answers = [send_report(client, 1, form_token="2", title="still out", known_id=first) for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 200]
    assert select_text(filled_database, STATES) == "received duplicate"
    page = client.get(f"/cases/{first}").text
    assert "still out" in page.split('id="duplicates"')[1]
    assert [str(each["id"]) for each in known(client)] == [first]


def test_a_report_of_a_case_that_was_closed_meanwhile_is_a_new_one(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    send_report(client, settled="y", result="done")
    closed = select_text(filled_database, "SELECT id FROM incident")
    assert known(client) == []
    assert send_report(client, form_token="2", known_id=closed).status_code == 201
    assert select_text(filled_database, STATES) == "closed received"


def test_a_withdrawn_report_that_a_phone_sends_again_is_not_stored(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    first = send_report(client).json["number"]
    post(client, f"{own_path(client)}/withdraw")
    again = send_report(client)
    assert (again.status_code, again.json["number"]) == (200, first)
    assert stored(filled_database)[0] == 0
    assert send_report(client, form_token="another form").status_code == 201


@pytest.mark.parametrize(("age", "mended"), [("9 minutes 50 seconds", True), ("10 minutes 1 second", False)])
def test_a_report_is_mended_for_ten_minutes(
    open_client: OpenClient, filled_database: FilledDatabase, age: str, mended: bool
) -> None:
    client = open_client("east-worker")
    send_report(client, title="a lift")
    path = own_path(client)
    execute_sql(filled_database, AGE.format(age, age))
    answer = post(client, path, category="noise", title="a loud lift")
    assert answer.status_code == (303 if mended else 422)
    query = "SELECT category || ' ' || title FROM incident"
    assert select_text(filled_database, query) == ("noise a loud lift" if mended else "lifts a lift")
    assert ("a loud lift" in answer.text) != mended
    assert ('href="/my-grid/reports/' in client.get("/my-grid/report").text) == mended
    assert post(client, f"{path}/withdraw").status_code == 303
    assert stored(filled_database)[0] == (0 if mended else 1)


def test_a_mended_report_keeps_its_class_and_asks_about_numbers(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    send_report(client)
    path = own_path(client)
    assert "handled by others" in post(client, path, category="theft").text
    asked = post(client, path, category="lifts", title="call 13800138000")
    assert (asked.status_code, "138…00" in asked.text) == (422, True)
    confirmation = re.findall(r'name="numbers_confirmed"[^>]* value="(\w{64})"', asked.text)[0]
    answers = [
        post(client, path, category="lifts", title=f"call {number}", numbers_confirmed=confirmation).status_code
        for number in ("13900139000", "13800138000")
    ]
    assert answers == [422, 303]  # a confirmation is for its own words
    assert send_report(client).status_code == 200


def test_own_reports_are_followed_to_their_result(open_client: OpenClient) -> None:
    client = open_client("east-worker")
    send_report(client, settled="y", result="bulb changed")
    page = client.get("/my-grid/report").text.split('id="own-reports"')[1]
    assert "closed · bulb changed" in page
    case = re.findall(r'href="(/cases/\d+)"', page)[0]
    assert client.get(case).status_code == 200
    assert "/my-grid/reports/" not in page


@pytest.mark.parametrize(("name", "status"), [("west-worker", 404), ("east-station", 403)])
def test_others_mend_and_withdraw_nothing(
    open_client: OpenClient, filled_database: FilledDatabase, name: str, status: int
) -> None:
    owner, other = open_client("east-worker"), open_client(name)
    send_report(owner)
    path = own_path(owner)
    token = re.findall(r'name="csrf-token" content="([^"]+)"', other.get("/account/password").text)[0]
    data = {"csrf_token": token, "category": "noise"}
    answers = [other.get(path), other.post(path, data=data), other.post(f"{path}/withdraw", data=data)]
    assert [each.status_code for each in answers] == [status] * 3
    assert stored(filled_database)[0] == 1
