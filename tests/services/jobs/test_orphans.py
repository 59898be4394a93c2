"""Jobs of runners that have died on this host: a new runner need not wait for their leases."""

import os
import socket
import subprocess

import pytest

from gridmap.job_runner import DatabaseQueue, runner_name
from gridmap.store.session import Database
from gridmap.store.writes.jobs import queue as queue_writes
from tests.services.jobs.conftest import Owner, Queue
from tests.services.jobs.job_queue import LEASE_S, hash_of


@pytest.mark.parametrize(("host", "is_repeated"), [(socket.gethostname(), True), ("host-elsewhere", False)])
def test_a_job_of_a_runner_that_died_on_this_host_is_repeated_at_once(
    queue_database: Database, planner: Owner, job_queue: Queue, host: str, is_repeated: bool
) -> None:
    planner.submit()
    process = subprocess.Popen(["true"])
    process.wait()
    with queue_database.transaction() as session:
        assert queue_writes.claim_job(session, f"{host} {process.pid}", hash_of("job lost"), LEASE_S)
    DatabaseQueue(queue_database, "runner").end_orphans()
    assert (job_queue.claim() is not None) == is_repeated


def test_a_runner_that_works_keeps_its_jobs(queue_database: Database, planner: Owner, job_queue: Queue) -> None:
    planner.submit()
    with queue_database.transaction() as session:
        assert queue_writes.claim_job(session, runner_name(os.getpid()), hash_of("job at work"), LEASE_S)
    DatabaseQueue(queue_database, "runner").end_orphans()
    assert job_queue.claim() is None
