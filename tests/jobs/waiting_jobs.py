"""Waiting jobs done in the process of a test, in place of a runner."""

from uuid import uuid4

from gridmap.job_runner import DatabaseQueue, find_handler
from gridmap.jobs.attempts import AttemptEnd
from gridmap.services.jobs.context import run_job
from gridmap.store.session import Database
from tests.fixtures.subdistricts import app_url, jobs_url


def run_waiting_jobs(owner_url: str) -> list[AttemptEnd]:
    """Do all waiting jobs of a database and return how each attempt ended."""
    queue_database, app_database = Database(jobs_url(owner_url)), Database(app_url(owner_url))
    queue = DatabaseQueue(queue_database, "test")
    ends: list[AttemptEnd] = []
    try:
        while claim := queue.claim(f"job {uuid4()}", 3600):
            ends.append(run_job(app_database, claim.token, find_handler))
            if ends[-1].outcome != "done":
                queue.end(claim, ends[-1], 0)
    finally:
        queue_database.close()
        app_database.close()
    return ends
