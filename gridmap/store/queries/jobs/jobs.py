"""Jobs of an account, those within the scopes of an administrator, and the job of the present attempt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message
from gridmap.core.vocabulary import JobFailure, JobState
from gridmap.store.access import row_filter
from gridmap.store.message_json import message_from_json
from gridmap.store.schema import Account, Job

MY_JOB = text("SELECT * FROM my_job()")
ADMINISTERED_JOBS = text("SELECT * FROM administered_jobs(:limit)")


@dataclass(frozen=True)
class JobRow:
    """A job, for its owner.

    Parameters
    ----------
    id : int
    kind : str
    state : JobState
    parameters : mapping
    community_id : int or None
    created_at : datetime
    claimed_at : datetime or None
        When it was last begun.
    finished_at : datetime or None
    is_seen : bool
        Whether the owner has seen how it ended.
    is_cancelling : bool
        Whether it runs and stops at its next step.
    attempts : int
    progress_step : Message or None
        Name of the present step.
    progress_done, progress_total : int
        Units of the step; the total is 0 where nobody knows it.
    result : mapping or None
    failure : JobFailure or None
    error : Message or None
    is_interrupted : bool
        Whether it ran, and its process gives no sign of life any more; the runner begins it again.
    minutes_waiting : int
        Whole minutes that it has waited; 0 once it was begun.
    """

    id: int
    kind: str
    state: JobState
    parameters: Mapping[str, Any]
    community_id: int | None
    created_at: datetime
    claimed_at: datetime | None
    finished_at: datetime | None
    is_seen: bool
    is_cancelling: bool
    attempts: int
    progress_step: Message | None
    progress_done: int
    progress_total: int
    result: Mapping[str, Any] | None
    failure: JobFailure | None
    error: Message | None
    is_interrupted: bool
    minutes_waiting: int

    @property
    def is_finished(self) -> bool:
        """Return whether it has ended, well or not."""
        return self.finished_at is not None


class AdministeredJob(NamedTuple):
    """A job within the scopes of an administrator, or of the owner of the database: no parameters, no result."""

    id: int
    kind: str
    state: JobState
    account_name: str | None
    created_at: datetime
    claimed_at: datetime | None
    finished_at: datetime | None
    attempts: int
    failure: JobFailure | None


class RunningJob(NamedTuple):
    """The job of the transaction's token.

    Parameters
    ----------
    id : int
    fence : int
        Fencing number of the attempt.
    kind : str
    parameters : mapping
    account_id : int or None
        None for periodic tasks.
    subdistrict_id, community_id : int or None
    language : str or None
        Language that the account has chosen.
    """

    id: int
    fence: int
    kind: str
    parameters: Mapping[str, Any]
    account_id: int | None
    subdistrict_id: int | None
    community_id: int | None
    language: str | None


def list_jobs(session: Session, caller: Caller, limit: int) -> Sequence[JobRow]:
    """Return the latest jobs of the caller's account, the newest first."""
    rows = session.execute(_own_jobs(caller).order_by(Job.id.desc()).limit(limit).add_columns(func.now()))
    return [job_row(*row) for row in rows]


def find_job(session: Session, caller: Caller, job_id: int) -> JobRow | None:
    """Return a job of the caller's account; for the owner's commands, any job."""
    row = session.execute(_own_jobs(caller).where(Job.id == job_id).add_columns(func.now())).one_or_none()
    return job_row(*row) if row else None


def find_job_of_request(session: Session, caller: Caller, request_key: str) -> int | None:
    """Return the key of the job that a form has made already."""
    return session.scalar(_own_jobs(caller).where(Job.request_key == request_key).with_only_columns(Job.id))


def list_administered_jobs(session: Session, limit: int) -> Sequence[AdministeredJob]:
    """Return the latest jobs within the scopes of the transaction's administrator; none for other roles."""
    return [_administered_job(row) for row in session.execute(ADMINISTERED_JOBS, {"limit": limit})]


def list_all_jobs(
    session: Session, caller: Caller, limit: int, states: Sequence[JobState]
) -> Sequence[AdministeredJob]:
    """Return the latest jobs of all accounts in some states, for the owner of the database."""
    columns = Job.id, Job.kind, Job.state, Account.display_name, Job.created_at, Job.claimed_at, Job.finished_at
    rows = (
        select(*columns, Job.attempts, Job.failure)
        .outerjoin(Account, Account.id == Job.account_id)
        .where(Job.state.in_(states), row_filter.visible(caller, Job))
        .order_by(Job.id.desc())
        .limit(limit)
    )
    return [_administered_job(row) for row in session.execute(rows)]


def find_running_job(session: Session) -> RunningJob | None:
    """Return the job of the transaction's token; None where its lease has ended or another attempt has it."""
    row = session.execute(MY_JOB).one_or_none()
    return RunningJob(*row) if row else None


def count_jobs_before(session: Session, caller: Caller, job_id: int) -> int:
    """Return how many jobs of the account wait or run that were added before a job."""
    waiting = Job.state.in_((JobState.QUEUED, JobState.RUNNING)), Job.id < job_id
    return session.scalar(_own_jobs(caller).where(*waiting).with_only_columns(func.count())) or 0


def job_row(job: Job, now: datetime) -> JobRow:
    """Return the typed row of a job, at a time of the database."""
    waits_since = max(job.created_at, job.not_before) if job.state == JobState.QUEUED else now
    return JobRow(
        id=job.id,
        kind=job.kind,
        state=JobState(job.state),
        parameters=job.parameters,
        community_id=job.community_id,
        created_at=job.created_at,
        claimed_at=job.claimed_at,
        finished_at=job.finished_at,
        is_seen=job.seen_at is not None,
        is_cancelling=job.state == JobState.RUNNING and job.cancel_requested_at is not None,
        attempts=job.attempts,
        progress_step=message_from_json(job.progress_step) if job.progress_step else None,
        progress_done=job.progress_done,
        progress_total=job.progress_total,
        result=job.result,
        failure=JobFailure(job.failure) if job.failure else None,
        error=message_from_json(job.error) if job.error else None,
        is_interrupted=job.lease_expires_at is not None and job.lease_expires_at < now,
        minutes_waiting=max(0, int((now - waits_since).total_seconds() // 60)),
    )


def _own_jobs(caller: Caller) -> Select[Job]:
    return select(Job).where(row_filter.visible(caller, Job))


def _administered_job(row: Any) -> AdministeredJob:
    values = AdministeredJob(*row)
    failure = JobFailure(values.failure) if values.failure else None
    return values._replace(state=JobState(values.state), failure=failure)
