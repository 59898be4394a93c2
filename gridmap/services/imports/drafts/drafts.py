"""Drafts of imports for their account: shown, read anew with other columns, decided about, imported, discarded."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.geodesy.candidates import Bounds
from gridmap.formats.coordinate_choices import list_choices
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.services.imports.drafts.preview import DraftPreview, preview_from_json
from gridmap.services.imports.drafts.uploads import request_read
from gridmap.services.imports.sheets.kinds.group_counts import add_group_columns
from gridmap.services.imports.sheets.run import BAD_ROWS, NOTHING_NEW
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.jobs import JobRow, submit_job
from gridmap.services.jobs.kinds import IMPORT_APPLY
from gridmap.store.queries import territory
from gridmap.store.queries.imports import drafts as draft_queries
from gridmap.store.queries.imports.drafts import ImportDraftRow
from gridmap.store.queries.jobs.jobs import find_job
from gridmap.store.queries.land.building_sites import find_bounds
from gridmap.store.queries.territory import SubdistrictRow
from gridmap.store.writes.imports import drafts as draft_writes

__all__ = ["ImportDraftRow"]

STALE = N_(
    "The draft was changed in another window. Nothing was done, and what you entered is still here. Look at what the "
    "page shows now; send it again if it is still right."
)
NOT_READ = N_("The file has not been read yet.")
Decision = Literal["take", "keep"]


class DraftChanged(NotPossible):
    """The draft has another version than the page that the form belongs to."""

    def __init__(self) -> None:
        super().__init__(Message(STALE))


@dataclass(frozen=True)
class ShownDraft:
    """A draft with its kind, its latest job, its preview where the file has been read, and bounds for a layer."""

    draft: ImportDraftRow
    kind: SheetKind
    job: JobRow | None
    preview: DraftPreview | None
    near: Bounds | None = None

    @property
    def coordinate_choices(self) -> Sequence[tuple[str, Message]]:
        """Return what the coordinates of a layer may be, with what was chosen by the command; nothing for a sheet."""
        choices = list_choices(self.near) if self.kind.layer else []
        chosen = self.draft.coordinates
        others = [(chosen, Message(chosen))] if chosen and chosen not in dict(choices) else []
        return [*choices, *others]

    @property
    def decision_counts(self) -> Mapping[str, int]:
        """Return the contradictions that are taken, kept and undecided."""
        chosen = Counter(self.draft.decisions.values())
        total = len(self.preview.contradiction_keys) if self.preview else 0
        return {"take": chosen["take"], "keep": chosen["keep"], "open": total - chosen["take"] - chosen["keep"]}

    @property
    def is_at_work(self) -> bool:
        """Return whether a job waits or runs."""
        return self.job is not None and not self.job.is_finished


@dataclass(frozen=True)
class ReadingChoice:
    """Choice of how a file is read.

    Parameters
    ----------
    headers : mapping
        Header of each field that was chosen; an empty one means that no column is read.
    sheet, encoding : str or None
    coordinates : str or None
        What the coordinates of a layer are; None where the file says it.
    """

    headers: Mapping[str, str]
    sheet: str | None = None
    encoding: str | None = None
    coordinates: str | None = None


@dataclass(frozen=True)
class ApplyChoice:
    """Choice of what is imported.

    Parameters
    ----------
    good_rows_only : bool
        Whether rows with faults are left out.
    end_gone : bool
        Whether rows that no longer appear end on the day of the sheet.
    """

    good_rows_only: bool = False
    end_gone: bool = False


def list_drafts(session: Session, caller: Caller) -> Sequence[ImportDraftRow]:
    """Return the drafts of the account that wait for a decision, the newest first."""
    return draft_queries.list_open_drafts(session, caller)


def get_draft(session: Session, caller: Caller, draft_id: int) -> ImportDraftRow:
    """Return a draft of the account.

    Raises
    ------
    NotFound
        If there is none, it has had its time, or another account owns it.
    """
    draft = draft_queries.find_draft(session, caller, draft_id)
    if draft is None or draft.kind not in SHEET_KINDS:
        raise NotFound(draft_id)
    return draft


def get_subdistrict(session: Session, caller: Caller, draft: ImportDraftRow) -> SubdistrictRow:
    """Return the subdistrict of a draft.

    Raises
    ------
    NotFound
        If the account does not work in it any more.
    """
    found = territory.find_subdistrict(session, caller, draft.subdistrict_id)
    if found is None:
        raise NotFound(draft.subdistrict_id)
    return found


def show_draft(session: Session, caller: Caller, draft_id: int) -> ShownDraft:
    """Return a draft with what its page shows.

    Raises
    ------
    NotFound
        As `get_draft`.
    """
    draft = get_draft(session, caller, draft_id)
    job = find_job(session, caller, draft.job_id) if draft.job_id else None
    content = _read_file(session, caller, draft.preview_id)
    kind = add_group_columns(session, caller, draft.subdistrict_id, SHEET_KINDS[draft.kind])
    near = find_bounds(session, caller, draft.subdistrict_id) if kind.layer else None
    return ShownDraft(draft, kind, job, preview_from_json(content) if content else None, near)


def read_marked_sheet(session: Session, caller: Caller, draft_id: int) -> tuple[str, bytes]:
    """Return the name and the content of the user's sheet with the column 错误原因.

    Raises
    ------
    NotFound
        If there is no such draft, or its rows have no faults.
    """
    draft = get_draft(session, caller, draft_id)
    content = _read_file(session, caller, draft.marked_id)
    if content is None or draft.marked_id is None:
        raise NotFound(draft_id)
    return stored_files.get_stored_file(session, caller, draft.marked_id).name, content


def choose_columns(session: Session, caller: Caller, draft_id: int, version: int, choice: ReadingChoice) -> int:
    """Read a draft anew with other columns, and return the job.

    Raises
    ------
    NotFound
        As `get_draft`.
    DraftChanged
        If the draft has another version.
    """
    draft = get_draft(session, caller, draft_id)
    values = {
        "headers": dict(choice.headers),
        "sheet": choice.sheet,
        "encoding": choice.encoding,
        "coordinates": choice.coordinates,
        "preview_id": None,
        "marked_id": None,
        "decisions": {},
    }
    if draft.upload_id is None or not draft_writes.update_draft(session, draft_id, version, values):
        raise DraftChanged
    _discard(session, caller, draft.preview_id, draft.marked_id)
    return request_read(session, caller, draft_id, version + 1, draft.subdistrict_id)


def decide(session: Session, caller: Caller, draft_id: int, version: int, decisions: Mapping[str, Decision]) -> None:
    """Store which contradictions take the value of the sheet, and which keep the present one; the others wait.

    Parameters
    ----------
    session : Session
    caller : Caller
    draft_id, version : int
    decisions : mapping of str to str
        ``take`` or ``keep`` by the present row, as `RowKey` names it; they replace the earlier ones.

    Raises
    ------
    NotFound
        As `get_draft`.
    DraftChanged
        If the draft has another version.
    """
    shown = show_draft(session, caller, draft_id)
    known = set(shown.preview.contradiction_keys if shown.preview else ())
    chosen = {key: decision for key, decision in decisions.items() if key in known}
    if shown.is_at_work or not draft_writes.update_draft(session, draft_id, version, {"decisions": chosen}):
        raise DraftChanged


def request_import(session: Session, caller: Caller, draft_id: int, version: int, choice: ApplyChoice) -> int:
    """Ask for the job that imports a draft, and return it; the same form makes one job.

    Raises
    ------
    NotFound
        As `get_draft`.
    DraftChanged
        If the draft has another version.
    NotPossible
        If the file has not been read, rows have faults that were not accepted, or nothing would change.
    """
    shown = show_draft(session, caller, draft_id)
    draft, preview = shown.draft, shown.preview
    if draft.import_run_id is not None and shown.job:
        return shown.job.id
    if draft.version != version:
        raise DraftChanged
    if preview is None or not preview.is_readable or draft.upload_id is None:
        raise NotPossible(Message(NOT_READ))
    _check_choice(draft, preview, choice)
    flags = {"good_rows_only": choice.good_rows_only, "end_gone": choice.end_gone}
    job_id = submit_job(
        session,
        caller,
        IMPORT_APPLY,
        {"draft_id": draft_id, "version": version, **flags},
        subdistrict_id=draft.subdistrict_id,
        request_key=f"import-apply-{draft_id}-{version}-{sum(2**n for n, flag in enumerate(flags.values()) if flag)}",
    )
    draft_writes.set_draft_job(session, draft_id, job_id)
    return job_id


def _check_choice(draft: ImportDraftRow, preview: DraftPreview, choice: ApplyChoice) -> None:
    faulty, gone = preview.counts["faulty"], preview.counts["gone"]
    if faulty and not choice.good_rows_only:
        raise NotPossible(Message(BAD_ROWS, {"count": faulty}))
    taken = sum(decision == "take" for decision in draft.decisions.values())
    if not preview.changes and not taken and not (gone and choice.end_gone):
        raise NotPossible(Message(NOTHING_NEW))


def discard_draft(session: Session, caller: Caller, draft_id: int, version: int) -> None:
    """Delete the files of a draft, which is not listed any more.

    Raises
    ------
    NotFound
        As `get_draft`.
    DraftChanged
        If the draft has another version: it may have been imported.
    """
    draft = get_draft(session, caller, draft_id)
    if not draft_writes.update_draft(session, draft_id, version, {"upload_id": None}):
        raise DraftChanged
    _discard(session, caller, draft.upload_id, draft.preview_id, draft.marked_id)


def _read_file(session: Session, caller: Caller, file_id: int | None) -> bytes | None:
    if file_id is None:
        return None
    try:
        file = stored_files.get_stored_file(session, caller, file_id)
    except NotFound:
        return None
    return b"".join(stored_files.iterate_content(session, caller, file))


def _discard(session: Session, caller: Caller, *file_ids: int | None) -> None:
    for file_id in filter(None, file_ids):
        stored_files.discard_file(session, caller, file_id)
