"""The public state of a case: what number and query code open, and what stays closed."""

import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.fixtures.cases.incident_cases import add_incident, add_worker, delete_cases
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts

__all__ = ["app", "open_client", "subdistricts"]
RECEIPT = re.compile(r'<dd class="code">([^<]+)</dd>')


@pytest.fixture
def incident_id(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[int]:
    add_worker(filled_database, subdistricts["east"])
    execute_sql(filled_database, "UPDATE community SET station_phone = '0000-8' WHERE code = 'east1'")
    yield add_incident(filled_database, subdistricts["east"], "theft", "a red bicycle")
    execute_sql(filled_database, "DELETE FROM case_query_throttle; UPDATE community SET station_phone = NULL")
    delete_cases(filled_database)


def read_receipt(client: FlaskClient, incident_id: int) -> tuple[str, str]:
    number, code = RECEIPT.findall(client.get(f"/cases/{incident_id}/receipt").text)
    return number, code


def query(client: FlaskClient, number: str, code: str) -> tuple[int, str]:
    answer = client.post("/case-state", data={"number": number, "query_code": code})
    return answer.status_code, answer.text


def test_the_receipt_opens_the_state_without_place_matter_and_persons(
    open_client: OpenClient, incident_id: int
) -> None:
    number, code = read_receipt(open_client("east-station"), incident_id)
    answer = open_client().post("/case-state", data={"number": f" {number}", "query_code": code})
    assert answer.status_code == 200
    assert "Received, not taken in yet" in answer.text
    assert "0000-8" in answer.text
    assert not [hidden for hidden in ("bicycle", "heft", "east11", "Wang", "East-") if hidden in answer.text]
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_wrong_code_and_an_unknown_number_have_the_same_answer(open_client: OpenClient, incident_id: int) -> None:
    number, code = read_receipt(open_client("east-station"), incident_id)
    other = f"{(int(code.replace(' ', '')) + 1) % 10**8:08d}"
    client = open_client()
    answers = [query(client, number, other), query(client, "20200101-0001", other)]
    assert [status for status, _ in answers] == [404, 404]
    assert f'value="{number}"' in answers[0][1]
    assert len({re.sub(r'nonce="[^"]*"| value="[^"]*"', "", page) for _, page in answers}) == 1


def test_failures_are_counted_over_requests(open_client: OpenClient, incident_id: int) -> None:
    number, code = read_receipt(open_client("east-station"), incident_id)
    client = open_client()
    assert [query(client, number, "1")[0] for _ in range(11)] == [404] * 10 + [429]
    status, page = query(client, number, code)
    assert (status, "Try again in" in page) == (429, True)


@pytest.mark.parametrize(
    ("name", "status"), [("east-worker", 200), ("east-leader", 403), ("east-planner", 403), ("west-station", 404)]
)
def test_the_receipt_is_for_the_station_and_the_reporter(
    open_client: OpenClient, incident_id: int, name: str, status: int
) -> None:
    assert open_client(name).get(f"/cases/{incident_id}/receipt").status_code == status


def test_a_link_names_the_number_and_missing_fields_are_named(open_client: OpenClient) -> None:
    client = open_client()
    assert 'value="20261130-0001"' in client.get("/case-state?number=20261130-0001").text
    assert query(client, "20261130-0001", "")[0] == 422
