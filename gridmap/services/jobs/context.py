"""Context of an attempt: what the handler of a job gets, and how the attempt ends."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InvalidInput, Message, NotFound, NotPossible
from gridmap.core.vocabulary import JobFailure
from gridmap.jobs import dask_cluster
from gridmap.jobs.attempts import AttemptEnd
from gridmap.services.operations.error_log import format_fault, log_unexpected
from gridmap.store.access.callers import load_caller
from gridmap.store.message_json import message_to_json
from gridmap.store.outage_reasons import outage_reason
from gridmap.store.queries.jobs.jobs import RunningJob, find_running_job
from gridmap.store.session import Database
from gridmap.store.writes.jobs import jobs as job_writes
from gridmap.texts import DEFAULT_LANGUAGE

PROGRESS_INTERVAL_S = 0.3
"""Seconds between notes of progress within a step; a page looks about once a second."""
NOT_FOUND = N_("What it was to work on does not exist any more, or is not in your area.")
SHOWN_FAULTS = 20
LOST_STATE = "55000"
"""State of PostgreSQL by which `complete_job` refuses an attempt: it is not the latest one, or is to be cancelled."""
REPEATED_STATES = ("40001", "40P01", "55P03", LOST_STATE)
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
log = logging.getLogger(__name__)


class JobCancelled(Exception):
    """The job is to be cancelled, or another attempt has taken the place of this one."""


@dataclass
class JobContext:
    """Context of an attempt.

    Parameters
    ----------
    database : Database
        With the login of pages.
    token : str
        Token of the attempt, by which transactions act for the account of the job.
    job : RunningJob
    caller : Caller
        The account of the job with its scopes of now.
    """

    database: Database
    token: str = field(repr=False)
    job: RunningJob
    caller: Caller
    _final: ExitStack = field(default_factory=ExitStack, repr=False)
    _session: Session | None = field(default=None, repr=False)
    _next_note_at: float = field(default=0.0, repr=False)

    @property
    def language(self) -> str:
        """Return the language of the account, for texts within files."""
        return self.job.language or DEFAULT_LANGUAGE

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a short transaction of the account, to read what the work needs; end it before the work begins."""
        with self.database.transaction(self.token) as session:
            yield session

    @property
    def session(self) -> Session:
        """Return the session of the last transaction: what it writes is committed together with the end of the job.

        It is opened when it is first used. Read first, compute, and use it for what is saved: a long computation must
        not hold a transaction open.
        """
        if self._session is None:
            self._session = self._final.enter_context(self.database.transaction(self.token))
        return self._session

    def progress(self, step: Message, done: int, total: int) -> None:
        """Note how far the job is, for its owner; a `gridmap.core.progress.Progress`.

        Raises
        ------
        JobCancelled
            If the job is to be cancelled.
        """
        now = time.monotonic()
        if now < self._next_note_at and 0 < done < total:
            return
        self._next_note_at = now + PROGRESS_INTERVAL_S
        with self.transaction() as session:
            if not job_writes.report_progress(session, step, min(done, total), total):
                raise JobCancelled

    def compute(self, function: Callable[[ItemT], ResultT], items: Sequence[ItemT], step: Message) -> list[ResultT]:
        """Return the results of a function for all items, computed by several processes.

        Parameters
        ----------
        function : callable
            Function of a module, without side effects.
        items : sequence
        step : Message
            Name of the step, for its progress.

        Raises
        ------
        NotPossible
            If the office's Dask scheduler cannot be used.
        """
        self.progress(step, 0, len(items))
        return dask_cluster.map_tasks(function, items, lambda done: self.progress(step, done, len(items)))

    def complete(self, result: Mapping[str, object]) -> None:
        """Complete the job, and commit it with all that `session` has written."""
        job_writes.complete_job(self.session, self.job.fence, result)
        self._final.close()

    def roll_back(self) -> None:
        """Forget what `session` has written."""
        if self._session is not None:
            self._session.rollback()
        self._final.close()


Handler = Callable[[JobContext, Mapping[str, Any]], Mapping[str, object]]
"""Does the work of a kind of jobs: (context, parameters) to the result, as values of JSON."""


def run_job(database: Database, token: str, find_handler: Callable[[str], Handler]) -> AttemptEnd:
    """Do the work of an attempt and return how it ended.

    Parameters
    ----------
    database : Database
        With the login of pages.
    token : str
        Token of the attempt.
    find_handler : callable
        Returns the handler of a kind.
    """
    try:
        context = _open_context(database, token)
        if context is None:
            return AttemptEnd("interrupted")
        try:
            context.complete(find_handler(context.job.kind)(context, context.job.parameters))
        except BaseException:
            context.roll_back()
            raise
    except MemoryError:
        return AttemptEnd("failed", JobFailure.MEMORY_LIMIT)
    except Exception as error:  # noqa: BLE001 - every error ends the attempt
        return describe_end(error)
    return AttemptEnd("done")


def describe_end(error: Exception) -> AttemptEnd:
    """Return how an attempt ends by an error.

    Examples
    --------
    >>> describe_end(JobCancelled()).outcome, describe_end(NotPossible(Message("no land"))).error
    ('cancelled', {'template': 'no land', 'values': {}})
    """
    if isinstance(error, JobCancelled):
        return AttemptEnd("cancelled")
    if isinstance(error, dask_cluster.WorkersLost):
        log.warning("processes of Dask ended an attempt: %s", error)
        return AttemptEnd("interrupted")
    if isinstance(error, DBAPIError | PoolTimeout) and _passes(error):
        log.warning("the database ended an attempt: %s", outage_reason(error))
        return AttemptEnd("interrupted")
    if (message := _error_message(error)) is not None:
        return AttemptEnd("failed", JobFailure.ERROR, message_to_json(message))
    log_unexpected(error)
    return AttemptEnd("failed", JobFailure.INTERNAL)


def _open_context(database: Database, token: str) -> JobContext | None:
    with database.transaction(token) as session:
        job = find_running_job(session)
        return JobContext(database, token, job, load_caller(session)) if job else None


def _passes(error: DBAPIError | PoolTimeout) -> bool:
    """Return whether an error of the database says nothing about a second try."""
    state = getattr(getattr(error, "orig", None), "pgcode", None)
    return state in REPEATED_STATES or outage_reason(error) is not None


def _error_message(error: Exception) -> Message | None:
    if isinstance(error, NotPossible):
        return error.message
    if isinstance(error, NotFound):
        return Message(NOT_FOUND)
    if isinstance(error, InvalidInput):
        lines = (format_fault(fault, DEFAULT_LANGUAGE) for fault in error.faults[:SHOWN_FAULTS])
        return Message("{text}", {"text": "\n".join(lines)})
    return None
