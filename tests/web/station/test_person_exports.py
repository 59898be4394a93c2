"""Exports of persons: masked, approved by a second person, downloaded once, on record with everybody in them."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
GROUNDS = {"purpose": "flu vaccination of the elderly", "legal_basis": "notice 12 of the health office"}
FIELDS = ["name", "phone", "id_number", "residence"]


@pytest.fixture(autouse=True)
def no_requests(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    """Begin and end without requests."""
    execute_sql(filled_database, "DELETE FROM person_export")
    yield
    execute_sql(filled_database, "DELETE FROM person_export")


@pytest.fixture
def east(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["east"]


def ask(open_client: OpenClient, east: SubdistrictIds, name: str = "east-station", **changes: str | list[str]) -> int:
    fields: dict[str, Any] = {"community_id": str(east.community_id), "fields": FIELDS, **GROUNDS, **changes}
    status: int = submit_form(open_client(name), "/residents/exports", **fields).status_code
    return status


def decide(open_client: OpenClient, decision: str, reason: str = "", name: str = "east-admin") -> int:
    client = open_client(name)
    (path,) = re.findall(r'"(/admin/person-exports/\d+)/approve"', client.get("/admin/person-exports").text)
    status: int = submit_form(client, "/admin/person-exports", f"{path}/{decision}", reason=reason).status_code
    return status


def download_paths(page: str) -> list[str]:
    return re.findall(r'"(/residents/exports/\d+/download)"', page)


def rows(database: FilledDatabase, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(database.owner_url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def test_an_approved_export_is_downloaded_once_and_masked(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    assert ask(open_client, east) == 303
    station = open_client("east-station")
    assert download_paths(station.get("/residents/exports").text) == []
    assert decide(open_client, "approve") == 303
    (path,) = download_paths(station.get("/residents/exports").text)
    answer = submit_form(station, "/residents/exports", path, format="csv")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0].startswith('Building,Door,"Name, masked"')
    assert lines[1].startswith("Exported by East-Station")
    assert len(lines) == 2 + len(east.resident_ids)
    stored = rows(filled_database, f"SELECT name FROM resident WHERE subdistrict_id = {east.subdistrict_id}")
    assert [name for (name,) in stored if str(name) in answer.text] == []
    assert re.findall(r"\d{6,}", "\n".join(lines[2:])) == []
    ((ids, reason),) = rows(
        filled_database,
        "SELECT resident_ids, reason FROM audit WHERE subject = 'person_export' AND action = 'export'"
        " ORDER BY id DESC LIMIT 1",
    )
    assert (sorted(ids), reason) == (sorted(east.resident_ids), GROUNDS["purpose"])  # type: ignore[call-overload]
    again = submit_form(station, "/residents/exports", path, format="csv")
    assert (again.status_code, again.headers["Location"]) == (303, "/residents/exports")
    assert "downloaded already" in station.get("/residents/exports").text


def test_a_refusal_needs_a_reason_which_the_asker_reads(open_client: OpenClient, east: SubdistrictIds) -> None:
    ask(open_client, east)
    assert decide(open_client, "refuse") == 422
    assert decide(open_client, "refuse", "the phones are not needed") == 303
    page = open_client("east-station").get("/residents/exports").text
    assert "the phones are not needed" in page
    assert download_paths(page) == []


def test_an_approval_ends_by_itself(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    ask(open_client, east)
    decide(open_client, "approve")
    station = open_client("east-station")
    page = station.get("/residents/exports").text
    (path,) = download_paths(page)
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    execute_sql(filled_database, "UPDATE person_export SET expires_at = now() - interval '1 second'")
    assert station.post(path, data={"csrf_token": token, "format": "csv"}).status_code == 303
    assert download_paths(station.get("/residents/exports").text) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fields": []}, "choose at least one value"),
        ({"fields": ["name", "password"]}, "choose at least one value"),
        ({"purpose": "aaaa"}, "say in a sentence what the file is for"),
        ({"legal_basis": "x"}, "name the legal basis"),
        ({"community_id": "999"}, "choose a community in which you work"),
    ],
)
def test_a_faulty_request_keeps_what_was_typed(
    open_client: OpenClient, east: SubdistrictIds, changes: dict[str, str | list[str]], sentence: str
) -> None:
    fields: dict[str, Any] = {"community_id": str(east.community_id), "fields": FIELDS, **GROUNDS, **changes}
    answer = submit_form(open_client("east-station"), "/residents/exports", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert str(fields["purpose"]) in answer.text


def test_a_sixth_request_waits_for_the_others(open_client: OpenClient, east: SubdistrictIds) -> None:
    assert [ask(open_client, east) for _ in range(6)] == [303] * 5 + [422]


def test_nobody_else_downloads_or_decides(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    ask(open_client, east)
    decide(open_client, "approve")
    (path,) = download_paths(open_client("east-station").get("/residents/exports").text)
    for name, status in (("east-worker", 404), ("west-station", 404), ("east-admin", 403), ("east-leader", 403)):
        client = open_client(name)
        token = re.findall(r'name="csrf-token" content="([^"]+)"', client.get("/account").text)[0]
        assert client.post(path, headers={"X-CSRFToken": token}).status_code == status, name
    assert rows(filled_database, "SELECT downloaded_at FROM person_export") == [(None,)]
    assert "flu vaccination" not in open_client("west-admin").get("/admin/person-exports").text


def test_the_database_lets_nobody_decide_the_own_request(filled_database: FilledDatabase, east: SubdistrictIds) -> None:
    with pytest.raises(Exception, match="second_person"):
        execute_sql(
            filled_database,
            "INSERT INTO person_export (subdistrict_id, community_id, requested_by, purpose, legal_basis, fields,"
            " decided_by, decided_at, approved, expires_at) VALUES"
            f" ({east.subdistrict_id}, {east.community_id}, 1, 'purpose', 'basis', '{{name}}', 1, now(), true, now())",
        )
