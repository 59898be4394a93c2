"""Composition of the runner of jobs: the queue of the database, the handlers of all kinds, and the limits of each."""

from __future__ import annotations

import hashlib
import os
import pkgutil
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from gridmap.jobs.attempts import AttemptEnd, Claim, Limits
from gridmap.jobs.runner import QueueUnavailable, Runner
from gridmap.postgres import lifecycle
from gridmap.secret_files import Secret
from gridmap.services.jobs.kinds import find_kind
from gridmap.store.access.login_passwords import follow_login_password, login_url
from gridmap.store.message_json import message_from_json
from gridmap.store.outage_reasons import outage_reason
from gridmap.store.session import Database
from gridmap.store.writes.jobs import queue as queue_writes

if TYPE_CHECKING:
    from gridmap.services.jobs.context import Handler

HANDLERS: Mapping[str, str] = {
    "partition": "gridmap.services.plans.partitions.partition_job:partition_community",
    "repartition": "gridmap.services.plans.partitions.repartition_job:repartition_community",
    "partition_all": "gridmap.services.plans.partitions.partition_all_job:partition_subdistrict",
    "import_read": "gridmap.services.imports.drafts.import_jobs:read_draft",
    "import_apply": "gridmap.services.imports.drafts.import_jobs:apply_draft",
    "import_undo": "gridmap.services.imports.drafts.import_jobs:undo_run",
    "rebuild_land": "gridmap.services.land.rebuild_job:rebuild_community",
    "fetch_tianditu": "gridmap.services.tracing.tianditu_job:fetch_picture",
    "export_plan": "gridmap.services.exports.plan_job:export_plan",
    "export_tables": "gridmap.services.subdistrict_files.tables_job:export_tables",
    "print_sheets": "gridmap.services.subdistrict_files.sheets_job:print_sheets",
    "print_notice_boards": "gridmap.services.subdistrict_files.boards_job:print_notice_boards",
    "clean_up": "gridmap.services.jobs.periodic:clean_up",
    "hand_over_cases": "gridmap.services.jobs.periodic:hand_over_cases",
    "publish_counts": "gridmap.services.jobs.periodic:publish_counts",
    "statistical_areas": "gridmap.services.jobs.periodic:create_statistical_areas",
}
"""Function of each kind of `gridmap.services.jobs.kinds`, as ``module:function``: it takes a `JobContext` and the
parameters of the job, and returns the result. The processes of attempts import it; the runner does not."""
STATEMENT_TIMEOUT_S = 600.0
MAX_NAME_LENGTH = 80
QUEUE_TIMEOUT_S = 4.0
"""Seconds of a call of the queue: with them, a runner still gives its sign of life in time."""


class DatabaseQueue:
    """The queue of jobs in the database.

    Parameters
    ----------
    database : Database
        With the login of the runner.
    name : str
        Name of the runner, for the operator.
    """

    def __init__(self, database: Database, name: str) -> None:
        self.database, self.name = database, name

    def claim(self, token: str, lease_s: int) -> Claim | None:
        """Begin the next job; None where none waits."""
        token_hash = hashlib.sha256(token.encode()).digest()
        with self._transaction() as session:
            claimed = queue_writes.claim_job(session, self.name, token_hash, lease_s)
        return Claim(*claimed, token) if claimed else None

    def renew(self, claim: Claim, lease_s: int) -> str:
        """Extend the lease; return ``continue``, ``cancel``, ``account_ended`` or ``lost``."""
        with self._transaction() as session:
            return queue_writes.renew_job(session, claim.job_id, claim.fence, lease_s)

    def end(self, claim: Claim, end: AttemptEnd, delay_s: int) -> None:
        """Write how an attempt ended that did not complete its job."""
        error = message_from_json(end.error) if end.error else None
        row = queue_writes.AttemptEndRow(end.outcome, end.failure, error, timedelta(seconds=delay_s))
        with self._transaction() as session:
            queue_writes.end_attempt(session, claim.job_id, claim.fence, row)

    def add_periodic(self) -> None:
        """Add the jobs of periodic tasks that are due."""
        with self._transaction() as session:
            queue_writes.add_periodic_jobs(session)

    def end_orphans(self) -> None:
        """End the leases of runners that have died on this machine: their names say host and process."""
        with self._transaction() as session:
            dead = [name for name in queue_writes.list_busy_runners(session) if is_dead_runner(name)]
            if dead:
                queue_writes.end_leases(session, dead)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        try:
            with self.database.transaction() as session:
                yield session
        except (DBAPIError, PoolTimeout) as error:
            raise QueueUnavailable(str(outage_reason(error) or type(error).__name__)) from error


def runner_name(pid: int) -> str:
    """Return the name of a runner of this host: host and process id."""
    return f"{socket.gethostname()} {pid}"[-MAX_NAME_LENGTH:]


def is_dead_runner(name: str) -> bool:
    """Return whether a runner was a process of this host that is no more.

    Where containers share the name of a host, a runner of another one may count as dead. Its job is done again then,
    and the fencing number keeps it from being done twice.

    Examples
    --------
    >>> is_dead_runner(runner_name(os.getpid())), is_dead_runner("host-elsewhere 1")
    (False, False)
    """
    pid = name.rpartition(" ")[2]
    return pid.isdecimal() and name == runner_name(int(pid)) and not Path("/proc", pid).exists()


def create_runner(slots: int, beat: Callable[[], None] = lambda: None, modules: Sequence[str] = ()) -> Runner:
    """Return the runner of this installation.

    Parameters
    ----------
    slots : int
        Attempts at the same time.
    beat : callable
        Called in every step, as the sign of life of the runner.
    modules : sequence of str
        Modules that the processes of attempts have from the start.

    Raises
    ------
    InvalidInput
        If the private database does not run.
    NotPossible
        If the password of the login is missing.
    """
    url = login_url(lifecycle.database_url(), Secret.JOBS_PASSWORD)
    database = Database(url, pool_size=1, statement_timeout_s=QUEUE_TIMEOUT_S)
    follow_login_password(database.engine, Secret.JOBS_PASSWORD)
    queue = DatabaseQueue(database, runner_name(os.getpid()))
    return Runner(queue, perform, limits_of, slots, modules, beat)


def perform(claim: Claim) -> AttemptEnd:
    """Do the work of an attempt, in a process of its own.

    Only these processes load what does the work: the runner is back in half the time after it was killed.
    """
    from gridmap.services.jobs.context import run_job

    url = login_url(lifecycle.database_url(), Secret.APP_PASSWORD)
    database = Database(url, pool_size=3, statement_timeout_s=STATEMENT_TIMEOUT_S)
    follow_login_password(database.engine, Secret.APP_PASSWORD)
    try:
        return run_job(database, claim.token, find_handler)
    finally:
        database.close()


def limits_of(kind: str) -> Limits:
    """Return the limits of a kind of jobs."""
    found = find_kind(kind)
    return Limits(found.time_limit_s, found.memory_bytes)


def find_handler(kind: str) -> Handler:
    """Return the function that does the work of a kind.

    Raises
    ------
    KeyError
        If this version has none: the job was asked for by another version.
    """
    return cast("Handler", pkgutil.resolve_name(HANDLERS[kind]))
