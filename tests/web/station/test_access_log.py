"""Accesses to a resident: every list, search, page, reveal, visit and export, for the station; refusals."""

import re
from collections.abc import Sequence

import pytest
from sqlalchemy import create_engine, text

from tests.fixtures.people import households
from tests.fixtures.subdistricts import PHONES, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
GROUNDS = {"purpose": "call_back", "reason": "call about the lift"}


@pytest.fixture(autouse=True)
def fresh_day(filled_database: FilledDatabase) -> None:
    households.begin_day_at_noon(filled_database)
    households.forget_reveals(filled_database)


@pytest.fixture
def east(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["east"]


def logged_actions(open_client: OpenClient, resident_id: int) -> list[str]:
    page = open_client("east-station").get(f"/residents/{resident_id}/access-log")
    assert page.status_code == 200
    return re.findall(r'data-action="(\w+)"', page.text)


def audit_rows(filled: FilledDatabase, action: str) -> Sequence[tuple[object, ...]]:
    engine = create_engine(filled.owner_url)
    query = text("SELECT subject, subject_id, resident_ids, details FROM audit WHERE action = :action ORDER BY id")
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(query, {"action": action})]
    engine.dispose()
    return rows


def test_every_look_at_a_resident_is_in_the_resident_s_own_log(open_client: OpenClient, east: SubdistrictIds) -> None:
    worker, resident = open_client("east-worker"), east.resident_ids[0]
    worker.get(f"/my-grid/buildings/{east.building_ids[0]}")
    submit_form(worker, "/residents", number=PHONES["east"][0])
    submit_form(worker, f"/residents/{resident}", field="phone", **GROUNDS)
    submit_form(worker, f"/residents/{resident}", field="household", **GROUNDS)
    open_client("east-station").get(f"/residents/{resident}/access-log/export/csv")
    looks = logged_actions(open_client, resident)
    assert looks == ["export", "household_visit", "view", "reveal", "view", "search", "list"]
    assert logged_actions(open_client, resident)[0] == "view"  # the log itself shows the resident masked


def test_the_log_of_a_resident_has_nobody_else_s_rows(open_client: OpenClient, east: SubdistrictIds) -> None:
    submit_form(open_client("east-worker"), f"/residents/{east.resident_ids[0]}", field="phone", **GROUNDS)
    assert logged_actions(open_client, east.resident_ids[1]) == []


def test_a_list_is_one_row_with_its_filter_and_its_residents(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    open_client("east-worker").get(f"/my-grid/buildings/{east.building_ids[0]}")
    expected = ("building", east.building_ids[0], [east.resident_ids[0]], {"found": 1})
    assert audit_rows(filled_database, "list") == [expected]


def test_a_search_that_finds_nobody_is_recorded_as_well(
    open_client: OpenClient, filled_database: FilledDatabase
) -> None:
    submit_form(open_client("east-worker"), "/residents", number="13000000000")
    assert audit_rows(filled_database, "search") == [("resident", None, None, {"by": "phone", "found": 0})]


def test_the_table_has_every_row_with_who_what_and_why(open_client: OpenClient, east: SubdistrictIds) -> None:
    resident = east.resident_ids[0]
    submit_form(open_client("east-worker"), f"/residents/{resident}", field="phone", **GROUNDS)
    answer = open_client("east-station").get(f"/residents/{resident}/access-log/export/csv")
    header, first, second = answer.data.decode("utf-8-sig").splitlines()
    assert header == "When,Who,Role,What,Values,Purpose,Reason"
    assert first.split(",")[1:] == [
        "East-Worker",
        "Grid worker",
        "value revealed",
        "Phone",
        *["Call back", "call about the lift"],
    ]
    assert second.split(",")[1:] == ["East-Worker", "Grid worker", "page of a resident shown", "", "", ""]


@pytest.mark.parametrize("name", ["east-worker", "east-planner", "east-leader", "east-admin"])
def test_the_log_is_for_stations(open_client: OpenClient, east: SubdistrictIds, name: str) -> None:
    for suffix in ("", "/export/csv"):
        page = f"/residents/{east.resident_ids[0]}/access-log{suffix}"
        assert open_client(name).get(page).status_code == 403


def test_the_log_of_a_resident_elsewhere_is_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    page = f"/residents/{subdistricts['west'].resident_ids[0]}/access-log"
    assert open_client("east-station").get(page).status_code == 404


@pytest.mark.parametrize("path", ["/admin/audit", "/api/v1/audit"])
def test_a_page_that_is_not_for_the_role_is_in_the_audit(
    open_client: OpenClient, filled_database: FilledDatabase, path: str
) -> None:
    assert open_client("east-worker").get(path).status_code == 403
    ((_, _, _, details),) = audit_rows(filled_database, "denied")
    assert details == {"page": path, "method": "GET"}


def test_a_resident_out_of_reach_is_in_the_audit_by_whatever_way_it_was_tried(
    open_client: OpenClient,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    east: SubdistrictIds,
) -> None:
    worker, (_, other) = open_client("east-worker"), east.resident_ids
    worker.get(f"/residents/{other}")
    submit_form(worker, "/residents", f"/residents/{other}", field="phone", **GROUNDS)
    worker.get(f"/my-grid/buildings/{east.building_ids[1]}")
    worker.get(f"/residents/{subdistricts['west'].resident_ids[0]}")  # west's own business, and not east's to know
    worker.get(f"/residents/{10**30}")
    subjects = [row[:2] for row in audit_rows(filled_database, "denied")]
    known = [("resident", other), ("resident", other), ("building", east.building_ids[1])]
    assert subjects == [*known, ("resident", None), (None, None)]


def test_a_household_is_opened_for_a_visit_and_closed(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    worker = open_client("east-worker")
    answer = submit_form(worker, f"/residents/{east.resident_ids[0]}", field="household", **GROUNDS)
    assert answer.status_code == 303
    page = worker.get(answer.location).text
    assert "张小明" in page
    assert f"tel:{PHONES['east'][0]}" in page
    assert "11010519491231002X" not in page
    submit_form(worker, answer.location, f"{answer.location}/end")
    closed = worker.get(answer.location).text
    assert "张小明" not in closed
    assert "not open for a visit" in closed
    assert len(audit_rows(filled_database, "household_visit")) == 1


def test_a_household_of_others_is_not_found(
    open_client: OpenClient, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    engine = create_engine(filled_database.owner_url)
    with engine.connect() as connection:
        households_of_others = connection.scalar(
            text("SELECT household_id FROM resident WHERE id = :id"), {"id": east.resident_ids[1]}
        )
    engine.dispose()
    for household in (households_of_others, 10**9, 10**30):
        assert open_client("east-worker").get(f"/residents/households/{household}").status_code == 404


@pytest.mark.parametrize("reason", ["aaaa", "asdfgh", "1234567"])
def test_a_reason_that_says_nothing_is_refused_with_a_sentence(
    open_client: OpenClient, east: SubdistrictIds, reason: str
) -> None:
    page = f"/residents/{east.resident_ids[0]}"
    answer = submit_form(open_client("east-station"), page, field="id_number", purpose="matter", reason=reason)
    assert answer.status_code == 422
    assert "in words that a colleague understands" in answer.text
    assert "give the number of the matter" in answer.text
    assert f'value="{reason}"' in answer.text
