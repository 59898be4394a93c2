"""Jobs of the account: their list, the progress of one, its end."""

import hashlib
from pathlib import PurePath

from flask import flash, json, make_response, redirect, render_template, request, url_for
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.vocabulary import JobState, Role
from gridmap.services.exports import plan_job
from gridmap.services.exports.tables import ExportedFile
from gridmap.services.jobs import jobs as job_services
from gridmap.services.jobs.jobs import JobRow
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.access import login_required, roles_required
from gridmap.web.exports.response import file_response
from gridmap.web.forms import ConfirmForm
from gridmap.web.jobs.blueprint import jobs
from gridmap.web.jobs.results import JobResult, describe_gone_file, describe_result, find_origin
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID

STATE_LABELS = {
    JobState.QUEUED: ("note", N_("waits")),
    JobState.RUNNING: ("note", N_("is running")),
    JobState.DONE: ("good", N_("done")),
    JobState.FAILED: ("bad", N_("failed")),
    JobState.CANCELLED: ("", N_("cancelled")),
}
"""Tag kind and text of the states of a job."""
CANCELLING = N_("is being cancelled")
WAITING_STEP = N_("It begins as soon as a place is free.")
WAITING_LONG_STEP = N_(
    "It has waited for {minutes} minutes. Other jobs may come first; or the part of the service that does jobs is not "
    "running: then tell the person who runs gridmap."
)
INTERRUPTED_STEP = N_("It was interrupted, and begins again by itself.")
RUNNING_STEP = N_("At work")
LONG_WAIT_MINUTES = 2
"""Minutes of waiting after which a page says that something may be wrong; a free runner begins within a second."""
CANCELLED_MESSAGE = N_("The job is cancelled. Nothing was saved.")
CANCELLING_MESSAGE = N_("The job is being cancelled.")
ALREADY_OVER_MESSAGE = N_("The job was over already.")


@jobs.record_once
def _add_template_globals(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(job_state_labels=STATE_LABELS, job_title=job_services.job_title)


@jobs.get("")
@login_required
def index() -> str:
    """List the latest jobs of the account."""
    own = job_services.list_jobs(context.session(), context.caller())
    return render_template("jobs/index.html", jobs=own, failure_message=job_services.failure_message)


@jobs.get("/administered")
@roles_required(Role.ADMIN)
def administered() -> str:
    """List the latest jobs within the scopes of an administrator: who asked for what, and how it goes."""
    rows = job_services.list_administered_jobs(context.session(), context.caller())
    return render_template("jobs/administered.html", jobs=rows)


@jobs.get(f"/<int(max={MAX_ID}):job_id>")
@login_required
def show(job_id: int) -> Response | str:
    """Show a job: its progress, or its end, which counts as seen then. With ``follow`` go on to its result."""
    session, caller = context.session(), context.caller()
    job = job_services.get_job(session, caller, job_id)
    job_services.mark_seen(session, caller, job)
    result = describe_result(job) if job.state is JobState.DONE else JobResult()
    if result.is_file and not plan_job.has_job_file(session, caller, job):
        result = describe_gone_file()
    if "follow" in request.args and result.target_url:
        if result.text:
            flash(translate(result.text, current_language()))
        return redirect(result.target_url, code=303)
    return render_template(
        "jobs/detail.html",
        job=job,
        result=result,
        origin=find_origin(job),
        status=_status_values(job),
        failure=job_services.failure_message(job),
        form=ConfirmForm(),
        follow="follow" in request.args,
    )


@jobs.get(f"/<int(max={MAX_ID}):job_id>/status")
@login_required
def status(job_id: int) -> Response:
    """Return how far a job is, for the page that shows it; 304 while nothing has changed."""
    job = job_services.get_job(context.session(), context.caller(), job_id)
    body = json.dumps(_status_values(job))
    response = make_response(body)
    response.mimetype = "application/json"
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(body.encode()).hexdigest()[:16])
    return response.make_conditional(request)


@jobs.get(f"/<int(max={MAX_ID}):job_id>/file")
@login_required
def download_file(job_id: int) -> Response:
    """Return the file that a job has made, to its owner only."""
    file = plan_job.read_job_file(context.session(), context.caller(), job_id)
    ascii_name = f"result-{job_id}{PurePath(file.name).suffix}"
    return file_response(ExportedFile(file.name, ascii_name, file.media_type, file.content))


@jobs.post(f"/<int(max={MAX_ID}):job_id>/cancel")
@login_required
def cancel(job_id: int) -> Response:
    """Cancel a job: at once while it waits, at its next step while it runs."""
    state = job_services.cancel_job(context.session(), context.caller(), job_id)
    messages = {JobState.CANCELLED: CANCELLED_MESSAGE, JobState.RUNNING: CANCELLING_MESSAGE}
    flash(messages.get(state, ALREADY_OVER_MESSAGE))
    return redirect(url_for("jobs.show", job_id=job_id), code=303)


@jobs.post(f"/<int(max={MAX_ID}):job_id>/retry")
@login_required
def retry(job_id: int) -> Response:
    """Let a job that failed or was cancelled wait again."""
    try:
        job_services.retry_job(context.session(), context.caller(), job_id)
    except NotPossible as error:
        flash(error.message.template)
        return redirect(url_for("jobs.show", job_id=job_id), code=303)
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)


def _status_values(job: JobRow) -> dict[str, object]:
    """Return what a page shows of a job that goes on, in the reader's language."""
    label = CANCELLING if job.is_cancelling else STATE_LABELS[job.state][1]
    percent = int(100 * job.progress_done / job.progress_total) if job.progress_total > 1 else None
    return {
        "state": job.state.value,
        "state_text": translate(label, current_language()),
        "step": translate(_present_step(job), current_language()),
        "percent": percent if job.state is JobState.RUNNING else None,
        "is_finished": job.is_finished,
    }


def _present_step(job: JobRow) -> Message:
    """Return what a job does now, or why it does nothing."""
    if job.is_interrupted:
        return Message(INTERRUPTED_STEP)
    if job.minutes_waiting >= LONG_WAIT_MINUTES:
        return Message(WAITING_LONG_STEP, {"minutes": job.minutes_waiting})
    if job.state is JobState.QUEUED:
        return Message(INTERRUPTED_STEP if job.attempts else WAITING_STEP)
    return job.progress_step or Message(RUNNING_STEP)
