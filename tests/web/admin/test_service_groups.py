"""Pages of service groups: off without grounds, changed by one administrator at a time, all of it in the audit."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form
from tests.web.homes.test_homes import fetch

__all__ = ["app", "open_client", "subdistricts"]
PATH = "/admin/service-groups"
RELEASED = {"name_zh": "刑满释放人员", "name_en": "Released from prison", "purpose": "安置帮教", "in_use": "y"}
RESET = (
    "DELETE FROM service_group WHERE source = 'administrator';"
    " UPDATE service_group SET legal_basis = NULL, in_use = false, version = 1 WHERE key = 'released'"
)


@pytest.fixture
def admin(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> Iterator[FlaskClient]:
    execute_sql(filled_database, RESET)
    yield open_client("east-admin")
    execute_sql(filled_database, RESET)


def page_of(database: FilledDatabase, key: str, place: str = "east") -> str:
    subdistrict = database.subdistricts[place].subdistrict_id
    rows = fetch(database, f"SELECT id FROM service_group WHERE key = '{key}' AND subdistrict_id = {subdistrict}")
    return f"{PATH}/{rows[0][0]}"


def version_in(page: str) -> str:
    return str(re.findall(r'name="version"[^>]* value="(\d+)"', page)[0])


def change(client: FlaskClient, page: str, **fields: str) -> Any:
    version = version_in(client.get(page).text)
    return submit_form(client, page, **{"version": version, **RELEASED, **fields})


def stored(database: FilledDatabase, key: str) -> tuple[Any, ...]:
    east = database.subdistricts["east"].subdistrict_id
    query = f"SELECT in_use, legal_basis, version FROM service_group WHERE key = '{key}' AND subdistrict_id = {east}"
    return fetch(database, query)[0]


def test_the_list_says_which_groups_are_off_and_why(admin: FlaskClient) -> None:
    page = admin.get(PATH).text
    rows = dict(re.findall(r'data-group="(\w+)">(.*?)</tr>', page, re.DOTALL))
    assert "off: no legal basis" in rows["released"]
    assert "in use" in rows["volunteer"]


@pytest.mark.parametrize(("basis", "status"), [("", 422), ("监狱法", 422), ("《监狱法》第三十七条", 303)])
def test_a_sensitive_group_needs_a_legal_basis(
    admin: FlaskClient, filled_database: FilledDatabase, basis: str, status: int
) -> None:
    answer = change(admin, page_of(filled_database, "released"), legal_basis=basis)
    assert answer.status_code == status
    if status == 422:
        assert "needs a legal basis of at least 4 letters" in answer.text
        assert f'value="{basis}"' in answer.text or not basis
    assert stored(filled_database, "released")[0] is (status == 303)


def test_a_change_is_in_the_audit_with_both_values(admin: FlaskClient, filled_database: FilledDatabase) -> None:
    change(admin, page_of(filled_database, "released"), legal_basis="《监狱法》第三十七条")
    query = "SELECT details FROM audit WHERE action = 'service_group_saved' ORDER BY id DESC LIMIT 1"
    details = fetch(filled_database, query)[0][0]
    assert (details["from"]["in_use"], details["to"]["in_use"]) == (False, True)
    assert details["to"]["legal_basis"] == "《监狱法》第三十七条"


def test_of_two_changes_at_once_the_second_keeps_its_words(admin: FlaskClient, filled_database: FilledDatabase) -> None:
    page = page_of(filled_database, "released")
    version = version_in(admin.get(page).text)
    assert change(admin, page, legal_basis="《监狱法》第三十七条").status_code == 303
    late = {**RELEASED, "legal_basis": "另一依据，第一条", "version": version}
    answer = submit_form(admin, page, **late)
    assert answer.status_code == 409
    assert 'value="另一依据，第一条"' in answer.text
    assert "《监狱法》第三十七条" in re.findall(r"data-stored>(.*?)</p>", answer.text, re.DOTALL)[0]
    assert stored(filled_database, "released")[1:] == ("《监狱法》第三十七条", 2)
    again = submit_form(admin, page, **{**late, "version": version_in(answer.text)})
    assert again.status_code == 303
    assert stored(filled_database, "released")[1:] == ("另一依据，第一条", 3)


def test_a_group_is_added_once(admin: FlaskClient, filled_database: FilledDatabase) -> None:
    east = filled_database.subdistricts["east"].subdistrict_id
    new = {
        "name_zh": "失独家庭",
        "name_en": "Bereaved parents",
        "access_class": "personal",
        "purpose": "关怀",
        "in_use": "y",
    }
    fields = {**new, "subdistrict_id": str(east)}
    assert submit_form(admin, f"{PATH}/new", **fields).status_code == 303
    assert stored(filled_database, "bereaved_parents") == (True, None, 1)
    twice = submit_form(admin, f"{PATH}/new", **fields)
    assert twice.status_code == 422
    assert "another service group has this name" in twice.text
    assert 'value="失独家庭"' in twice.text


def test_a_group_of_another_subdistrict_is_not_found(admin: FlaskClient, filled_database: FilledDatabase) -> None:
    assert admin.get(page_of(filled_database, "released", "west")).status_code == 404


@pytest.mark.parametrize("role", ["planner", "worker", "leader", "station"])
def test_other_roles_have_no_such_pages(open_client: OpenClient, filled_database: FilledDatabase, role: str) -> None:
    client = open_client(f"east-{role}")
    pages = (PATH, f"{PATH}/new", page_of(filled_database, "released"))
    assert {client.get(page).status_code for page in pages} == {403}
