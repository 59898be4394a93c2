"""Runner of a test, in a process of its own: ``python -m tests.jobs.sample_runner LEASE_S SLOTS``.

Its jobs take a tenth of a second for each of their ``steps``, and insert a plan whose name is their ``name``. The
databases are named by the environment variables ``JOBS_URL`` and ``APP_URL``.
"""

import os
import signal
import sys
import time
from collections.abc import Mapping
from typing import Any

from gridmap.core.errors import Message
from gridmap.job_runner import DatabaseQueue
from gridmap.jobs.attempts import AttemptEnd, Claim, Limits
from gridmap.jobs.runner import Runner
from gridmap.services.jobs.context import JobContext, run_job
from gridmap.store.session import Database
from gridmap.store.writes.plans import insert_plan

STEP = Message("Waiting")
STEP_S = 0.1


def insert_named_plan(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Take some time, then insert a plan."""
    for number in range(parameters["steps"]):
        context.progress(STEP, number, parameters["steps"])
        time.sleep(STEP_S)
    community_id = context.job.community_id
    assert community_id
    return {"plan_id": insert_plan(context.session, context.caller, community_id, parameters["name"]).id}


def perform(claim: Claim) -> AttemptEnd:
    """Do the work of an attempt."""
    database = Database(os.environ["APP_URL"], pool_size=3)
    try:
        return run_job(database, claim.token, lambda _kind: insert_named_plan)
    finally:
        database.close()


def main() -> None:
    """Run jobs until SIGTERM."""
    lease_s, slots = map(int, sys.argv[1:])
    queue = DatabaseQueue(Database(os.environ["JOBS_URL"], pool_size=1), f"runner {os.getpid()}")
    runner = Runner(queue, perform, lambda _kind: Limits(60.0, 10**9), slots)
    runner.lease_s = lease_s
    signal.signal(signal.SIGTERM, runner.stop)
    runner.run()


if __name__ == "__main__":
    main()
