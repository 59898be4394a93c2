"""Pages of incident categories: names by one administrator, the access class by two, all of it in the audit."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
PATH = "/admin/incident-categories"
SECOND_ADMIN = """
UPDATE account_scope SET can_approve = false WHERE account_id = (SELECT id FROM account WHERE name = 'east-planner');
UPDATE account SET role = 'admin' WHERE name = 'east-planner'
"""
NEW = {
    "promised_days": "7",
    "name_zh": "长椅破损",
    "name_en": "Broken bench",
    "main_category": "facilities",
    "access_class": "ordinary",
    "purpose": "",
    "legal_basis": "",
    "line_of_work": "",
}


def fetch(filled_database: FilledDatabase, query: str) -> list[Any]:
    with create_engine(filled_database.owner_url, poolclass=NullPool).connect() as owner:
        return list(owner.execute(text(query)))


@pytest.fixture
def admin(open_client: OpenClient, filled_database: FilledDatabase) -> Iterator[FlaskClient]:
    yield open_client("east-admin")
    execute_sql(filled_database, "DELETE FROM category_class_change")
    execute_sql(filled_database, "UPDATE incident_category SET access_class = 'ordinary' WHERE key = 'noise'")


@pytest.fixture
def second_admin(filled_database: FilledDatabase, open_client: OpenClient) -> FlaskClient:
    """Make the planner of east an administrator, and return the client."""
    execute_sql(filled_database, SECOND_ADMIN)
    return open_client("east-planner")


@pytest.fixture
def noise_id(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> int:
    subdistrict_id = subdistricts["east"].subdistrict_id
    query = f"SELECT id FROM incident_category WHERE key = 'noise' AND subdistrict_id = {subdistrict_id}"
    return int(fetch(filled_database, query)[0].id)


def propose(client: FlaskClient, category_id: int, **fields: str) -> Any:
    values = {"access_class": "personal", "purpose": "调解", "legal_basis": "第十三条", "reason": "涉及具体住户的投诉"}
    page = f"{PATH}/{category_id}"
    prefixed = {f"class-{name}": value for name, value in (values | fields).items()}
    return submit_form(client, page, f"{page}/class", **prefixed)


def open_change(filled_database: FilledDatabase) -> int:
    return int(fetch(filled_database, "SELECT id FROM category_class_change WHERE decided_at IS NULL")[0].id)


def class_of_noise(filled_database: FilledDatabase, noise_id: int) -> str:
    return str(fetch(filled_database, f"SELECT access_class FROM incident_category WHERE id = {noise_id}")[0][0])


def test_the_list_shows_the_own_categories(admin: FlaskClient) -> None:
    page = admin.get(PATH).text
    assert [f'data-category="{key}"' in page for key in ("lifts", "theft", "mental_health")] == [True] * 3
    assert page.count("data-category=") == 4


def test_a_category_is_added_once(
    admin: FlaskClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    fields = {**NEW, "subdistrict_id": str(subdistricts["east"].subdistrict_id)}
    answers = [submit_form(admin, f"{PATH}/new", **fields) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 422]
    assert "another category has this name" in answers[1].text
    assert 'value="Broken bench"' in answers[1].text
    stored = fetch(filled_database, "SELECT name_zh, access_class FROM incident_category WHERE key = 'broken_bench'")
    assert [tuple(row) for row in stored] == [("长椅破损", "ordinary")]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"access_class": "personal", "name_en": "A"}, "need a purpose"),
        ({"access_class": "personal", "name_en": "A", "purpose": "调解"}, "need a legal basis"),
        ({"name_zh": ""}, "This field is required."),
    ],
)
def test_a_faulty_category_keeps_what_was_typed(
    admin: FlaskClient, subdistricts: dict[str, SubdistrictIds], fields: dict[str, str], fault: str
) -> None:
    values = {**NEW, "name_zh": "别的", "subdistrict_id": str(subdistricts["east"].subdistrict_id), **fields}
    answer = submit_form(admin, f"{PATH}/new", **values)
    assert answer.status_code == 422
    assert fault in answer.text
    assert f'value="{values["name_en"]}"' in answer.text


def test_names_change_and_the_class_stays(admin: FlaskClient, filled_database: FilledDatabase, noise_id: int) -> None:
    fields = {**NEW, "name_zh": "噪声", "name_en": "noise", "access_class": "personal"}
    assert submit_form(admin, f"{PATH}/{noise_id}", **fields).status_code == 303
    stored = fetch(filled_database, f"SELECT name_zh, key, access_class FROM incident_category WHERE id = {noise_id}")
    assert tuple(stored[0]) == ("噪声", "noise", "ordinary")
    assert fetch(
        filled_database, "SELECT details FROM audit WHERE action = 'category_saved' AND details->>'key' = 'noise'"
    )


@pytest.mark.parametrize(("days", "status"), [("0", 422), ("1", 303), ("366", 303), ("367", 422), ("", 422)])
def test_promised_days_are_1_to_366(
    admin: FlaskClient, filled_database: FilledDatabase, noise_id: int, days: str, status: int
) -> None:
    fields = {**NEW, "name_zh": "噪声", "name_en": "noise", "promised_days": days}
    assert submit_form(admin, f"{PATH}/{noise_id}", **fields).status_code == status
    stored = fetch(filled_database, f"SELECT promised_days FROM incident_category WHERE id = {noise_id}")[0][0]
    execute_sql(filled_database, "UPDATE incident_category SET promised_days = 7")
    assert stored == (int(days) if status == 303 else 7)


def test_a_proposed_class_waits_for_another_person(
    admin: FlaskClient, filled_database: FilledDatabase, noise_id: int
) -> None:
    assert propose(admin, noise_id).status_code == 303
    assert "another administrator decides" in admin.get(PATH).text
    own = submit_form(
        admin,
        PATH.replace("categories", "categories/new"),
        f"/admin/category-class-changes/{open_change(filled_database)}/confirm",
    )
    assert own.status_code == 303
    assert "you proposed it yourself" in admin.get(PATH).text
    assert class_of_noise(filled_database, noise_id) == "ordinary"
    assert propose(admin, noise_id).status_code == 422


@pytest.mark.parametrize("decision", [("confirm", "personal"), ("refuse", "ordinary")])
def test_another_administrator_decides(
    admin: FlaskClient,
    second_admin: FlaskClient,
    filled_database: FilledDatabase,
    noise_id: int,
    decision: tuple[str, str],
) -> None:
    propose(admin, noise_id)
    change, other = open_change(filled_database), second_admin
    assert submit_form(other, PATH, f"/admin/category-class-changes/{change}/{decision[0]}").status_code == 303
    assert class_of_noise(filled_database, noise_id) == decision[1]
    actions = fetch(filled_database, "SELECT action FROM audit WHERE subject = 'category_class_change' ORDER BY id")
    assert [row.action for row in actions][-2:] == [
        "category_class_proposed",
        f"category_class_{'confirmed' if decision[0] == 'confirm' else 'refused'}",
    ]


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"access_class": "ordinary"}, "has this class already"),
        ({"reason": "x"}, "say why"),
        ({"purpose": ""}, "need a purpose"),
    ],
)
def test_a_faulty_proposal_keeps_what_was_typed(
    admin: FlaskClient, noise_id: int, fields: dict[str, str], fault: str
) -> None:
    answer = propose(admin, noise_id, **fields)
    assert answer.status_code == 422
    assert fault in answer.text
    assert 'value="第十三条"' in answer.text


def test_a_category_of_another_subdistrict_is_not_found(open_client: OpenClient, noise_id: int) -> None:
    assert open_client("west-admin").get(f"{PATH}/{noise_id}").status_code == 404


@pytest.mark.parametrize("role", ["worker", "leader", "station"])
def test_other_roles_may_not_open_the_page(open_client: OpenClient, role: str) -> None:
    assert open_client(f"east-{role}").get(PATH).status_code == 403
