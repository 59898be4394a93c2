"""Requests for files of a whole subdistrict: each is a job, whose file waits for its owner."""

import io
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import FilePurpose
from gridmap.services.exports.tables import UNSAFE_NAME_LETTERS
from gridmap.services.grids import overview
from gridmap.services.grids.overview import SubdistrictRow
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.context import JobContext
from gridmap.services.jobs.jobs import submit_job
from gridmap.services.jobs.kinds import JobKind
from gridmap.services.jobs.stored_files import FileContent
from gridmap.store.writes import audit as audit_writes


@dataclass(frozen=True)
class FileOrigin:
    """Origin of a file.

    Parameters
    ----------
    exported_by : str
        Name and role of the person.
    language : str
    address : str or None
        Address of the browser, for the audit.
    public_url : str
        Address of the public page of the subdistrict, for codes that phones read.
    """

    exported_by: str
    language: str
    address: str | None
    public_url: str = ""


@dataclass(frozen=True)
class WrittenFile:
    """A file that a job has written, and what the audit says of it.

    Parameters
    ----------
    title : str
        In the language of the file.
    suffix, media_type : str
    content : bytes
    day : date
        Day that it is of.
    details : mapping
        For the audit: page and number of rows.
    """

    title: str
    suffix: str
    media_type: str
    content: bytes
    day: date
    details: Mapping[str, object]


def submit_file(  # noqa: PLR0913 - the choice and the key of the form
    session: Session,
    caller: Caller,
    kind: JobKind,
    code: str,
    choice: str,
    *,
    origin: FileOrigin,
    request_key: str | None = None,
) -> int:
    """Ask for a file of a subdistrict and return the key of the job.

    Parameters
    ----------
    session : Session
    caller : Caller
    kind : JobKind
        `EXPORT_TABLES`, `PRINT_SHEETS` or `PRINT_NOTICE_BOARDS`.
    code : str
        Code of the subdistrict.
    choice : str
        Format of the tables, or paper of the sheets.
    origin : FileOrigin
    request_key : str, optional
        Key of the form, which makes one job however often it is sent.

    Raises
    ------
    NotFound
        If the caller does not work in the subdistrict.
    NotPossible
        If too many jobs of the account wait.
    """
    subdistrict = get_subdistrict(session, caller, code)
    parameters = {"code": code, "choice": choice, **asdict(origin)}
    return submit_job(session, caller, kind, parameters, subdistrict_id=subdistrict.id, request_key=request_key)


def get_subdistrict(session: Session, caller: Caller, code: str) -> SubdistrictRow:
    """Return a subdistrict in which the caller works.

    Raises
    ------
    NotFound
        If there is none.
    """
    subdistrict = overview.get_subdistrict(session, caller, code)
    if subdistrict is None:
        raise NotFound(code)
    return subdistrict


def store_result(
    context: JobContext, subdistrict: SubdistrictRow, file: WrittenFile, parameters: Mapping[str, Any]
) -> Mapping[str, object]:
    """Store a file for the owner of the job, and record it in the audit, together with the end of the job.

    Returns
    -------
    mapping
        ``file_id``.

    Raises
    ------
    NotPossible
        If the files of the account would need too much room.
    """
    name = f"{subdistrict.name}-{file.title}-{file.day}".translate(UNSAFE_NAME_LETTERS)
    content = FileContent(f"{name}.{file.suffix}", file.media_type, io.BytesIO(file.content))
    session = context.session
    file_id = stored_files.store_file(session, context.caller, subdistrict.id, content, FilePurpose.RESULT)
    audit_writes.record_table_export(session, [subdistrict.id], None, dict(file.details), parameters["address"])
    return {"file_id": file_id}
