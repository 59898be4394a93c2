"""Pages that find and reveal residents."""

import pytest
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import ID_NUMBERS, PHONES, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
GROUNDS = {"purpose": "door_visit", "reason": "visit at the door"}


def test_a_found_resident_is_masked(open_client: OpenClient) -> None:
    page = submit_form(open_client("east-worker"), "/residents", number=ID_NUMBERS["east"][0]).text
    result = page.split("</main>")[0].split("</form>")[-1]
    assert "**************002X" in result
    assert ID_NUMBERS["east"][0] not in result
    assert "张小明" not in page


@pytest.mark.parametrize("number", [PHONES["east"][1], PHONES["west"][0], "1380013800"])
def test_residents_outside_the_scope_are_not_found(open_client: OpenClient, number: str) -> None:
    assert "Nobody with this number" in submit_form(open_client("east-worker"), "/residents", number=number).text


@pytest.mark.parametrize(("field", "value"), [("name", "张小明"), ("phone", "13800138000")])
def test_a_value_is_revealed_once_for_a_reason(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], field: str, value: str
) -> None:
    client, page = open_client("east-worker"), f"/residents/{subdistricts['east'].resident_ids[0]}"
    assert value in submit_form(client, page, field=field, **GROUNDS).text
    assert value not in client.get(page).text


def test_without_a_reason_nothing_is_revealed_or_recorded(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    page = f"/residents/{subdistricts['east'].resident_ids[0]}"
    answer = submit_form(open_client("east-worker"), page, field="phone", purpose="call_back", reason="x y")
    assert answer.status_code == 422
    assert "four letters" in answer.text
    assert count_audit_entries(filled_database, "x y") == 0


def test_the_reason_of_a_revealed_value_is_recorded(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    submit_form(
        open_client("east-station"),
        f"/residents/{subdistricts['east'].resident_ids[1]}",
        field="phone",
        purpose="matter",
        matter_number="2026-17",
        reason="complaint 17",
    )
    assert count_audit_entries(filled_database, "complaint 17") == 1


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_resident_pages_are_for_workers_and_stations(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], role: str
) -> None:
    client = open_client(f"east-{role}")
    assert [client.get(path).status_code for path in ("/residents", "/residents/1")] == [403, 403]


def test_pages_of_residents_outside_the_scope_are_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    client = open_client("east-worker")
    for resident in (subdistricts["east"].resident_ids[1], subdistricts["west"].resident_ids[0], 999):
        assert client.get(f"/residents/{resident}").status_code == 404
        assert submit_form(client, "/residents", f"/residents/{resident}", field="phone", **GROUNDS).status_code == 404


def count_audit_entries(database: FilledDatabase, reason: str) -> int:
    engine = create_engine(database.owner_url)
    with engine.connect() as connection:
        count = connection.scalar(text("SELECT count(*) FROM audit WHERE reason = :reason"), {"reason": reason})
    engine.dispose()
    return int(count or 0)
