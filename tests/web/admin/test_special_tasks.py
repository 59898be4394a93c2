"""Pages of special tasks and of budgets of reveals."""

import html
import re

import pytest

from tests.days import day_from_now
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
NEW = "/admin/special-tasks/new"
REVEALING_ROLES = ("worker", "station")


def task_fields(subdistrict: SubdistrictIds, **changes: str) -> dict[str, str]:
    fields = {
        "subdistrict": str(subdistrict.subdistrict_id),
        "purpose": "visits to the elderly",
        "fields": "phone",
        "households": "200",
        "first": day_from_now().isoformat(),
        "last": day_from_now(5).isoformat(),
        "account_ids": str(subdistrict.account_ids["worker"]),
    }
    return {**fields, **changes}


def test_a_special_task_is_opened_chosen_by_its_worker_and_closed(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    east, admin = subdistricts["east"], open_client("east-admin")
    assert submit_form(admin, NEW, **task_fields(east)).status_code == 303
    resident_page = open_client("east-worker").get(f"/residents/{east.resident_ids[0]}").text
    (task,) = re.findall(r'value="task-(\d+)"', resident_page)
    assert "visits to the elderly (200 households left)" in resident_page
    assert "task-" not in open_client("east-station").get(f"/residents/{east.resident_ids[0]}").text
    page = "/admin/special-tasks"
    assert submit_form(admin, page, f"{page}/{task}/close").status_code == 303
    assert "closed" in admin.get(page).text
    assert "task-" not in open_client("east-worker").get(f"/residents/{east.resident_ids[0]}").text


def test_a_faulty_special_task_keeps_what_was_typed(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    fields = task_fields(subdistricts["east"], purpose="asdfgh", households="9")
    answer = submit_form(open_client("east-admin"), NEW, **fields)
    assert answer.status_code == 422
    assert "say what the task is for" in answer.text
    assert re.search(r'<input checked[^>]* value="phone"', answer.text)
    assert 'value="asdfgh"' in answer.text


def test_accounts_of_another_subdistrict_cannot_be_named(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    admin, west = open_client("east-admin"), subdistricts["west"]
    assert "West-Worker" not in admin.get(NEW).text
    for change in ("subdistrict", "account_ids"):
        fields = {**task_fields(subdistricts["east"]), change: task_fields(west)[change]}
        assert submit_form(admin, NEW, **fields).status_code == 422


def test_a_special_task_of_another_subdistrict_is_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    west, east = open_client("west-admin"), open_client("east-admin")
    submit_form(west, NEW, **task_fields(subdistricts["west"], purpose="census of the west"))
    (close,) = re.findall(r'action="([^"]*/close)"', west.get("/admin/special-tasks").text)
    assert "census of the west" not in east.get("/admin/special-tasks").text
    assert submit_form(east, NEW, close).status_code == 404
    assert close in west.get("/admin/special-tasks").text


@pytest.mark.parametrize(("number", "status"), [("0", 303), ("200", 303), ("201", 422), ("-1", 422), ("x", 422)])
def test_the_budget_of_a_role_is_a_number_from_0_to_200(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds], number: str, status: int
) -> None:
    admin, page = open_client("east-admin"), "/admin/special-tasks"
    fields = {"subdistrict_id": str(subdistricts["east"].subdistrict_id), "role": "worker", "households": number}
    answer = submit_form(admin, page, "/admin/reveal-budgets", **fields)
    assert answer.status_code == status
    shown = answer.text if status == 422 else admin.get(page).text
    assert f'value="{number}"' in shown


def test_the_budget_of_another_subdistrict_is_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    fields = {"subdistrict_id": str(subdistricts["west"].subdistrict_id), "role": "worker", "households": "9"}
    admin = open_client("east-admin")
    assert submit_form(admin, "/admin/special-tasks", "/admin/reveal-budgets", **fields).status_code == 404


@pytest.mark.parametrize("role", ["planner", "worker", "leader", "station"])
@pytest.mark.parametrize("path", ["/admin/special-tasks", NEW])
def test_special_tasks_are_for_admins(open_client: OpenClient, role: str, path: str) -> None:
    assert open_client(f"east-{role}").get(path).status_code == 403


def age_password(database: FilledDatabase) -> None:
    execute_sql(database, "UPDATE web_session SET password_confirmed_at = clock_timestamp() - interval '301 seconds'")


def test_a_special_task_is_kept_while_the_password_is_asked_again(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    admin, east = open_client("east-admin"), subdistricts["east"]
    chosen = {"fields": ["name", "phone"], "account_ids": [str(east.account_ids[role]) for role in REVEALING_ROLES]}
    fields: dict[str, str | list[str]] = {**task_fields(east, purpose='census "<b>'), **chosen}
    age_password(filled_database)
    for password in ({}, {"own_password": "not this one"}):
        answer = submit_form(admin, NEW, None, **fields, **password)
        assert answer.status_code == (422 if password else 200)
        assert carried_fields(answer.text) == {name: as_list(value) for name, value in fields.items()}
    assert "census" not in admin.get("/admin/special-tasks").text
    assert submit_form(admin, NEW, None, **fields, own_password=PASSWORD).status_code == 303
    assert "census &#34;&lt;b&gt;" in admin.get("/admin/special-tasks").text


def carried_fields(page: str) -> dict[str, list[str]]:
    """Return the hidden fields of the page that asks for the password, without its own."""
    carried: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.split("<main")[1]):
        carried.setdefault(name, []).append(html.unescape(value))
    return carried


def as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("kind", ["close", "budget"])
def test_a_special_task_and_a_budget_change_after_the_password(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], kind: str
) -> None:
    east, admin, page = subdistricts["east"], open_client("east-admin"), "/admin/special-tasks"
    submit_form(admin, NEW, **task_fields(east, purpose=f"register of the {kind}"))
    (close,) = re.findall(rf'register of the {kind}.*?action="([^"]*/close)"', admin.get(page).text, re.DOTALL)
    fields = {"subdistrict_id": str(east.subdistrict_id), "role": "station", "households": "77"}
    path, values, changed = (close, {}, close) if kind == "close" else ("/admin/reveal-budgets", fields, 'value="77"')
    was_shown = changed in admin.get(page).text
    age_password(filled_database)
    answer = submit_form(admin, page, path, **values)
    assert ('name="own_password"' in answer.text, carried_fields(answer.text)) == (
        True,
        {name: [value] for name, value in values.items()},
    )
    assert (changed in admin.get(page).text) == was_shown
    assert submit_form(admin, page, path, **values, own_password=PASSWORD).status_code == 303
    assert (changed in admin.get(page).text) != was_shown


def test_an_alarm_is_looked_into_without_the_password(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    admin, page = open_client("east-admin"), "/admin/accounts"
    age_password(filled_database)
    alarm = f"{page}/{subdistricts['east'].account_ids['worker']}/reveal-alarm"
    assert submit_form(admin, page, alarm).status_code == 303
