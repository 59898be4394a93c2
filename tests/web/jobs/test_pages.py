"""Pages of jobs: the list, progress, cancellation, a second try, and a partition that waits for a decision."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from gridmap.core.partition import partition
from gridmap.jobs import dask_cluster
from gridmap.services.plans.partitions import partition_job
from gridmap.store.key_ring import create_key_ring
from tests.fixtures.web_app import submit_form
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.planner.test_pages import (
    app,
    community_id,
    community_url,
    database_url,
    latest_revision,
    planner,
    report,
    sign_in_client,
    submit_partition,
)

__all__ = ["app", "community_id", "community_url", "database_url", "planner", "report"]


@pytest.fixture(autouse=True)
def no_jobs(database_url: str) -> None:
    execute(database_url, "DELETE FROM job; DELETE FROM stored_file")


@pytest.fixture
def job_url(planner: FlaskClient, community_url: str) -> str:
    """Return the page of a partition that waits."""
    return str(submit_partition(planner, community_url).location).partition("?")[0]


def execute(owner_url: str, statement: str) -> None:
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def json_of(answer: TestResponse) -> dict[str, object]:
    values: dict[str, object] = json.loads(answer.text)
    return values


def press(client: FlaskClient, page_url: str, action: str) -> Any:
    """Press the button of a page whose form has an address."""
    page = client.get(page_url).text
    assert f'action="{action}"' in page
    token = re.findall(r'name="csrf_token"[^>]* value="([^"]+)"', page)[0]
    return client.post(action, data={"csrf_token": token}, follow_redirects=True)


def test_a_planner_without_jobs_is_told_so(planner: FlaskClient) -> None:
    assert "You have asked for no job yet" in planner.get("/jobs").text


def test_a_waiting_job_is_listed_and_shown(planner: FlaskClient, job_url: str) -> None:
    assert "Partition of a community" in planner.get("/jobs").text
    page = planner.get(job_url).text
    assert "waits" in page
    assert f'data-status-url="{job_url}/status"' in page


def test_the_status_is_answered_by_304_while_nothing_changes(planner: FlaskClient, job_url: str) -> None:
    first = planner.get(f"{job_url}/status")
    assert (json_of(first)["state"], json_of(first)["is_finished"]) == ("queued", False)
    again = planner.get(f"{job_url}/status", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    press(planner, job_url, f"{job_url}/cancel")
    changed = planner.get(f"{job_url}/status", headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, json_of(changed)["state"]) == (200, "cancelled")


@pytest.mark.parametrize(
    ("change", "step"),
    [
        ("created_at = now() - interval '119 s', not_before = now() - interval '119 s'", "as soon as a place is free"),
        ("created_at = now() - interval '130 s', not_before = now() - interval '130 s'", "waited for 2 minutes"),
        ("attempts = 1", "begins again by itself"),
        ("{running} + interval '5 s'", "At work"),
        ("{running} - interval '5 s'", "begins again by itself"),
    ],
)
def test_the_status_tells_of_a_runner_that_is_gone(
    planner: FlaskClient, job_url: str, database_url: str, change: str, step: str
) -> None:
    running = "state = 'running', attempts = 1, token_hash = 'x', claimed_at = now(), lease_expires_at = now()"
    execute(database_url, f"UPDATE job SET {change.format(running=running)}")
    assert step in str(json_of(planner.get(f"{job_url}/status"))["step"])


def test_the_status_needs_a_sign_in(app: Any, job_url: str) -> None:
    assert app.test_client().get(f"{job_url}/status").location.startswith("/sign-in")


def test_the_header_tells_of_a_job_that_ended_until_its_page_is_opened(
    planner: FlaskClient, job_url: str, database_url: str
) -> None:
    assert "Jobs that ended" not in planner.get("/planner").text
    run_waiting_jobs(database_url)
    assert "Jobs that ended: 1" in planner.get("/planner").text
    planner.get(job_url)
    assert "Jobs that ended" not in planner.get("/planner").text


def test_a_job_that_is_done_links_to_its_revision(
    planner: FlaskClient, job_url: str, database_url: str, community_id: int, community_url: str
) -> None:
    run_waiting_jobs(database_url)
    revision_id, _ = latest_revision(database_url, community_id)
    assert f"{community_url}?revision={revision_id}" in planner.get(job_url).text
    assert planner.get(f"{job_url}?follow=1").location.endswith(f"?revision={revision_id}")


def test_a_cancelled_job_is_not_done_and_may_be_tried_again(
    planner: FlaskClient, job_url: str, database_url: str, community_id: int
) -> None:
    before = latest_revision(database_url, community_id)
    assert "Nothing was saved" in press(planner, job_url, f"{job_url}/cancel").text
    assert run_waiting_jobs(database_url) == []
    press(planner, job_url, f"{job_url}/retry")
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    assert latest_revision(database_url, community_id)[1] == before[1] + 1


def test_a_failure_is_told_with_its_reason(
    planner: FlaskClient, job_url: str, database_url: str, community_id: int
) -> None:
    execute(database_url, "UPDATE job SET parameters = jsonb_set(parameters, '{community_id}', '999999')")
    [end] = run_waiting_jobs(database_url)
    assert end.outcome == "failed"
    page = planner.get(job_url).text
    assert "does not exist any more" in page
    assert "Try it again" in page


def test_a_fault_inside_is_logged_and_not_shown(
    planner: FlaskClient, job_url: str, database_url: str, gridmap_home: Path
) -> None:
    execute(database_url, "UPDATE job SET parameters = '{\"secret\": 1}'")
    run_waiting_jobs(database_url)
    page = planner.get(job_url).text
    assert "Something went wrong inside gridmap" in page
    assert "secret" not in page
    assert "TypeError" in (gridmap_home / "log" / "gridmap.log").read_text()


def test_another_account_finds_no_job(app: Any, job_url: str) -> None:
    for name in ("second", "leader", "station"):
        client = sign_in_client(app, name)
        assert client.get(job_url).status_code == 404
        assert client.get(f"{job_url}/status").status_code == 404
        assert submit_form(client, "/jobs/administered" if name == "admin" else "/account", f"{job_url}/cancel")
        assert "Partition of a community" not in client.get("/jobs").text
    assert latest_state(sign_in_client(app), job_url) == "queued"


def latest_state(client: FlaskClient, job_url: str) -> str:
    return str(json_of(client.get(f"{job_url}/status"))["state"])


def test_a_partition_whose_base_is_outdated_before_it_begins_fails_at_once(
    app: Any, planner: FlaskClient, community_url: str, database_url: str
) -> None:
    first = str(submit_partition(planner, community_url).location).partition("?")[0]
    second = str(submit_partition(planner, community_url).location).partition("?")[0]
    run_waiting_jobs(database_url)
    assert [latest_state(planner, url) for url in (first, second)] == ["done", "failed"]
    assert "Another user has saved a newer revision" in planner.get(second).text


@pytest.fixture
def waiting_url(
    app: Any, planner: FlaskClient, community_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> str:
    """Return the page of a partition during which another planner has saved a revision."""
    create_key_ring()
    job_url = str(submit_partition(planner, community_url, seed="5").location).partition("?")[0]
    original, second = partition.partition_town, sign_in_client(app, "second")

    def partition_meanwhile(*arguments: Any) -> Any:
        monkeypatch.setattr(partition_job, "partition_town", original)
        submit_partition(second, community_url, seed="9", note="evening shift")
        run_waiting_jobs(database_url)
        return original(*arguments)

    monkeypatch.setattr(partition_job, "partition_town", partition_meanwhile)
    run_waiting_jobs(database_url)
    return job_url


def test_a_partition_waits_if_others_have_saved_a_revision_meanwhile(
    planner: FlaskClient, waiting_url: str, database_url: str, community_id: int
) -> None:
    _, number = latest_revision(database_url, community_id)
    page = planner.get(f"{waiting_url}?follow=1")
    assert page.status_code == 200
    assert "another user has saved a newer revision" in page.text
    job_id = waiting_url.rpartition("/")[2]
    press(planner, waiting_url, f"/planner/partitions/{job_id}/save")
    assert latest_revision(database_url, community_id)[1] == number
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    assert latest_revision(database_url, community_id)[1] == number + 1


def test_a_waiting_partition_is_saved_once(
    planner: FlaskClient, waiting_url: str, database_url: str, community_id: int
) -> None:
    _, number = latest_revision(database_url, community_id)
    action = f"/planner/partitions/{waiting_url.rpartition('/')[2]}/save"
    for _click in range(2):
        press(planner, waiting_url, action)
    assert len(run_waiting_jobs(database_url)) == 1
    press(planner, waiting_url, action)
    run_waiting_jobs(database_url)
    assert latest_revision(database_url, community_id)[1] == number + 1


def test_a_waiting_partition_of_another_account_is_not_found(app: Any, waiting_url: str) -> None:
    client = sign_in_client(app, "second")
    action = f"/planner/partitions/{waiting_url.rpartition('/')[2]}/save"
    assert submit_form(client, "/account", action).status_code == 404


def test_all_communities_are_partitioned_as_one_job(
    planner: FlaskClient, database_url: str, report: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process: the cluster has tests of its own."""
    monkeypatch.setattr(dask_cluster, "map_tasks", lambda function, items, _on_done: list(map(function, items)))
    subdistrict_id = report.loaded.stored.subdistrict_id
    url = f"/planner/subdistricts/{subdistrict_id}/partition"
    assert url in planner.get("/planner").text
    communities = [int(key) for key in report.loaded.stored.community_ids]
    before = [latest_revision(database_url, key)[1] for key in communities]
    answer = submit_form(planner, url, minimum="60", maximum="130", seed="3", note="", request_key="all")
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    assert [latest_revision(database_url, key)[1] for key in communities] == [number + 1 for number in before]
    page = planner.get(answer.location, follow_redirects=True).text
    assert f"Partitions of {len(communities)} communities are saved" in page


def test_a_range_that_fits_no_number_of_grids_in_most_communities_is_refused_before_a_job_is_made(
    planner: FlaskClient, report: Any
) -> None:
    url = f"/planner/subdistricts/{report.loaded.stored.subdistrict_id}/partition"
    answer = submit_form(planner, url, minimum="97", maximum="97", seed="3", note="kept text", request_key="no")
    assert answer.status_code == 422
    assert "fit no number of grids of 97 to 97. These ranges would do: " in answer.text
    assert "kept text" in answer.text
    assert "You have asked for no job yet" in planner.get("/jobs").text


@pytest.mark.parametrize(("fields", "status"), [({"minimum": "500"}, 422), ({"seed": "x"}, 422)])
def test_a_wrong_range_for_all_communities_is_reported(
    planner: FlaskClient, report: Any, fields: dict[str, str], status: int
) -> None:
    url = f"/planner/subdistricts/{report.loaded.stored.subdistrict_id}/partition"
    values = {"minimum": "60", "maximum": "130", "seed": "3", "note": "kept text", **fields}
    answer = submit_form(planner, url, **values)
    assert answer.status_code == status
    assert "kept text" in answer.text


def test_leaders_and_strangers_partition_nothing(app: Any, planner: FlaskClient, report: Any) -> None:
    url = f"/planner/subdistricts/{report.loaded.stored.subdistrict_id}/partition"
    assert sign_in_client(app, "leader").get(url).status_code == 403
    assert planner.get("/planner/subdistricts/999999/partition").status_code == 404
