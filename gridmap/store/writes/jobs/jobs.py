"""Jobs written by their account, and by the attempt that does the work, each through functions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import cast, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gridmap.core.errors import Message
from gridmap.core.vocabulary import JobState
from gridmap.store.message_json import message_to_json

CLEAN_UP = text("SELECT files, jobs FROM clean_up_jobs()")


@dataclass(frozen=True)
class NewJob:
    """A job to add.

    Parameters
    ----------
    subdistrict_id : int
    community_id : int or None
    kind : str
    parameters : mapping
        Values of JSON.
    priority : int
        Order among the jobs of the account; 0 is the first.
    max_attempts : int
        After so many interrupted attempts it has failed.
    request_key : str or None
        Key of the form: the same one makes one job, however often it is sent.
    """

    subdistrict_id: int
    community_id: int | None
    kind: str
    parameters: Mapping[str, object]
    priority: int = 1
    max_attempts: int = 3
    request_key: str | None = None


class CleanUp(NamedTuple):
    """Numbers of files and jobs that were deleted."""

    files: int
    jobs: int


def insert_job(session: Session, job: NewJob) -> int | None:
    """Add a job of the transaction's account and return its key; None where too many of its jobs wait."""
    call = func.submit_job(
        job.subdistrict_id,
        job.community_id,
        job.kind,
        cast(dict(job.parameters), JSONB),
        job.priority,
        job.max_attempts,
        job.request_key,
    )
    return session.scalar(select(call))


def cancel_job(session: Session, job_id: int) -> JobState | None:
    """Cancel an own job; return its state then: it may run until its next step. None where there is none."""
    state = session.scalar(select(func.cancel_job(job_id)))
    return JobState(state) if state else None


def retry_job(session: Session, job_id: int) -> bool:
    """Let an own job that failed or was cancelled wait again; return whether it does."""
    return bool(session.scalar(select(func.retry_job(job_id))))


def mark_job_seen(session: Session, job_id: int) -> None:
    """Note that the account has seen how its job ended."""
    session.execute(select(func.mark_job_seen(job_id)))


def report_progress(session: Session, step: Message, done: int, total: int) -> bool:
    """Note how far the transaction's job is; return whether it goes on."""
    call = func.report_job_progress(cast(message_to_json(step), JSONB), done, total)
    return bool(session.scalar(select(call)))


def complete_job(session: Session, fence: int, result: Mapping[str, object]) -> None:
    """Complete the transaction's job, together with what the transaction has written.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the attempt is not the latest one any more, or the job is to be cancelled.
    """
    session.execute(select(func.complete_job(fence, cast(dict(result), JSONB))))


def clean_up(session: Session) -> CleanUp:
    """Delete files and jobs that have had their time, within the periodic task for it."""
    return CleanUp(*session.execute(CLEAN_UP).one())


def publish_closed_counts(session: Session) -> None:
    """Publish the closed months of all subdistricts, within the periodic task for it."""
    session.execute(select(func.publish_all_closed_counts()))
