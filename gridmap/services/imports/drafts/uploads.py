"""Upload of a sheet: stored encrypted, and read by a job."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from io import SEEK_END

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.field_lengths import MAX_SOURCE_LETTERS
from gridmap.core.vocabulary import FilePurpose, Role
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.group_columns import make_count_kind
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.formats.sheets.limits import MAX_FILE_BYTES
from gridmap.formats.sheets.templates import make_template
from gridmap.formats.sheets.territory_kinds import GROUP_COUNTS
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.jobs import submit_job
from gridmap.services.jobs.kinds import IMPORT_READ
from gridmap.services.jobs.stored_files import UPLOAD_LIFETIME, FileContent, clean_file_name
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.imports import drafts as draft_queries
from gridmap.store.queries.imports import runs as run_queries
from gridmap.store.queries.imports.drafts import ImportDraftRow
from gridmap.store.queries.imports.places import get_subdistrict_code
from gridmap.store.queries.people.service_groups import list_groups
from gridmap.store.queries.territory import SubdistrictRow, list_subdistricts
from gridmap.store.writes.imports import drafts as draft_writes
from gridmap.store.writes.imports.drafts import NewImportDraft

__all__ = ["SHEET_KINDS", "SheetKind", "SheetUpload", "SubdistrictRow", "list_subdistricts"]

NO_SOURCE = N_("Say where the sheet comes from, the same every month: a register or an office.")
NO_KIND = N_("Choose one of the kinds.")
NEEDS_WHOLE_SUBDISTRICT = N_("This kind is imported by an account of the whole subdistrict: ask the administrator.")
NOT_YET = N_("This day is still to come.")
EMPTY_FILE = N_("The file is empty.")
TOO_LARGE = N_("The file has more than {maximum} MB. Divide it, or save the sheet as CSV.")
MEBIBYTE = 2**20


@dataclass(frozen=True)
class SheetUpload:
    """A sheet that a form has sent.

    Parameters
    ----------
    subdistrict_id : int
    kind : str
        Name of the kind.
    source : str
        Register or office, the same every month.
    as_of : date, optional
        Day that it describes; today by default.
    file : FileContent
    request_key : str
        Random key of the form: the same form makes one draft.
    """

    subdistrict_id: int
    kind: str
    source: str
    as_of: date | None
    file: FileContent
    request_key: str


def list_kinds(role: Role | None) -> Sequence[SheetKind]:
    """Return the kinds of sheets that a role imports.

    Examples
    --------
    >>> [kind.name for kind in list_kinds(Role.ADMIN)]
    ['resident-groups', 'workers', 'incident-categories']
    """
    return [kind for kind in SHEET_KINDS.values() if role in kind.roles]


def find_kind(role: Role | None, name: str) -> SheetKind:
    """Return a kind that a role imports.

    Raises
    ------
    NotFound
        If there is none, or another role imports it.
    """
    kind = next((each for each in list_kinds(role) if each.name == name), None)
    if kind is None:
        raise NotFound(name)
    return kind


def write_kind_template(session: Session, caller: Caller, name: str, language: str) -> tuple[str, bytes]:
    """Return the name and the content of the template of a kind, with the service groups that are counted.

    Raises
    ------
    NotFound
        If there is no such kind, another role imports it, or it is no sheet.
    """
    kind = find_kind(caller.role, name)
    if kind.layer:
        raise NotFound(name)
    if kind is GROUP_COUNTS:
        listed = (list_groups(session, caller, each) for each in caller.subdistrict_ids)
        kind = make_count_kind(each.group for groups in listed for each in groups if each.group.in_use)
    return f"{kind.sheet_title}.xlsx", make_template(kind, language)


def list_sources(session: Session, caller: Caller) -> list[str]:
    """Return the sources of earlier sheets in the caller's subdistricts."""
    found = (run_queries.list_sources(session, caller, each) for each in caller.subdistrict_ids)
    return list(dict.fromkeys(name for names in found for name in names))


def upload_sheet(session: Session, caller: Caller, upload: SheetUpload) -> ImportDraftRow:
    """Store a sheet and ask for the job that reads it; the same form again returns the draft that it has made.

    Raises
    ------
    InvalidInput
        If the form is faulty; each fault names its field.
    NotFound
        If the caller sees no such subdistrict.
    NotPossible
        If the files or jobs of the account are too many, or the encryption keys are missing.
    """
    kind = _check(session, caller, upload)
    as_of = upload.as_of or get_today(session)
    file_id = stored_files.store_file(session, caller, upload.subdistrict_id, upload.file, FilePurpose.UPLOAD)
    earlier = draft_queries.find_draft_by_key(session, caller, upload.request_key)
    if earlier:  # storing a file waits for the other request of a double click
        stored_files.discard_file(session, caller, file_id)
        return earlier
    known = run_queries.find_statements(session, caller, upload.subdistrict_id, kind.name, upload.source.strip())
    draft = NewImportDraft(
        upload.subdistrict_id,
        kind.name,
        upload.source.strip(),
        as_of,
        clean_file_name(upload.file.name),
        file_id,
        upload.request_key,
        UPLOAD_LIFETIME,
        known.coordinates,
    )
    draft_id = draft_writes.insert_draft(session, caller, draft)
    request_read(session, caller, draft_id, 1, upload.subdistrict_id)
    return _find(session, caller, draft_id)


def request_read(session: Session, caller: Caller, draft_id: int, version: int, subdistrict_id: int) -> int:
    """Ask for the job that reads a version of a draft, and return its key."""
    parameters = {"draft_id": draft_id, "version": version}
    key = f"import-read-{draft_id}-{version}"
    job_id = submit_job(session, caller, IMPORT_READ, parameters, subdistrict_id=subdistrict_id, request_key=key)
    draft_writes.set_draft_job(session, draft_id, job_id)
    return job_id


def _find(session: Session, caller: Caller, draft_id: int) -> ImportDraftRow:
    draft = draft_queries.find_draft(session, caller, draft_id)
    if draft is None:
        raise NotFound(draft_id)
    return draft


def _check(session: Session, caller: Caller, upload: SheetUpload) -> SheetKind:
    """Return the kind, if nothing is wrong with the form."""
    kind = next((each for each in list_kinds(caller.role) if each.name == upload.kind), None)
    if get_subdistrict_code(session, caller, upload.subdistrict_id) is None:
        raise NotFound(upload.subdistrict_id)
    size = _size(upload.file)
    faults = {
        "kind": _kind_fault(caller, kind, upload.subdistrict_id),
        "source": None if 0 < len(upload.source.strip()) <= MAX_SOURCE_LETTERS else Message(NO_SOURCE),
        "as_of": Message(NOT_YET) if upload.as_of and upload.as_of > get_today(session) else None,
        "file": None if size else Message(EMPTY_FILE),
    }
    if size > MAX_FILE_BYTES:
        faults["file"] = Message(TOO_LARGE, {"maximum": MAX_FILE_BYTES // MEBIBYTE})
    found = [InputFault(message, column=name) for name, message in faults.items() if message]
    if found or kind is None:
        raise InvalidInput(found)
    return kind


def _kind_fault(caller: Caller, kind: SheetKind | None, subdistrict_id: int) -> Message | None:
    if kind is None:
        return Message(NO_KIND)
    is_part = kind.whole_subdistrict and subdistrict_id not in caller.whole_subdistrict_ids
    return Message(NEEDS_WHOLE_SUBDISTRICT) if is_part else None


def _size(file: FileContent) -> int:
    return file.stream.seek(0, SEEK_END)
