"""Life of a job for its account: submitted, watched, cancelled, tried again, seen."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.vocabulary import JobFailure, JobState
from gridmap.services.jobs.kinds import JobKind, find_kind
from gridmap.store.queries.jobs import jobs as job_queries
from gridmap.store.queries.jobs.jobs import AdministeredJob, JobRow
from gridmap.store.writes.jobs import jobs as job_writes
from gridmap.store.writes.jobs.jobs import NewJob

__all__ = ["AdministeredJob", "JobRow"]

MAX_LISTED = 100
TOO_MANY_JOBS = N_("Twenty of your jobs wait or run already. Cancel one, or wait until one is done.")
NOT_REPEATABLE = N_("Only a job that failed or was cancelled can be tried again.")
FAILURE_TEXTS: Mapping[JobFailure, str] = {
    JobFailure.ERROR: N_("It could not be done."),
    JobFailure.INTERRUPTED: N_("It was interrupted several times and is not begun again by itself. Try it again."),
    JobFailure.ACCOUNT_ENDED: N_("The account that asked for it may not work there any more. Nothing was saved."),
    JobFailure.TIME_LIMIT: N_("It took too long and was stopped. Nothing was saved."),
    JobFailure.MEMORY_LIMIT: N_("It needed too much memory and was stopped. Nothing was saved."),
    JobFailure.INTERNAL: N_(
        "Something went wrong inside gridmap. Nothing was saved. Try it again; if it happens again, tell the person who"
        " runs gridmap."
    ),
}
"""Sentence for each reason of a failure; `JobRow.error` says more where there is more to say."""


def submit_job(  # noqa: PLR0913 - the place and the key of the form have defaults
    session: Session,
    caller: Caller,
    kind: JobKind,
    parameters: Mapping[str, object],
    *,
    subdistrict_id: int,
    community_id: int | None = None,
    request_key: str | None = None,
) -> int:
    """Ask for a job; it begins when the transaction is committed and a runner is free.

    Parameters
    ----------
    session : Session
    caller : Caller
        It owns the job, which does its work with the rights that the account has then.
    kind : JobKind
    parameters : mapping
        Values of JSON, for the handler of the kind. No values of persons: give those as a stored file.
    subdistrict_id : int
    community_id : int, optional
        Where the job works; if the account may not work there any more, the job fails.
    request_key : str, optional
        Random key of the form. The same form with the same values makes one job, however often it is sent; one that
        was changed after going back makes another.

    Returns
    -------
    int
        Key of the job, for ``/jobs/<id>``.

    Raises
    ------
    PermissionError
        If the role of the caller may not ask for this kind.
    NotPossible
        If too many jobs of the account wait already.
    """
    if caller.role not in kind.roles:
        raise PermissionError(f"a {caller.role} may not ask for a job of the kind {kind.name}")
    key = _values_key(request_key, kind, parameters) if request_key else None
    job = NewJob(subdistrict_id, community_id, kind.name, parameters, kind.priority, kind.max_attempts, key)
    job_id = job_writes.insert_job(session, job)
    if job_id is None:
        raise NotPossible(Message(TOO_MANY_JOBS))
    return job_id


def _values_key(request_key: str, kind: JobKind, parameters: Mapping[str, object]) -> str:
    """Return the key of a form with its values."""
    values = json.dumps([request_key, kind.name, parameters], sort_keys=True)
    return hashlib.sha256(values.encode()).hexdigest()


def list_jobs(session: Session, caller: Caller) -> Sequence[JobRow]:
    """Return the latest jobs of the account, the newest first."""
    return job_queries.list_jobs(session, caller, MAX_LISTED)


def list_administered_jobs(session: Session, caller: Caller) -> Sequence[AdministeredJob]:
    """Return the latest jobs within the scopes of an administrator, without parameters and results; no persons."""
    caller.require_account_id()
    return job_queries.list_administered_jobs(session, MAX_LISTED)


def list_all_jobs(session: Session, caller: Caller, states: Sequence[JobState]) -> Sequence[AdministeredJob]:
    """Return the latest jobs of all accounts in some states, and periodic tasks, for the owner's commands.

    Raises
    ------
    PermissionError
        If the caller is not trusted.
    """
    if not caller.trusted:
        raise PermissionError("only the owner lists the jobs of all accounts")
    return job_queries.list_all_jobs(session, caller, MAX_LISTED, states)


def get_job(session: Session, caller: Caller, job_id: int) -> JobRow:
    """Return a job of the account.

    Raises
    ------
    NotFound
        If there is none, or another account owns it.
    """
    job = job_queries.find_job(session, caller, job_id)
    if job is None:
        raise NotFound(job_id)
    return job


def cancel_job(session: Session, caller: Caller, job_id: int) -> JobState:
    """Cancel a job: at once while it waits, at its next step while it runs. Return its state then.

    Raises
    ------
    NotFound
        If there is none, or another account owns it.
    """
    get_job(session, caller, job_id)
    state = job_writes.cancel_job(session, job_id)
    if state is None:
        raise NotFound(job_id)
    return state


def retry_job(session: Session, caller: Caller, job_id: int) -> None:
    """Let a job that failed or was cancelled wait again, with the same parameters.

    Raises
    ------
    NotFound
        If there is none, or another account owns it.
    NotPossible
        If it waits, runs or is done.
    """
    get_job(session, caller, job_id)
    if not job_writes.retry_job(session, job_id):
        raise NotPossible(Message(NOT_REPEATABLE))


def mark_seen(session: Session, caller: Caller, job: JobRow) -> None:
    """Note that the account has seen how a job ended; the page header stops telling of it."""
    caller.require_account_id()
    if job.is_finished and not job.is_seen:
        job_writes.mark_job_seen(session, job.id)


def failure_message(job: JobRow) -> Message | None:
    """Return why a job failed, for people; None if it did not."""
    if job.failure is None:
        return None
    return job.error or Message(FAILURE_TEXTS[job.failure])


def job_title(job: JobRow | AdministeredJob) -> Message:
    """Return the title of a job by its kind."""
    return Message(find_kind(job.kind).title)
