"""Whole plan of a large community as a job; only its owner gets the file."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text

from gridmap.services.exports import plan_job
from gridmap.store.key_ring import create_key_ring
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import OpenClient, app, open_client, subdistricts, submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs

__all__ = ["app", "open_client", "subdistricts"]


def execute(database: FilledDatabase, statement: str) -> list[tuple[object, ...]]:
    engine = create_engine(database.owner_url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = [tuple(row) for row in result] if result.returns_rows else []
    engine.dispose()
    return rows


@pytest.fixture
def plan_path(
    filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Return the address of a plan that counts as large, though it has few cells."""
    monkeypatch.setattr(plan_job, "MAX_DIRECT_CELLS", 0)
    create_key_ring()
    community_id = subdistricts["east"].community_id
    [(revision_id,)] = execute(filled_database, f"SELECT max(id) FROM revision WHERE community_id = {community_id}")
    yield f"/planner/revisions/{revision_id}/plan.gpkg"
    execute(filled_database, "DELETE FROM job")
    execute(filled_database, "DELETE FROM stored_file")


def test_the_file_is_made_by_a_job_and_waits_for_its_owner_only(
    open_client: OpenClient, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], plan_path: str
) -> None:
    client = open_client("east-planner")
    page = client.get(f"/planner/communities/{subdistricts['east'].community_id}").text
    assert f'<a class="button secondary" href="{plan_path}">' in page
    assert "This plan is large" in client.get(plan_path).text
    answer = submit_form(client, plan_path, request_key="one")
    assert submit_form(client, plan_path, request_key="one").location == answer.location
    assert [end.outcome for end in run_waiting_jobs(filled_database.owner_url)] == ["done"]
    job_path = answer.location.partition("?")[0]
    shown = client.get(answer.location)
    assert shown.status_code == 200
    assert "The file is ready" in shown.text
    assert f'href="{job_path}/file"' in shown.text
    file = client.get(f"{job_path}/file")
    assert file.data[68:72] == b"GPKG"
    assert "attachment" in file.headers["Content-Disposition"]
    [(page_name,)] = execute(
        filled_database, "SELECT details->>'page' FROM audit WHERE action = 'export' ORDER BY id DESC LIMIT 1"
    )
    assert str(page_name).startswith("plan.gpkg")
    for other in ("west-planner", "east-leader"):
        assert open_client(other).get(f"{job_path}/file").status_code == 404


def test_a_job_that_has_not_ended_has_no_file(open_client: OpenClient, plan_path: str) -> None:
    client = open_client("east-planner")
    job_path = submit_form(client, plan_path).location.partition("?")[0]
    assert client.get(f"{job_path}/file").status_code == 404


@pytest.mark.parametrize(("name", "status"), [("east-leader", 403), ("west-planner", 404)])
def test_others_get_neither_the_page_nor_a_job(open_client: OpenClient, plan_path: str, name: str, status: int) -> None:
    client = open_client(name)
    assert client.get(plan_path).status_code == status
    assert submit_form(client, "/account", plan_path).status_code == status


@pytest.mark.parametrize(("cells", "is_job"), [(1500, False), (1501, True)])
def test_plans_of_more_than_1500_cells_are_made_by_a_job(cells: int, is_job: bool) -> None:
    assert plan_job.needs_job(cells) == is_job
