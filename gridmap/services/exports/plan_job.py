"""Whole plan of a large community as a file: written by a job, and stored for its owner."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound
from gridmap.core.vocabulary import FilePurpose
from gridmap.services.exports.plan_file import write_plan_file
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.context import JobContext
from gridmap.services.jobs.jobs import JobRow, get_job, submit_job
from gridmap.services.jobs.kinds import EXPORT_PLAN
from gridmap.services.jobs.stored_files import FileContent
from gridmap.services.plans import revisions
from gridmap.services.plans.revisions import RevisionSummary, get_community
from gridmap.store.queries.plans.revision_contents import count_cells

GEOPACKAGE_TYPE = "application/geopackage+sqlite3"
MAX_DIRECT_CELLS = 1500
"""Cells of a plan that a page still writes while the planner waits: about two seconds."""
WRITING = Message(N_("Writing the file"))


class JobFile(NamedTuple):
    """File that a job has made, with its content."""

    name: str
    media_type: str
    content: bytes


def needs_job(cells: int) -> bool:
    """Return whether the plan of a community with so many cells is written by a job.

    Examples
    --------
    >>> needs_job(1500), needs_job(1501)
    (False, True)
    """
    return cells > MAX_DIRECT_CELLS


def is_large_plan(session: Session, caller: Caller, revision: RevisionSummary) -> bool:
    """Return whether the whole plan of a revision is too large to be written while a page waits."""
    return needs_job(count_cells(session, caller, revision.row.land_id))


def plan_file_name(session: Session, caller: Caller, revision: RevisionSummary) -> str:
    """Return the name of the file, in the words of the office."""
    community = get_community(session, caller, revision.row.community_id)
    return f"{community.name}-{revision.plan_name}-{revision.number}.gpkg".replace("/", "_")


def submit_plan_export(
    session: Session, caller: Caller, revision_id: int, address: str | None, request_key: str | None = None
) -> int:
    """Ask for the whole plan of a revision as a file, and return the key of the job.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    caller : Caller
    revision_id : int
    address : str or None
        Network address of the request, for the audit.
    request_key : str, optional
        Key of the form, which makes one job however often it is sent.

    Raises
    ------
    NotFound
        If the caller does not work in the community of the revision.
    NotPossible
        If too many jobs of the account wait.
    """
    row = revisions.get_revision(session, caller, revision_id).row
    return submit_job(
        session,
        caller,
        EXPORT_PLAN,
        {"revision_id": revision_id, "address": address},
        subdistrict_id=row.subdistrict_id,
        community_id=row.community_id,
        request_key=request_key,
    )


def export_plan(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Write the whole plan of a revision, and store it for the account; the audit has it with the end of the job.

    Returns
    -------
    mapping
        ``file_id``.

    Raises
    ------
    NotFound
        If the account does not work in the community any more.
    NotPossible
        If the files of the account would need too much room.
    """
    context.progress(WRITING, 0, 1)
    session, caller = context.session, context.caller
    revision = revisions.get_revision(session, caller, int(parameters["revision_id"]))
    name = plan_file_name(session, caller, revision)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.gpkg"
        write_plan_file(session, caller, revision, path, context.language, parameters["address"])
        with path.open("rb") as stream:
            content = FileContent(name, GEOPACKAGE_TYPE, stream)
            file_id = stored_files.store_file(session, caller, revision.row.subdistrict_id, content, FilePurpose.RESULT)
    return {"file_id": file_id}


def has_job_file(session: Session, caller: Caller, job: JobRow) -> bool:
    """Return whether the file that a job has made is still there: files are deleted when they have had their time."""
    try:
        stored_files.get_stored_file(session, caller, int((job.result or {})["file_id"]))
    except (KeyError, NotFound):
        return False
    return True


def read_job_file(session: Session, caller: Caller, job_id: int) -> JobFile:
    """Return the file that a job of the account has made.

    Raises
    ------
    NotFound
        If there is no such job or file, or another account owns it.
    NotPossible
        If the content is not the one that was stored.
    """
    result = get_job(session, caller, job_id).result or {}
    if "file_id" not in result:
        raise NotFound(job_id)
    file = stored_files.get_stored_file(session, caller, int(result["file_id"]))
    content = b"".join(stored_files.iterate_content(session, caller, file))
    return JobFile(file.name, file.media_type, content)
