"""Link between a worker's account and a person of the roster, through which the account sees persons."""

from sqlalchemy import text

from gridmap.store.session import Database
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, app_url
from tests.fixtures.web_app import OpenClient, app, execute_sql, open_client, subdistricts, submit_form

__all__ = ["app", "open_client", "subdistricts"]


def add_person(database: FilledDatabase, name: str, side: str) -> None:
    """Insert a person of the roster on duty in the second grid."""
    ids = database.subdistricts[side]
    execute_sql(
        database,
        f"WITH person AS (INSERT INTO worker (subdistrict_id, community_id, name) VALUES ({ids.subdistrict_id},"
        f" {ids.community_id}, '{name}') RETURNING id) INSERT INTO duty (subdistrict_id, worker_id, kind, grid_id)"
        f" SELECT {ids.subdistrict_id}, id, 'own_grid', {ids.grid_ids[1]} FROM person",
    )
    wide = f"UPDATE account_scope SET grid_id = NULL WHERE account_id = {ids.account_ids['worker']}"
    execute_sql(database, wide)


def link(open_client: OpenClient, ids: SubdistrictIds, label: str | None, admin: str = "east-admin") -> int:
    """Choose a person by name on the page of the worker's account, and return the status."""
    client, url = open_client(admin), f"/admin/accounts/{ids.account_ids['worker']}"
    page = client.get(url).text
    value = page.partition(f">{label} ·")[0].rpartition('value="')[2].partition('"')[0] if label else ""
    return int(submit_form(client, url, f"{url}/worker", worker_id=value).status_code)


def visible_residents(database: FilledDatabase, ids: SubdistrictIds) -> int:
    """Return the number of residents that the worker's account sees."""
    opened = Database(app_url(database.owner_url))
    with opened.transaction(ids.token("worker")) as session:
        count = int(session.scalar(text("SELECT count(*) FROM resident")) or 0)
    opened.close()
    return count


def test_a_linked_account_sees_the_grids_of_the_roster(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    add_person(filled_database, "李网格", "east")
    east = subdistricts["east"]
    before = visible_residents(filled_database, east)
    assert link(open_client, east, "李网格") == 303
    assert (before, visible_residents(filled_database, east)) == (0, 1)
    page = open_client("east-admin").get("/admin/audit").text
    assert "linked to the roster" in page
    assert link(open_client, east, None) == 303
    assert visible_residents(filled_database, east) == 0
    assert "link to the roster ended" in open_client("east-admin").get("/admin/audit").text


def test_an_account_of_another_subdistrict_is_not_found_whoever_is_chosen(
    open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]
) -> None:
    client, own, foreign = (
        open_client("east-admin"),
        f"/admin/accounts/{subdistricts['east'].account_ids['worker']}",
        f"/admin/accounts/{subdistricts['west'].account_ids['worker']}",
    )
    assert submit_form(client, own, f"{foreign}/worker", worker_id="").status_code == 404


def test_a_person_of_another_subdistrict_is_not_offered(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    add_person(filled_database, "王外人", "west")
    page = open_client("east-admin").get(f"/admin/accounts/{subdistricts['east'].account_ids['worker']}").text
    assert "王外人" not in page


def test_only_accounts_of_workers_are_linked(open_client: OpenClient, subdistricts: dict[str, SubdistrictIds]) -> None:
    page = open_client("east-admin").get(f"/admin/accounts/{subdistricts['east'].account_ids['planner']}").text
    assert "Person of the roster" not in page
