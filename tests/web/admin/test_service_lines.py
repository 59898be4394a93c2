"""Pages of service lines: their names and categories, and the lines that a leader is given."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.days import day_from_now
from tests.fixtures.second_community import TwoCommunities, create_second_community
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.web.admin.test_incident_categories import fetch

__all__ = ["app", "open_client", "subdistricts"]
LINES = """
INSERT INTO service_line (subdistrict_id, key, name_zh, name_en)
    SELECT id, key, 'zh ' || key, 'line ' || key FROM subdistrict, unnest(ARRAY['order', 'special']) AS key;
UPDATE incident_category SET line_of_work = CASE key WHEN 'theft' THEN 'order' WHEN 'mental_health' THEN 'special' END
"""
CLEAR = """
DELETE FROM account_scope_line;
UPDATE incident_category SET line_of_work = NULL;
DELETE FROM service_line
"""
BASIS = "《精神卫生法》第六条"


@pytest.fixture(scope="module")
def two(filled_database: FilledDatabase) -> TwoCommunities:
    return create_second_community(filled_database)


@pytest.fixture(autouse=True)
def lines(filled_database: FilledDatabase, two: TwoCommunities) -> Iterator[None]:
    execute_sql(filled_database, LINES)
    yield
    execute_sql(filled_database, CLEAR)


@pytest.fixture
def admin(open_client: OpenClient) -> FlaskClient:
    return open_client("east-admin")


def line_id(database: FilledDatabase, east: SubdistrictIds, key: str) -> str:
    query = f"SELECT id FROM service_line WHERE key = '{key}' AND subdistrict_id = {east.subdistrict_id}"
    return str(fetch(database, query)[0].id)


def scope_id(database: FilledDatabase, account_id: int) -> str:
    return str(fetch(database, f"SELECT id FROM account_scope WHERE account_id = {account_id}")[0].id)


def give(client: FlaskClient, database: FilledDatabase, east: SubdistrictIds, line: str, **fields: str) -> Any:
    """Give the leader of east a line."""
    leader = east.account_ids["leader"]
    values = {"scope_id": scope_id(database, leader), "line_id": line_id(database, east, line)}
    return submit_form(client, f"/admin/accounts/{leader}/lines", **{**values, **fields})


def grants(database: FilledDatabase) -> list[tuple[Any, ...]]:
    query = (
        "SELECT l.key, g.legal_basis, g.sensitive_categories, a.name FROM account_scope_line g"
        " JOIN service_line l ON l.id = g.service_line_id JOIN account a ON a.id = g.granted_by ORDER BY g.id"
    )
    return [tuple(row) for row in fetch(database, query)]


def in_days(days: int) -> str:
    return day_from_now(days).isoformat()


def test_a_line_is_added_once_and_gets_its_categories(
    admin: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    east = subdistricts["east"]
    new = {"subdistrict_id": str(east.subdistrict_id), "name_zh": "信访", "name_en": "Petitions"}
    answers = [submit_form(admin, "/admin/service-lines", **new) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "another service line has this name" in answers[1].text
    assert 'value="信访"' in answers[1].text
    page = f"/admin/service-lines/{line_id(filled_database, east, 'petitions')}"
    changed = submit_form(admin, page, name_zh="信访", name_en="Petitions", categories=["theft", "noise"])
    assert changed.status_code == 303
    query = f"SELECT key, line_of_work FROM incident_category WHERE subdistrict_id = {east.subdistrict_id}"
    assert dict(map(tuple, fetch(filled_database, query))) == {
        "lifts": None,
        "mental_health": "special",
        "noise": "petitions",
        "theft": "petitions",
    }
    record = fetch(filled_database, "SELECT details FROM audit WHERE action = 'service_line_saved' ORDER BY id DESC")
    assert record[0].details["to"]["categories"] == ["noise", "theft"]


def test_a_category_that_is_not_ticked_leaves_the_line(
    admin: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    page = f"/admin/service-lines/{line_id(filled_database, subdistricts['east'], 'order')}"
    assert submit_form(admin, page, name_zh="综治", name_en="Order").status_code == 303
    assert fetch(filled_database, "SELECT FROM incident_category WHERE line_of_work = 'order'")[1:] == []
    assert "综治" in admin.get("/admin/service-lines", headers={"Accept-Language": "zh-CN"}).text


def test_a_line_of_another_subdistrict_is_not_found(
    admin: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    assert (
        admin.get(f"/admin/service-lines/{line_id(filled_database, subdistricts['west'], 'order')}").status_code == 404
    )


def test_the_admin_of_one_community_changes_no_line(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    client = open_client("admin-east1")
    assert (
        client.get(f"/admin/service-lines/{line_id(filled_database, subdistricts['east'], 'order')}").status_code == 404
    )
    assert "No subdistrict is yours as a whole" in client.get("/admin/service-lines").text


def test_a_line_is_given_and_ended(
    admin: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    east = subdistricts["east"]
    assert [give(admin, filled_database, east, "order").status_code for _ in range(2)] == [303, 422]
    assert grants(filled_database) == [("order", None, [], "east-admin")]
    page = f"/admin/accounts/{east.account_ids['leader']}/lines"
    grant = fetch(filled_database, "SELECT id FROM account_scope_line")[0].id
    assert submit_form(admin, page, f"{page}/{grant}/end").status_code == 303
    assert grants(filled_database) == []
    actions = fetch(filled_database, "SELECT action FROM audit WHERE action LIKE 'line_%' ORDER BY id DESC LIMIT 2")
    assert [row.action for row in actions] == ["line_ended", "line_given"]


@pytest.mark.parametrize(
    ("fields", "status", "message"),
    [
        ({}, 422, "needs a legal basis"),
        ({"legal_basis": BASIS}, 422, "needs a last day, within a year"),
        ({"legal_basis": BASIS, "last": in_days(366)}, 422, "needs a last day, within a year"),
        ({"legal_basis": BASIS, "last": in_days(-1)}, 422, "the last day is before the first"),
        ({"legal_basis": "法 条", "last": in_days(365)}, 422, "needs a legal basis"),
        ({"legal_basis": BASIS, "last": in_days(365)}, 303, ""),
    ],
)
def test_a_sensitive_line_needs_a_legal_basis_and_an_end_within_a_year(
    admin: FlaskClient,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    fields: dict[str, str],
    status: int,
    message: str,
) -> None:
    answer = give(admin, filled_database, subdistricts["east"], "special", **fields)
    assert answer.status_code == status
    assert message in answer.text
    stored = [("special", BASIS, ["mental_health"], "east-admin")] if status == 303 else []
    assert grants(filled_database) == stored
    assert status == 303 or fields.get("legal_basis", "") in answer.text


@pytest.mark.parametrize("role", ["planner", "worker", "station"])
def test_the_page_says_why_a_role_has_no_line(
    admin: FlaskClient, subdistricts: dict[str, SubdistrictIds], role: str
) -> None:
    page = admin.get(f"/admin/accounts/{subdistricts['east'].account_ids[role]}/lines").text
    assert "has no service line" in page
    assert 'name="line_id"' not in page


def test_nobody_gives_a_line_beyond_the_own_place(
    open_client: OpenClient,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    two: TwoCommunities,
) -> None:
    client, east = open_client("admin-east1"), subdistricts["east"]
    values = {"line_id": line_id(filled_database, east, "order")}
    for name, status in (("leader of east1", 303), ("leader of east2", 404), ("leader", 404)):
        account = two.account_ids[name]
        values["scope_id"] = scope_id(filled_database, account)
        answer = submit_form(client, "/admin/accounts", f"/admin/accounts/{account}/lines", **values)
        assert (name, answer.status_code) == (name, status)
    assert len(grants(filled_database)) == 1


def test_giving_a_line_asks_for_the_password_again(
    admin: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    execute_sql(filled_database, "UPDATE web_session SET password_confirmed_at = now() - interval '6 minutes'")
    answer = give(admin, filled_database, subdistricts["east"], "order")
    assert "Your password" in answer.text
    assert grants(filled_database) == []
