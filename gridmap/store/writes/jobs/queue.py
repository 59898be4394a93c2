"""The queue of jobs, for the login of the runner, which reads no table and calls these functions only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import Text, cast, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Session

from gridmap.core.errors import Message
from gridmap.core.vocabulary import JobFailure
from gridmap.store.message_json import message_to_json

CLAIM_JOB = text("SELECT job_id, fence, kind FROM claim_job(:runner, :token_hash, :lease_s)")


class ClaimedJob(NamedTuple):
    """A job that was begun, with the fencing number of the attempt."""

    job_id: int
    fence: int
    kind: str


@dataclass(frozen=True)
class AttemptEndRow:
    """End of an attempt that did not complete its job.

    Parameters
    ----------
    outcome : str
        ``failed``, ``cancelled``, ``interrupted`` (repeated, up to the number of attempts) or ``released`` (repeated,
        and not counted).
    failure : JobFailure, optional
    error : Message, optional
    delay : timedelta
        Time before it is repeated.
    """

    outcome: str
    failure: JobFailure | None = None
    error: Message | None = None
    delay: timedelta = timedelta(0)


def claim_job(session: Session, runner: str, token_hash: bytes, lease_s: int) -> ClaimedJob | None:
    """Begin the next job of the queue, for the login of the runner.

    Parameters
    ----------
    session : Session
    runner : str
        Name of the process, for the operator.
    token_hash : bytes
        SHA-256 of the token by which the attempt acts for the account.
    lease_s : int
        Seconds for which the attempt holds without a sign of life.

    Returns
    -------
    ClaimedJob or None
        None where no job waits.
    """
    values = {"runner": runner, "token_hash": token_hash, "lease_s": lease_s}
    row = session.execute(CLAIM_JOB, values).one_or_none()
    return ClaimedJob(*row) if row else None


def renew_job(session: Session, job_id: int, fence: int, lease_s: int) -> str:
    """Extend the lease of an attempt; return ``continue``, ``cancel``, ``account_ended`` or ``lost``."""
    verdict: str = session.scalars(select(func.renew_job(job_id, fence, lease_s))).one()
    return verdict


def end_attempt(session: Session, job_id: int, fence: int, end: AttemptEndRow) -> None:
    """End an attempt; one whose place another attempt has taken changes nothing."""
    message = cast(message_to_json(end.error), JSONB) if end.error else None
    delay_s = int(end.delay.total_seconds())
    session.execute(select(func.end_attempt(job_id, fence, end.outcome, end.failure, message, delay_s)))


def list_busy_runners(session: Session) -> Sequence[str]:
    """Return the names of the runners that have attempts at work."""
    return session.scalars(select(func.busy_runners())).all()


def end_leases(session: Session, runners: Sequence[str]) -> None:
    """End the leases of runners that have died, so that their jobs are repeated at once."""
    session.execute(select(func.end_leases(cast(list(runners), ARRAY(Text)))))


def add_periodic_jobs(session: Session) -> None:
    """Add a job for every periodic task that is due, once over all hosts."""
    session.execute(select(func.add_periodic_jobs()))
