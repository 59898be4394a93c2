"""Jobs of imports: a draft is read, applied, and an import is undone."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.core.vocabulary import FilePurpose
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.readers.layer_source import ReadOptions
from gridmap.formats.sheets.isolation import list_layouts_isolated
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.formats.sheets.sheet_reader import SheetLayout
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.services.imports.drafts.drafts import ApplyChoice, DraftChanged, get_draft
from gridmap.services.imports.drafts.preview import (
    DraftPreview,
    describe_preview,
    describe_unreadable,
    fingerprint_preview,
)
from gridmap.services.imports.sheets.run import (
    AppliedImport,
    ImportPreview,
    ImportRequest,
    apply_import,
    complete_request,
    make_marked_sheet,
    prepare_import,
    read_request,
)
from gridmap.services.imports.sheets.undo import undo_import
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.context import JobContext
from gridmap.services.jobs.stored_files import UPLOAD_LIFETIME, FileContent, clean_file_name
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.imports.drafts import ImportDraftRow
from gridmap.store.queries.imports.places import get_subdistrict_code
from gridmap.store.writes.imports import drafts as draft_writes

READING = Message(N_("Reading the sheet"))
COMPARING = Message(N_("Comparing it with the database"))
SAVING = Message(N_("Saving the rows"))
UNDOING = Message(N_("Undoing the import"))
MAX_STEM_LETTERS = 60
JSON_TYPE = "application/json"
MARKED_TYPES = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MARKED_NAME = "{stem}-错误原因{suffix}"


def read_draft(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Read the file of a draft, compare it with the database, and store the preview and the marked sheet.

    A file that cannot be read gets a preview with the reasons and its headers, for another choice of columns.

    Returns
    -------
    mapping
        ``draft_id``.

    Raises
    ------
    NotFound
        If the draft is gone.
    DraftChanged
        If its owner has chosen other columns meanwhile.
    """
    draft_id, version = int(parameters["draft_id"]), int(parameters["version"])
    context.progress(READING, 0, 2)
    with _opened_draft(context, draft_id, version) as (draft, request, today):
        rows, faults = _read(request, today)
        if rows is None:
            layouts = _list_layouts(request)
            shown = describe_unreadable(request.kind, faults.faults if faults else (), layouts)
            _store_preview(context, draft, shown, {"marked_id": None, "fingerprint": None})
            return {"draft_id": draft_id}
        context.progress(COMPARING, 1, 2)
        preview = prepare_import(context.session, context.caller, request, rows)
        _store_prepared(context, draft, preview)
    return {"draft_id": draft_id}


def apply_draft(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Import a draft, as its page has shown it; where the database has changed since, store the new preview instead.

    Returns
    -------
    mapping
        ``run_id`` and ``counts``; or ``draft_id`` where the new preview waits for its owner.

    Raises
    ------
    NotFound
        If the draft is gone.
    DraftChanged
        If its owner has changed it meanwhile.
    NotPossible
        If rows have faults that were not accepted, or nothing would change.
    """
    draft_id, version = int(parameters["draft_id"]), int(parameters["version"])
    choice = ApplyChoice(bool(parameters["good_rows_only"]), bool(parameters["end_gone"]))
    context.progress(READING, 0, 3)
    with _opened_draft(context, draft_id, version) as (draft, request, today):
        rows = read_request(request, today)
        context.progress(COMPARING, 1, 3)
        session, caller = context.session, context.caller
        taken = frozenset(key for key, decision in draft.decisions.items() if decision == "take")
        preview = prepare_import(session, caller, replace(request, taken_keys=taken), rows)
        if fingerprint_preview(preview) != draft.fingerprint:
            undecided = prepare_import(session, caller, request, rows)
            _store_prepared(context, draft, undecided, is_new_version=True)
            return {"draft_id": draft_id}
        context.progress(SAVING, 2, 3)
        applied = apply_import(preview, good_rows_only=choice.good_rows_only, end_gone=choice.end_gone)
        _finish(context, draft, applied)
    return {"run_id": applied.run_id, "counts": dict(applied.counts)}


def undo_run(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Undo an import.

    Returns
    -------
    mapping
        ``run_id``.

    Raises
    ------
    NotFound
        If the account sees no such import.
    NotPossible
        If something newer stands on it.
    """
    run_id = int(parameters["run_id"])
    context.progress(UNDOING, 0, 1)
    undo_import(context.session, context.caller, run_id)
    return {"run_id": run_id}


@contextmanager
def _opened_draft(
    context: JobContext, draft_id: int, version: int
) -> Iterator[tuple[ImportDraftRow, ImportRequest, date]]:
    """Yield a version of a draft with its file in a private folder, the request that it means, and today."""
    with tempfile.TemporaryDirectory(prefix="gridmap-import-") as folder:
        with context.transaction() as session:
            draft = get_draft(session, context.caller, draft_id)
            if draft.version != version or draft.upload_id is None:
                raise DraftChanged
            path = Path(folder) / _short_name(draft.file_name)
            file = stored_files.get_stored_file(session, context.caller, draft.upload_id)
            with path.open("wb") as target:
                stored_files.copy_content(session, context.caller, file, target)
            request, today = _request(session, context, draft, path), get_today(session)
        yield draft, request, today


def _request(session: Session, context: JobContext, draft: ImportDraftRow, path: Path) -> ImportRequest:
    code = get_subdistrict_code(session, context.caller, draft.subdistrict_id) or ""
    request = ImportRequest(
        path,
        SHEET_KINDS[draft.kind],
        code,
        draft.source,
        draft.as_of,
        draft.headers,
        draft.encoding,
        draft.sheet,
        coordinates=draft.coordinates or "",
        file_name=draft.file_name,
        isolated=True,
    )
    return complete_request(session, context.caller, draft.subdistrict_id, request)


def _short_name(name: str) -> str:
    """Return a file name with its suffix that every file system takes.

    Examples
    --------
    >>> len(_short_name("花" * 195 + ".xlsx")), _short_name("名册.csv")
    (65, '名册.csv')
    """
    path = PurePath(clean_file_name(name))
    return path.stem[:MAX_STEM_LETTERS] + path.suffix[:8]


def _read(request: ImportRequest, today: date) -> tuple[SheetRows | None, InvalidInput | None]:
    try:
        return read_request(request, today), None
    except InvalidInput as error:
        return None, error


def _list_layouts(request: ImportRequest) -> tuple[SheetLayout, ...]:
    """Return the sheets of a file that is not the kind; none where it cannot be opened at all."""
    try:
        return list_layouts_isolated(InputSource(request.path, ReadOptions(request.encoding)))
    except InvalidInput:
        return ()


def _store_prepared(
    context: JobContext, draft: ImportDraftRow, preview: ImportPreview, *, is_new_version: bool = False
) -> None:
    """Store what a prepared import shows, and the marked sheet where rows have problems."""
    values: dict[str, object] = {"marked_id": None, "fingerprint": fingerprint_preview(preview)}
    if preview.problems:
        suffix, content = make_marked_sheet(preview, context.language)
        name = MARKED_NAME.format(stem=PurePath(draft.file_name).stem[:MAX_STEM_LETTERS], suffix=suffix)
        values["marked_id"] = _store(context, draft, name, MARKED_TYPES[suffix], content)
    _store_preview(context, draft, describe_preview(preview), values, is_new_version=is_new_version)


def _store_preview(
    context: JobContext,
    draft: ImportDraftRow,
    shown: DraftPreview,
    values: Mapping[str, object],
    *,
    is_new_version: bool = False,
) -> None:
    """Store a preview with further values of the draft; its former files are deleted."""
    preview_id = _store(context, draft, "preview.json", JSON_TYPE, shown.to_json())
    found = {**values, "preview_id": preview_id, "decisions": {}}
    write = draft_writes.update_draft if is_new_version else draft_writes.store_draft_preview
    if not write(context.session, draft.id, draft.version, found):
        raise DraftChanged
    for file_id in filter(None, (draft.preview_id, draft.marked_id)):
        stored_files.discard_file(context.session, context.caller, file_id)


def _store(context: JobContext, draft: ImportDraftRow, name: str, media_type: str, content: bytes) -> int:
    """Store a file that lives as long as the draft."""
    file = FileContent(name, media_type, BytesIO(content), UPLOAD_LIFETIME)
    return stored_files.store_file(context.session, context.caller, draft.subdistrict_id, file, FilePurpose.RESULT)


def _finish(context: JobContext, draft: ImportDraftRow, applied: AppliedImport) -> None:
    """Note the import, and delete the files of the draft: what they hold is in the database now."""
    values = {"import_run_id": applied.run_id}
    if not draft_writes.update_draft(context.session, draft.id, draft.version, values):
        raise DraftChanged
    for file_id in filter(None, (draft.upload_id, draft.preview_id, draft.marked_id)):
        stored_files.discard_file(context.session, context.caller, file_id)
