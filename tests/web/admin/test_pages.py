"""Admin pages: accounts and the audit log."""

import re

import pytest
from sqlalchemy import create_engine, text

from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds, app_url
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
NEW_ACCOUNT = {"display_name": "李娜", "role": "worker", "subdistrict": "east", "community": "east1", "grid": "east11"}


def test_the_list_shows_accounts_of_the_own_subdistrict_only(open_client: OpenClient) -> None:
    page = open_client("east-admin").get("/admin/accounts").text
    assert "East-Worker" in page
    assert "West-Worker" not in page


def test_a_new_account_signs_in_with_the_one_time_password(open_client: OpenClient) -> None:
    answer = submit_form(open_client("east-admin"), "/admin/accounts/new", name="li.na", **NEW_ACCOUNT)
    password = re.findall(r"\w{4}(?:-\w{4}){3}", answer.text)[0]
    assert open_client("li.na", password).get("/residents").location == "/account/password"


def test_faults_of_a_new_account_are_shown_at_their_fields(open_client: OpenClient) -> None:
    answer = submit_form(
        open_client("east-admin"), "/admin/accounts/new", name="east worker", **{**NEW_ACCOUNT, "grid": "nowhere"}
    )
    assert answer.status_code == 422
    assert "2 to 80 letters" in answer.text
    assert "no place has this code" in answer.text


def test_an_admin_cannot_create_an_account_in_another_subdistrict(open_client: OpenClient) -> None:
    answer = submit_form(
        open_client("east-admin"), "/admin/accounts/new", name="eve", **{**NEW_ACCOUNT, "subdistrict": "west"}
    )
    assert answer.status_code == 422


def test_accounts_of_another_subdistrict_are_not_found(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    client, foreign = open_client("east-admin"), subdistricts["west"].account_ids["worker"]
    paths = [f"/admin/accounts/{foreign}{rest}" for rest in ("/password", "/active", "/scopes")]
    assert client.get(f"/admin/accounts/{foreign}").status_code == 404
    fields = {"subdistrict": "east"}
    assert [submit_form(client, "/admin/accounts/new", path, **fields).status_code for path in paths] == [404] * 3


def test_an_admin_creates_a_one_time_password(open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]) -> None:
    account = subdistricts["east"].account_ids["station"]
    answer = submit_form(open_client("east-admin"), f"/admin/accounts/{account}", f"/admin/accounts/{account}/password")
    assert "no-store" in answer.headers["Cache-Control"]
    assert re.search(r"\w{4}(?:-\w{4}){3}", answer.text)


def test_a_scope_is_added_and_ended(open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]) -> None:
    page = f"/admin/accounts/{subdistricts['east'].account_ids['worker']}"
    client = open_client("east-admin")
    scope = {"subdistrict": "east", "community": "east1", "grid": "east12", "last": "2099-12-31"}
    assert submit_form(client, page, f"{page}/scopes", **scope).status_code == 303
    end = re.findall(r'action="([^"]*/end)"', client.get(page).text)[-1]
    assert submit_form(client, page, end).status_code == 303
    assert "east12" not in client.get(page).text


def test_an_account_is_deactivated_and_activated(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    page = f"/admin/accounts/{subdistricts['east'].account_ids['leader']}"
    client = open_client("east-admin")
    for active, message in (("no", "out of use"), ("yes", "in use again")):
        assert submit_form(client, page, f"{page}/active", active=active).status_code == 303
        assert message in client.get(page).text


def test_the_audit_log_shows_the_actors_of_the_subdistrict(open_client: OpenClient) -> None:
    page = open_client("east-admin").get("/admin/audit?action=sign_in").text
    assert "East-Admin" in page
    assert "West" not in page


FAR_PAGE = f"page={10**29}"


@pytest.mark.parametrize(
    "query", ["page=99", FAR_PAGE, "page=x", "first=never", "action=x", "account_id=x", "last=2020-01-01"]
)
def test_the_audit_log_accepts_any_filter(open_client: OpenClient, query: str) -> None:
    assert open_client("east-admin").get(f"/admin/audit?{query}").status_code == 200


@pytest.mark.parametrize("role", ["planner", "worker", "leader", "station"])
@pytest.mark.parametrize("path", ["/admin/accounts", "/admin/accounts/new", "/admin/audit"])
def test_admin_pages_are_for_admins(open_client: OpenClient, role: str, path: str) -> None:
    assert open_client(f"east-{role}").get(path).status_code == 403


def test_an_account_with_a_scope_elsewhere_is_shown_and_not_changed(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    west_id = (
        "SELECT subdistrict_id FROM account_scope s JOIN account a ON a.id = s.account_id WHERE a.name = 'west-admin'"
    )
    account = subdistricts["east"].account_ids["planner"]
    execute_sql(
        filled_database, f"INSERT INTO account_scope (account_id, subdistrict_id) SELECT {account}, ({west_id})"
    )
    client = open_client("east-admin")
    assert "in places that are not yours" in client.get(f"/admin/accounts/{account}").text
    assert submit_form(client, "/admin/accounts/new", f"/admin/accounts/{account}/password").status_code == 404
    assert open_client("east-planner", PASSWORD)


@pytest.mark.parametrize("page", ["/admin/accounts", "/admin/audit"])
def test_administrators_are_told_that_the_last_backup_is_old_and_why(
    open_client: OpenClient, filled_database: FilledDatabase, page: str
) -> None:
    client = open_client("east-admin")
    assert "No backup has been made yet." in client.get(page).text
    failure = """'{"reason": {"template": "{file} is encrypted", "values": {"file": "<x>"}}}'"""
    execute_sql(filled_database, f"INSERT INTO audit (action, details) VALUES ('backup_failed', {failure})")
    assert "failed: &lt;x&gt; is encrypted" in client.get(page).text
    execute_sql(filled_database, "INSERT INTO audit (action) VALUES ('backup')")
    assert "There is no recent backup" not in client.get(page).text
    execute_sql(
        filled_database,
        "ALTER TABLE audit DISABLE TRIGGER USER; DELETE FROM audit WHERE action LIKE 'backup%';"
        " ALTER TABLE audit ENABLE TRIGGER USER",
    )


def test_only_admins_know_why_a_backup_failed(open_client: OpenClient, filled_database: FilledDatabase) -> None:
    engine = create_engine(app_url(filled_database.owner_url))
    failure = """'{"reason": {"template": "full", "values": {}}}'"""
    execute_sql(filled_database, f"INSERT INTO audit (action, details) VALUES ('backup_failed', {failure})")
    with engine.connect() as connection:
        [(failed_at, reason)] = connection.execute(text("SELECT failed_at, failure FROM backup_status()"))
    engine.dispose()
    assert (failed_at is not None, reason) == (True, None)
