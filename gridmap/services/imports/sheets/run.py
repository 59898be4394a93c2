"""Import of a sheet: prepared with all problems and differences, applied in one transaction, listed."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.garbage_collection import pause_collection
from gridmap.core.geodesy.candidates import Bounds
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.coordinate_choices import parse_choice
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.readers.layer_source import ReadOptions
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.isolation import read_isolated
from gridmap.formats.sheets.marked_copy import make_marked_copy, make_marked_table
from gridmap.formats.sheets.sheet_form import make_form
from gridmap.formats.sheets.sheet_reader import read_sheet_file
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.communities import add_subdistrict_problems
from gridmap.services.imports.sheets.kinds import PLANNERS
from gridmap.services.imports.sheets.kinds.group_counts import add_group_columns
from gridmap.services.imports.sheets.plan import ImportContext, SheetPlan
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.imports import runs as run_queries
from gridmap.store.queries.imports.places import find_subdistrict
from gridmap.store.queries.imports.runs import ImportRunRow, SourceStatements
from gridmap.store.queries.land.building_sites import find_bounds
from gridmap.store.writes import change_sets
from gridmap.store.writes.imports import runs as run_writes
from gridmap.store.writes.imports.runs import NewImportRun
from gridmap.texts import translate

__all__ = ["ImportRunRow"]

MAX_LISTED = 200
BAD_ROWS = N_("{count} rows have faults. Correct them, or import the good rows only.")
NOT_TO_COME = N_("The day of the sheet is yet to come.")
CONTRADICTS = N_("another source says something else of {fields}; the row stays as it is until you decide")
NOTHING_NEW = N_("The sheet changes nothing.")
COLUMN_TITLES = {"household_id": "住址", "grids": "网格编码", "geometry": "范围"}
"""Chinese titles of columns that are no field of a sheet."""


@dataclass(frozen=True)
class ImportRequest:
    """A sheet to import.

    Parameters
    ----------
    path : Path
    kind : SheetKind
    subdistrict_code : str
    source : str
        Register or office that it comes from, under the same name every month.
    as_of : date, optional
        Day that it describes; today by default.
    headers : mapping of str to str
        Named headers by field; those of the source are remembered.
    encoding, sheet : str, optional
    coordinates : str, optional
        Choice of what the coordinates of a layer are (`gridmap.formats.coordinate_choices`); empty for what the file
        says; by default the last choice for the source.
    near : tuple of float, optional
        Bounds of the subdistrict in degrees, to name the CRS that lead there.
    takes_contradictions : bool
        Whether its values replace those of other sources.
    taken_keys : frozenset of str
        Rows for which they do in any case, as `RowKey` names them.
    file_name : str, optional
        Name to show; by default that of the path.
    isolated : bool
        Whether the file is read by a process of its own, with limits of time and memory.
    """

    path: Path
    kind: SheetKind
    subdistrict_code: str
    source: str
    as_of: date | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    sheet: str | None = None
    coordinates: str | None = None
    near: Bounds | None = None
    takes_contradictions: bool = False
    file_name: str | None = None
    isolated: bool = False
    taken_keys: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class ImportPreview:
    """Effect of an import, before it is applied.

    Parameters
    ----------
    request : ImportRequest
        With the headers that hold.
    context : ImportContext
    rows : SheetRows
    plan : SheetPlan
    sha256 : str
    is_repeated : bool
        Whether the same file was imported before.
    """

    request: ImportRequest
    context: ImportContext
    rows: SheetRows
    plan: SheetPlan
    sha256: str
    is_repeated: bool

    @property
    def problems(self) -> list[RowProblem]:
        """Return all problems by row: of values, of places and keys, and contradictions of sources."""
        contrary = [
            RowProblem(each.row, self._contradiction(each.fields), is_warning=True)
            for each in self.plan.differences
            if each.kind is DifferenceKind.CONTRADICTION and each.row is not None
        ]
        return sorted((*self.rows.problems, *self.plan.problems, *contrary), key=lambda each: each.row)

    def _contradiction(self, fields: Sequence[str]) -> Message:
        titles = (title_of_field(self.request.kind, name) for name in fields)
        return Message(CONTRADICTS, {"fields": "、".join(titles)})

    @property
    def bad_rows(self) -> set[int]:
        """Return the rows that cannot be imported."""
        return {each.row for each in self.problems if not each.is_warning}

    def reasons(self, language: str) -> dict[int, str]:
        """Return the text for each wrong row of the sheet, by its number."""
        texts: dict[int, list[str]] = {}
        for each in self.problems:
            texts.setdefault(self.rows.row_number(each.row), []).append(translate(each.message, language))
        return {number: "；".join(dict.fromkeys(parts)) for number, parts in texts.items()}

    def counts(self) -> dict[str, int]:
        """Return the rows by difference, and those left out."""
        counted = Counter({str(kind): number for kind, number in self.plan.count().items()})
        return {**{str(kind): counted[str(kind)] for kind in DifferenceKind}, "faulty": len(self.bad_rows)}


@dataclass(frozen=True)
class AppliedImport:
    """An import that was applied."""

    run_id: int
    change_set_id: int
    counts: Mapping[str, int]


def title_of_field(kind: SheetKind, name: str) -> str:
    """Return the Chinese header of a field, by its name or by that of its column.

    Examples
    --------
    >>> from gridmap.formats.sheets.kinds import RESIDENTS
    >>> title_of_field(RESIDENTS, "phone_encrypted"), title_of_field(RESIDENTS, "household_id")
    ('联系电话', '住址')
    """
    return COLUMN_TITLES.get(name) or kind.title_of(name.removesuffix("_encrypted"))


def read_request(request: ImportRequest, today: date) -> SheetRows:
    """Read the rows of a request's file, without the database.

    Raises
    ------
    InvalidInput
        If the file or its columns cannot be read.
    """
    stated = parse_choice(request.coordinates)
    options = ReadOptions(request.encoding, columns={"": request.headers}, near=request.near, **stated)
    read = read_isolated if request.isolated else read_sheet_file
    return read(InputSource(request.path, options), request.kind, today, request.sheet)


def complete_request(session: Session, caller: Caller, subdistrict_id: int, request: ImportRequest) -> ImportRequest:
    """Return a request with what is known of its source, columns of service groups, and bounds for layers."""
    kind = add_group_columns(session, caller, subdistrict_id, request.kind)
    near = find_bounds(session, caller, subdistrict_id) if kind.layer else None
    known = run_queries.find_statements(session, caller, subdistrict_id, kind.name, request.source)
    coordinates = known.coordinates if request.coordinates is None else request.coordinates
    headers = {**known.headers, **request.headers}
    return replace(request, kind=kind, near=near, headers=headers, coordinates=coordinates or "")


@pause_collection()
def prepare_import(
    session: Session, caller: Caller, request: ImportRequest, rows: SheetRows | None = None
) -> ImportPreview:
    """Read a sheet and compare it with the database; nothing is written.

    Parameters
    ----------
    session : Session
        The transaction that may apply the import afterwards; other imports of the subdistrict wait for its end.
    caller : Caller
    request : ImportRequest
    rows : SheetRows, optional
        What `read_request` has read; by default the file is read within the transaction.

    Raises
    ------
    InvalidInput
        If the file or its columns cannot be read.
    NotFound
        If the caller sees no such subdistrict.
    NotPossible
        If the day of the sheet is yet to come.
    PermissionError
        If the role of the caller does not import this kind, or the kind needs a scope of the whole subdistrict.
    """
    kind = request.kind
    if not caller.trusted and caller.role not in kind.roles:
        raise PermissionError(f"a {caller.role} imports no {kind.name}")
    subdistrict_id = find_subdistrict(session, caller, request.subdistrict_code)
    if subdistrict_id is None:
        raise NotFound(request.subdistrict_code)
    if kind.whole_subdistrict and not caller.trusted and subdistrict_id not in caller.whole_subdistrict_ids:
        raise PermissionError(f"{kind.name} need a scope of the whole subdistrict")
    today = get_today(session)
    if (as_of := request.as_of or today) > today:
        raise NotPossible(Message(NOT_TO_COME))
    locks.lock_imports(session, subdistrict_id)
    context = ImportContext(
        *(session, caller, subdistrict_id, request.source, as_of, today),
        takes_contradictions=request.takes_contradictions,
        subdistrict_code=request.subdistrict_code,
        taken_keys=request.taken_keys,
    )
    request = complete_request(session, caller, subdistrict_id, request)
    rows = add_subdistrict_problems(context, rows or read_request(request, today))
    sha256 = hash_file(request.path)
    is_repeated = run_queries.has_same_file(session, caller, subdistrict_id, kind.name, sha256)
    return ImportPreview(request, context, rows, PLANNERS[kind.name](context, rows), sha256, is_repeated)


@pause_collection()
def apply_import(preview: ImportPreview, *, good_rows_only: bool = False, end_gone: bool = False) -> AppliedImport:
    """Write what a preview says, in the transaction of the preview, as one change set.

    Parameters
    ----------
    preview : ImportPreview
    good_rows_only : bool
        Whether rows with faults are left out; otherwise a sheet that has one is not imported.
    end_gone : bool
        Whether rows that no longer appear end on the day of the sheet.

    Raises
    ------
    NotPossible
        If rows have faults, or nothing would change.
    """
    context, request, plan = preview.context, preview.request, preview.plan
    if preview.bad_rows and not good_rows_only:
        raise NotPossible(Message(BAD_ROWS, {"count": len(preview.bad_rows)}))
    counts = preview.counts()
    gone = plan.gone_ids() if end_gone and plan.end_gone else []
    if not counts[DifferenceKind.NEW] and not counts[DifferenceKind.CHANGED] and not gone:
        raise NotPossible(Message(NOTHING_NEW))
    session = context.session
    change_set_id = change_sets.open_change_set(
        session, context.source, context.as_of, subdistrict_id=context.subdistrict_id
    )
    applied = plan.apply()
    if gone and plan.end_gone:
        plan.end_gone(gone)
    counts["ended"] = len(gone)
    file_name = request.file_name or request.path.name
    run = NewImportRun(
        context.subdistrict_id,
        change_set_id,
        request.kind.name,
        context.source,
        context.as_of,
        file_name[:200],
        preview.sha256,
        counts,
        make_form(preview.rows).to_json(),
        plan.list_row_ids(applied),
    )
    run_id = run_writes.insert_import_run(session, context.caller, run)
    _remember_statements(session, context, request)
    return AppliedImport(run_id, change_set_id, counts)


def _remember_statements(session: Session, context: ImportContext, request: ImportRequest) -> None:
    """Remember what was said about the file for the next one of its source, where that is new."""
    source = context.subdistrict_id, request.kind.name, context.source
    said = SourceStatements(request.headers, request.coordinates or None)
    if said != run_queries.find_statements(session, context.caller, *source):
        run_writes.save_statements(session, *source, said)


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file; a Shapefile may be given as its folder."""
    digest = hashlib.sha256()
    for part in sorted(path.iterdir()) if path.is_dir() else [path]:
        digest.update(part.read_bytes() if part.is_file() else b"")
    return digest.hexdigest()


def make_marked_sheet(preview: ImportPreview, language: str) -> tuple[str, bytes]:
    """Return the suffix and the content of the user's sheet with the column 错误原因; of shapes, its table."""
    if preview.request.kind.layer:
        return make_marked_table(preview.rows, preview.reasons(language))
    return make_marked_copy(preview.request.path, preview.rows.layer, preview.reasons(language))


def list_imports(session: Session, caller: Caller, subdistrict_code: str) -> list[ImportRunRow]:
    """Return the imports of a subdistrict that the caller sees, the newest first.

    Raises
    ------
    NotFound
        If the caller sees no such subdistrict.
    """
    subdistrict_id = find_subdistrict(session, caller, subdistrict_code)
    if subdistrict_id is None:
        raise NotFound(subdistrict_code)
    return run_queries.list_import_runs(session, caller, subdistrict_id, MAX_LISTED)
