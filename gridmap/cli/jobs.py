"""Commands for jobs: run them on a further host, list them, cancel one, let one be tried again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gridmap.cli.options import HELP_TEXT, output_options
from gridmap.cli.output import ExitCode, Output
from gridmap.cli.progress import progress_bar
from gridmap.core.caller import OWNER
from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import JobState

if TYPE_CHECKING:
    from gridmap.services.jobs.jobs import AdministeredJob

JOB_LINE = "{id} · {title} · {state} · {account} · {asked_for}"
JOB_CANCELLED = N_("Job {id} is cancelled.")
JOB_CANCELLING = N_("Job {id} is being cancelled: it stops at its next step.")
JOB_OVER = N_("Job {id} was over already: {state}.")
JOB_WAITS_AGAIN = N_("Job {id} waits again.")
NO_JOBS = N_("There is no job in these states.")
STATES = tuple(state.value for state in JobState)
SLOTS = click.IntRange(1, 64)
JOB_ID = click.argument("job_id", type=click.IntRange(1, 2**62))


@click.group(help=N_("Jobs in the background: run them on this host, list, cancel or repeat them."))
@click.help_option(help=HELP_TEXT)
def jobs() -> None:
    """Group the commands for jobs."""


@jobs.command(help=N_("Run jobs on this host until Ctrl-C; gridmap serve does so by itself."))
@click.option("--slots", type=SLOTS, default=2, show_default=True, help=N_("Jobs at the same time."))
@output_options
def run(out: Output, slots: int) -> ExitCode:
    """Run jobs until stopped."""
    from gridmap.serving import jobs_process
    from gridmap.serving.logs import configure_logging

    out.print_text(Message(N_("Running jobs. Ctrl-C stops it.")))
    configure_logging(jobs_process.NAME)
    jobs_process.run(slots)
    return ExitCode.OK


@jobs.command(name="list", help=N_("List the latest jobs of all accounts: who asked for what, and how it goes."))
@click.option(
    "--state",
    "states",
    type=click.Choice(STATES),
    multiple=True,
    default=STATES,
    help=N_("Only jobs in this state; may be repeated."),
)
@output_options
def list_jobs(out: Output, states: tuple[str, ...]) -> ExitCode:
    """List jobs."""
    from gridmap.services.jobs.jobs import list_all_jobs
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        rows = list_all_jobs(session, OWNER, [JobState(state) for state in states])
    out.print_text(*([_describe(row) for row in rows] or [Message(NO_JOBS)]))
    out.print_json({"jobs": [_values(row) for row in rows]})
    return ExitCode.OK


@jobs.command(help=N_("Cancel a job: at once while it waits, at its next step while it runs."))
@JOB_ID
@output_options
def cancel(out: Output, job_id: int) -> ExitCode:
    """Cancel a job."""
    from gridmap.services.jobs.jobs import cancel_job
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        state = cancel_job(session, OWNER, job_id)
    template = {JobState.CANCELLED: JOB_CANCELLED, JobState.RUNNING: JOB_CANCELLING}.get(state, JOB_OVER)
    out.print_text(Message(template, {"id": job_id, "state": state.value}))
    out.print_json({"id": job_id, "state": state.value})
    return ExitCode.OK


@jobs.command(help=N_("Let a job that failed or was cancelled be tried again."))
@JOB_ID
@output_options
def retry(out: Output, job_id: int) -> ExitCode:
    """Let a job wait again."""
    from gridmap.services.jobs.jobs import retry_job
    from gridmap.services.operations.database import open_database

    with progress_bar(out.language) as progress, open_database(progress).transaction() as session:
        retry_job(session, OWNER, job_id)
    out.print_text(Message(JOB_WAITS_AGAIN, {"id": job_id}))
    out.print_json({"id": job_id, "state": JobState.QUEUED.value})
    return ExitCode.OK


def _describe(job: AdministeredJob) -> Message:
    from gridmap.services.jobs.jobs import job_title

    values = {"id": job.id, "title": job_title(job), "state": job.state.value, "account": job.account_name or "–"}
    return Message(JOB_LINE, {**values, "asked_for": f"{job.created_at:%Y-%m-%d %H:%M}"})


def _values(job: AdministeredJob) -> dict[str, object]:
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state.value,
        "account": job.account_name,
        "created_at": job.created_at.isoformat(),
        "finished_at": job.finished_at and job.finished_at.isoformat(),
        "attempts": job.attempts,
        "failure": job.failure and job.failure.value,
    }
