"""Pages on which a planner has the land of a community built anew: preview, work, refusals."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text

from tests.fixtures.web_app import submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.planner.test_pages import (
    app,
    community_id,
    community_url,
    database_url,
    planner,
    report,
    sign_in_client,
)

__all__ = ["app", "community_id", "community_url", "database_url", "planner", "report"]


@pytest.fixture(autouse=True)
def no_jobs(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM job"))
    engine.dispose()


def test_a_planner_previews_and_builds_and_sees_what_changed(
    planner: FlaskClient, community_url: str, database_url: str
) -> None:
    page_url = f"{community_url}/lands/new"
    assert f'href="{page_url}"' in planner.get(f"{community_url}/lands").text
    answer = submit_form(planner, page_url, f"{community_url}/lands/preview", note="新建了两栋楼")
    assert answer.status_code == 303
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    preview = planner.get(answer.location, follow_redirects=True)
    assert "The report would read like this. Nothing has been changed yet." in preview.text
    assert "Places with another cell" in preview.text
    assert "新建了两栋楼" in preview.text
    answer = submit_form(planner, preview.request.full_path, page_url, note="新建了两栋楼")
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    page = planner.get(answer.location, follow_redirects=True).text
    assert "the land was built anew and holds from" in page
    assert "新建了两栋楼" in page


def test_on_the_same_day_the_page_refuses_and_keeps_what_was_entered(
    planner: FlaskClient, community_url: str, report: Any
) -> None:
    """After the test above, which built the land today."""
    page_url = f"{community_url}/lands/new"
    page = planner.get(page_url).text
    assert "once a day is possible" in page
    assert "<button" not in page.partition("<main")[2].partition("</main")[0]
    other = f"/planner/communities/{int(report.loaded.stored.community_ids[0])}/lands/new"
    answer = submit_form(planner, other, page_url, note="再来一次")
    assert answer.status_code == 409
    assert "once a day is possible" in answer.text
    assert "再来一次" in answer.text


def test_a_reason_that_is_too_long_is_refused_and_kept(planner: FlaskClient, report: Any) -> None:
    url = f"/planner/communities/{int(report.loaded.stored.community_ids[0])}/lands/new"
    answer = submit_form(planner, url, note="长" * 2001)
    assert answer.status_code == 422
    assert "长" * 2001 in answer.text


@pytest.mark.parametrize("job_id", ["0", "999999"])
def test_a_preview_of_another_job_is_not_found(planner: FlaskClient, community_url: str, job_id: str) -> None:
    assert planner.get(f"{community_url}/lands/new?job_id={job_id}").status_code == 404


@pytest.mark.parametrize("name", ["leader", "station"])
def test_others_do_not_build_land(app: Any, community_url: str, name: str) -> None:
    client = sign_in_client(app, name)
    assert client.get(f"{community_url}/lands/new").status_code == 403
    if name == "leader":
        assert "/lands/new" not in client.get(f"{community_url}/lands").text
