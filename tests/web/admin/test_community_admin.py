"""Administrator of one community: governs the accounts of the community, and gives nothing beyond it."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]
NEW_ACCOUNT = {"display_name": "Station", "name": "east-station-2", "role": "station", "subdistrict": "east"}


@pytest.fixture
def east(subdistricts: dict[str, SubdistrictIds]) -> SubdistrictIds:
    return subdistricts["east"]


@pytest.fixture
def admin(filled_database: FilledDatabase, east: SubdistrictIds, open_client: OpenClient) -> Iterator[FlaskClient]:
    """The administrator of east, limited to its community."""
    change = f"UPDATE account_scope SET community_id = %s WHERE account_id = {east.account_ids['admin']}"
    execute_sql(filled_database, change % east.community_id)
    yield open_client("east-admin")
    execute_sql(filled_database, change % "NULL")


def test_only_accounts_of_the_community_are_listed(admin: FlaskClient) -> None:
    page = admin.get("/admin/accounts").text
    assert all(name in page for name in ("East-Worker", "East-Station", "East-Admin"))
    assert not any(name in page for name in ("East-Leader", "East-Planner", "West"))


@pytest.mark.parametrize("action", ["password", "active", "scopes"])
def test_the_leader_of_the_subdistrict_is_not_changed(admin: FlaskClient, east: SubdistrictIds, action: str) -> None:
    path = f"/admin/accounts/{east.account_ids['leader']}/{action}"
    fields = {"subdistrict": "east", "community": "east1"}
    assert submit_form(admin, "/admin/accounts/new", path, **fields).status_code == 404


def test_the_own_account_gets_no_further_place(admin: FlaskClient, east: SubdistrictIds) -> None:
    path = f"/admin/accounts/{east.account_ids['admin']}"
    assert "Add a place" not in admin.get(path).text
    fields = {"subdistrict": "east", "community": "east1"}
    answer = submit_form(admin, "/admin/accounts/new", f"{path}/scopes", **fields)
    assert answer.status_code == 422
    assert "ask another administrator" in answer.text


def test_the_whole_subdistrict_is_not_offered(admin: FlaskClient) -> None:
    assert "the whole subdistrict" not in admin.get("/admin/accounts/new").text


@pytest.mark.parametrize("community", ["", "west1"])
def test_no_account_is_made_beyond_the_community(admin: FlaskClient, community: str) -> None:
    answer = submit_form(admin, "/admin/accounts/new", **NEW_ACCOUNT, community=community)
    assert answer.status_code == 422
    assert "east-station-2" in answer.text  # nothing typed is lost


def test_a_station_gets_no_single_grid(admin: FlaskClient) -> None:
    answer = submit_form(admin, "/admin/accounts/new", **NEW_ACCOUNT, community="east1", grid="east11")
    assert answer.status_code == 422
    assert "only a grid worker works in a single grid" in answer.text


def test_only_planners_get_the_right_to_approve(admin: FlaskClient) -> None:
    answer = submit_form(admin, "/admin/accounts/new", **NEW_ACCOUNT, community="east1", can_approve="y")
    assert answer.status_code == 422
    assert "only a planner is given the right to approve" in answer.text


def test_an_account_of_the_community_is_made(admin: FlaskClient) -> None:
    answer = submit_form(admin, "/admin/accounts/new", **NEW_ACCOUNT, community="east1")
    assert answer.status_code == 200
    assert "east-station-2" in answer.text
