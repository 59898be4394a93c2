"""Reports that a phone kept and sends: stored once, for their own account, with faults by field."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import create_engine, text

from gridmap.web.forms import fingerprint_texts
from tests.fixtures.subdistricts import FilledDatabase
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
PATH = "/my-grid/reports"
REPORT = {"category": "lifts", "building": "", "longitude": "106.005", "latitude": "29.01", "form_token": "of a phone"}
DELETE_INCIDENTS = """
ALTER TABLE case_step DISABLE TRIGGER USER;
DELETE FROM case_notice;
DELETE FROM incident_photo;
DELETE FROM case_step;
DELETE FROM incident_case;
ALTER TABLE case_step ENABLE TRIGGER USER;
DELETE FROM incident;
DELETE FROM withdrawn_report
"""
SUMMARY = """
SELECT (SELECT count(*) FROM incident), (SELECT count(*) FROM incident_photo),
    (SELECT string_agg(state, ' ') FROM incident_case), (SELECT string_agg(text, ' ') FROM case_step)
"""


@pytest.fixture(autouse=True)
def delete_incidents(filled_database: FilledDatabase) -> Iterator[None]:
    yield
    execute_sql(filled_database, DELETE_INCIDENTS)


def send_report(client: FlaskClient, photo_count: int = 0, /, **fields: str) -> Any:
    state = client.get(PATH).json
    assert state is not None
    data = {**REPORT, "account": str(state["account"]), "csrf_token": state["token"], **fields}
    files = {"photos": [(BytesIO(picture(shade)), "1.png") for shade in range(photo_count)]} if photo_count else {}
    return client.post(PATH, data={**data, **files}, content_type="multipart/form-data")


def picture(shade: int) -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (8, 8), (shade * 60, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def stored(database: FilledDatabase) -> tuple[object, ...]:
    engine = create_engine(database.owner_url)
    with engine.connect() as connection:
        row = tuple(connection.execute(text(SUMMARY)).one())
    engine.dispose()
    return row


def test_a_report_sent_again_is_the_same_one_with_the_same_photos(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    first, second = (send_report(client, 2) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["number"] == second.json["number"]
    assert stored(filled_database) == (1, 2, "received", None)


def test_a_report_settled_on_the_spot_is_closed_with_its_result(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    codes = [send_report(client, settled="y", result="bulb changed").status_code for _ in range(2)]
    assert codes == [201, 200]
    assert stored(filled_database) == (1, 0, "closed", "bulb changed")


@pytest.mark.parametrize(
    ("fields", "field", "confirmations"),
    [
        ({"category": ""}, "category", {}),
        ({"longitude": "", "latitude": ""}, "building", {}),
        ({"settled": "y", "result": " "}, "result", {}),
        ({"longitude": "106.015"}, "building", {"outside_confirmed": "yes"}),
        ({"title": "call 13800138000"}, "title", {"numbers_confirmed": fingerprint_texts("call 13800138000", "")}),
        ({"occurred_at": "1989-01-01T08:00:01"}, "occurred_at", {"time_confirmed": "1989-01-01T08:00:01"}),
    ],
)
def test_a_report_that_cannot_be_stored_is_answered_by_faults_and_sent_when_confirmed(
    open_client: OpenClient,
    filled_database: FilledDatabase,
    fields: dict[str, str],
    field: str,
    confirmations: dict[str, str],
) -> None:
    client = open_client("east-worker")
    answer = send_report(client, **fields)
    assert (answer.status_code, [fault["field"] for fault in answer.json["faults"]]) == (422, [field])
    assert answer.json["confirmations"] == confirmations
    assert stored(filled_database)[0] == 0
    if confirmations:
        assert send_report(client, **fields, **confirmations).status_code == 201


def test_four_photos_and_what_is_no_photo_store_nothing(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    assert "4 photos; at most 3" in send_report(client, 4).text
    state = client.get(PATH).json
    data = {**REPORT, "account": str(state["account"]), "csrf_token": state["token"]}  # type: ignore[index]
    answer = client.post(PATH, data={**data, "photos": [(BytesIO(b"no picture"), "1.jpg")]})
    assert (answer.status_code, answer.json["faults"][0]["field"]) == (422, "photos")  # type: ignore[index]
    assert stored(filled_database)[0] == 0


def test_a_report_of_another_account_is_not_stored(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    assert send_report(open_client("east-worker"), account="1").status_code == 409
    assert stored(filled_database)[0] == 0


def test_without_a_session_or_its_token_nothing_is_stored(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    visitor = open_client()
    assert (visitor.get(PATH).status_code, visitor.post(PATH, data=REPORT).status_code) == (401, 401)
    answer = send_report(open_client("east-worker"), csrf_token="of another session")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert stored(filled_database)[0] == 0


def test_what_a_phone_keeps_is_the_same_for_every_account_and_may_only_run_our_scripts(open_client: OpenClient) -> None:
    paths = ("/my-grid/report/offline", "/my-grid/service-worker.js")
    answers = [[open_client(name).get(path) for path in paths] for name in ("east-worker", "west-worker", None)]
    assert len({(form.text, script.text) for form, script in answers}) == 1
    form, script = answers[0]
    assert "script-src 'self'" in form.headers["Content-Security-Policy"]
    assert (script.mimetype, script.headers["Service-Worker-Allowed"]) == ("text/javascript", "/my-grid")
    assert re.search(r'"version": "[0-9a-f]{10}"', script.text)


def test_a_report_that_was_taken_in_cannot_be_withdrawn(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    client = open_client("east-worker")
    send_report(client, settled="y", result="done")
    page = client.get("/my-grid/report").text
    assert "/my-grid/reports/" not in page.split('id="own-reports"')[1]
    engine = create_engine(filled_database.owner_url)
    with engine.connect() as connection:
        incident_id = connection.execute(text("SELECT id FROM incident")).scalar_one()
    engine.dispose()
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    answer = client.post(f"{PATH}/{incident_id}/withdraw", data={"csrf_token": token}, follow_redirects=True)
    assert "can no longer be changed or withdrawn" in answer.text
    assert client.post(f"{PATH}/0/withdraw", data={"csrf_token": token}).status_code == 404
