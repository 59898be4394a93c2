"""Periodic tasks: what their jobs may do, and that accounts may not."""

from collections.abc import Mapping

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridmap.job_runner import find_handler
from gridmap.services.jobs.context import run_job
from gridmap.services.jobs.kinds import JOB_KINDS
from gridmap.store.session import Database
from tests.fixtures.subdistricts import SubdistrictIds
from tests.services.jobs.conftest import Queue
from tests.services.jobs.job_queue import job_token

AREAS = text("SELECT count(*) FROM statistical_area_building")
FORGET_AREAS = text(
    "ALTER TABLE statistical_area_building DISABLE TRIGGER reject_change; DELETE FROM statistical_area_building;"
    " ALTER TABLE statistical_area_building ENABLE TRIGGER reject_change"
)


def run_all(app_database: Database, job_queue: Queue) -> Mapping[str, str]:
    """Do all waiting jobs and return their outcomes by kind."""
    outcomes = {}
    while claimed := job_queue.claim():
        outcomes[claimed.kind] = run_job(app_database, job_token(job_queue.claims), find_handler).outcome
    return outcomes


def test_every_periodic_task_is_done(app_database: Database, owner_database: Database, job_queue: Queue) -> None:
    with owner_database.transaction() as session:
        before = session.scalar(AREAS)
        session.execute(FORGET_AREAS)
    job_queue.add_periodic()
    outcomes = run_all(app_database, job_queue)
    assert outcomes == dict.fromkeys(("clean_up", "hand_over_cases", "publish_counts", "statistical_areas"), "done")
    with owner_database.transaction() as session:
        assert before
        assert session.scalar(AREAS) == before


@pytest.mark.parametrize("kind", ["clean_up", "hand_over_cases", "publish_counts"])
def test_a_task_may_not_do_the_work_of_another_one(
    app_database: Database, owner_database: Database, job_queue: Queue, kind: str
) -> None:
    with owner_database.transaction() as session:
        session.execute(text(f"INSERT INTO job (kind) VALUES ('{kind}')"))
    job_queue.claim_one()
    with (
        pytest.raises(ProgrammingError, match="not allowed"),
        app_database.transaction(job_token(1)) as session,
    ):
        session.execute(text("SELECT communities_without_areas()"))


@pytest.mark.parametrize(
    "call", ["communities_without_areas()", "buildings_for_areas(1)", "fill_statistical_areas(1, '{}', '{}', '{}')"]
)
def test_no_account_calls_the_functions_of_the_tasks(app_database: Database, east: SubdistrictIds, call: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="not allowed"),
        app_database.transaction(east.token("admin")) as session,
    ):
        session.execute(text(f"SELECT {call}"))


def test_every_kind_has_a_handler() -> None:
    assert all(callable(find_handler(name)) for name in JOB_KINDS)
