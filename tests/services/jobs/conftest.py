"""Jobs of two subdistricts, and the queue as the runner sees it; every test begins without jobs."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from gridmap.store.access.callers import load_caller
from gridmap.store.session import Database
from gridmap.store.writes.jobs import queue
from gridmap.store.writes.jobs.queue import ClaimedJob
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, app_url, jobs_url
from tests.services.jobs.job_queue import LEASE_S, hash_of, job_token

DELETE_JOBS = "UPDATE periodic_task SET last_period = NULL; DELETE FROM job; DELETE FROM stored_file"


@pytest.fixture
def app_database(filled_database: FilledDatabase, owner_database: Database) -> Iterator[Database]:
    """Return the database with the login of pages; jobs of earlier tests are gone."""
    with owner_database.transaction() as session:
        session.execute(text(DELETE_JOBS))
        session.execute(text("UPDATE account SET active = true"))
    opened = Database(app_url(filled_database.owner_url))
    yield opened
    opened.close()


@pytest.fixture
def queue_database(filled_database: FilledDatabase, app_database: Database) -> Iterator[Database]:
    """Return the database with the login of the runner."""
    opened = Database(jobs_url(filled_database.owner_url))
    yield opened
    opened.close()


class Queue:
    """The queue with short calls, each in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self.database, self.claims = database, 0

    def claim(self, lease_s: int = LEASE_S) -> ClaimedJob | None:
        """Begin the next job; its token is `job_token` of the number of the claim, from 1."""
        self.claims += 1
        with self.database.transaction() as session:
            return queue.claim_job(session, "runner", hash_of(job_token(self.claims)), lease_s)

    def claim_one(self, lease_s: int = LEASE_S) -> ClaimedJob:
        claimed = self.claim(lease_s)
        assert claimed
        return claimed

    def renew(self, job: ClaimedJob) -> str:
        with self.database.transaction() as session:
            return queue.renew_job(session, job.job_id, job.fence, LEASE_S)

    def end(self, job: ClaimedJob, outcome: str, **values: object) -> None:
        end = queue.AttemptEndRow(outcome, **values)  # type: ignore[arg-type]  # values by name
        with self.database.transaction() as session:
            queue.end_attempt(session, job.job_id, job.fence, end)

    def add_periodic(self) -> None:
        with self.database.transaction() as session:
            queue.add_periodic_jobs(session)


@pytest.fixture
def job_queue(queue_database: Database) -> Queue:
    return Queue(queue_database)


class Owner:
    """A planner of a subdistrict who asks for jobs."""

    def __init__(self, database: Database, place: SubdistrictIds, role: str = "planner") -> None:
        self.database, self.place, self.role = database, place, role

    def submit(self, request_key: str | None = None, **parameters: object) -> int:
        from gridmap.services.jobs import jobs, kinds

        with self.database.transaction(self.place.token(self.role)) as session:
            return jobs.submit_job(
                session,
                load_caller(session),
                kinds.PARTITION,
                parameters,
                subdistrict_id=self.place.subdistrict_id,
                community_id=self.place.community_id,
                request_key=request_key,
            )


@pytest.fixture
def planner(app_database: Database, east: SubdistrictIds) -> Owner:
    return Owner(app_database, east)


@pytest.fixture
def western_planner(app_database: Database, west: SubdistrictIds) -> Owner:
    return Owner(app_database, west)
