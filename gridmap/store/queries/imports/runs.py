"""Imports that were made, and what is known about each source."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, select, text
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import AnySelect
from gridmap.store.schema import Account, ChangeSet, DataSource, ImportRun

IMPORT_STATES = text("SELECT * FROM import_states(:subdistrict_id)")


class ImportRunRow(NamedTuple):
    """An import with its source, its counts by difference, and who made it."""

    id: int
    change_set_id: int
    kind: str
    source: str
    as_of: date
    file_name: str
    sha256: str
    counts: Mapping[str, int]
    imported_at: datetime
    account: str | None
    subdistrict_id: int


class ImportStateRow(NamedTuple):
    """State of an import: when it was undone, if it was, and whether the account may undo it."""

    undone_at: datetime | None
    is_undoable: bool


def list_import_states(session: Session, subdistrict_id: int) -> dict[int, ImportStateRow]:
    """Return the states of the imports of a subdistrict that the session's account sees, by their keys."""
    rows = session.execute(IMPORT_STATES, {"subdistrict_id": subdistrict_id})
    return {row.import_run_id: ImportStateRow(row.undone_at, row.is_undoable) for row in rows}


class ImportForm(NamedTuple):
    """An import that stands, with the form of its sheet and the keys of its rows in the order of the sheet."""

    id: int
    subdistrict_id: int
    change_set_id: int
    kind: str
    form: Mapping[str, object]
    row_ids: Sequence[int]


def list_import_runs(session: Session, caller: Caller, subdistrict_id: int, limit: int) -> list[ImportRunRow]:
    """Return the imports of a subdistrict that the caller sees, the newest first."""
    rows = _select_runs(caller).where(ImportRun.subdistrict_id == subdistrict_id)
    return [ImportRunRow(*row) for row in session.execute(rows.order_by(ImportRun.id.desc()).limit(limit))]


def find_import_run(session: Session, caller: Caller, run_id: int) -> ImportRunRow | None:
    """Return an import that the caller sees."""
    row = session.execute(_select_runs(caller).where(ImportRun.id == run_id)).one_or_none()
    return ImportRunRow(*row) if row else None


def _select_runs(caller: Caller) -> AnySelect:
    columns: tuple[InstrumentedAttribute[Any], ...] = (
        *(ImportRun.id, ImportRun.change_set_id, ImportRun.kind, ImportRun.source, ImportRun.as_of),
        *(ImportRun.file_name, ImportRun.sha256, ImportRun.counts, ImportRun.imported_at),
    )
    rows = select(*columns, Account.name, ImportRun.subdistrict_id)
    rows = rows.outerjoin(Account, Account.id == ImportRun.account_id)
    return rows.where(row_filter.visible(caller, ImportRun))


def get_change_set_id(session: Session, caller: Caller, run_id: int) -> int | None:
    """Return the change set of an import that the caller sees."""
    return session.scalar(
        select(ImportRun.change_set_id).where(ImportRun.id == run_id, row_filter.visible(caller, ImportRun))
    )


def get_import_form(session: Session, caller: Caller, run_id: int) -> ImportForm | None:
    """Return the form of an import that the caller sees and that has not been undone."""
    return _find_form(session, caller, ImportRun.id == run_id)


def find_import_form(
    session: Session, caller: Caller, subdistrict_id: int, kind: str, source: str
) -> ImportForm | None:
    """Return the form of the newest import of a kind and source that the caller sees and that has not been undone."""
    same = ImportRun.subdistrict_id == subdistrict_id, ImportRun.kind == kind, ImportRun.source == source
    return _find_form(session, caller, *same)


def _find_form(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> ImportForm | None:
    undo = aliased(ChangeSet)
    rows = (
        select(ImportRun.id, ImportRun.subdistrict_id, ImportRun.change_set_id, ImportRun.kind, ImportRun.form)
        .add_columns(ImportRun.row_ids)
        .where(*conditions, row_filter.visible(caller, ImportRun))
        .where(~exists().where(undo.undoes == ImportRun.change_set_id))
        .order_by(ImportRun.id.desc())
        .limit(1)
    )
    row = session.execute(rows).first()
    return None if row is None else ImportForm(*row)


def list_sources(session: Session, caller: Caller, subdistrict_id: int) -> list[str]:
    """Return the names of the sources that sheets of a subdistrict came from, the latest first."""
    latest = func.max(DataSource.updated_at)
    named = select(DataSource.name, latest).where(
        DataSource.subdistrict_id == subdistrict_id, row_filter.visible(caller, DataSource)
    )
    imported = select(ImportRun.source, func.max(ImportRun.imported_at)).where(
        ImportRun.subdistrict_id == subdistrict_id, row_filter.visible(caller, ImportRun)
    )
    found = [*session.execute(named.group_by(DataSource.name)), *session.execute(imported.group_by(ImportRun.source))]
    return list(dict.fromkeys(name for name, _ in sorted(found, key=lambda row: row[1], reverse=True)))


class SourceStatements(NamedTuple):
    """Statements of a person about the files of a source: headers by field, and the choice of coordinates."""

    headers: Mapping[str, str] = {}
    coordinates: str | None = None


def find_statements(session: Session, caller: Caller, subdistrict_id: int, kind: str, source: str) -> SourceStatements:
    """Return what was said about the files of a source; nothing for a new one."""
    rows = select(DataSource.headers, DataSource.coordinates).where(
        DataSource.subdistrict_id == subdistrict_id,
        DataSource.kind == kind,
        DataSource.name == source,
        row_filter.visible(caller, DataSource),
    )
    row = session.execute(rows).one_or_none()
    return SourceStatements(dict(row.headers), row.coordinates) if row else SourceStatements()


def has_same_file(session: Session, caller: Caller, subdistrict_id: int, kind: str, sha256: str) -> bool:
    """Return whether the same file was imported as the same kind before."""
    run = aliased(ImportRun)
    condition = exists().where(
        run.subdistrict_id == subdistrict_id, run.kind == kind, run.sha256 == sha256, row_filter.visible(caller, run)
    )
    return bool(session.scalar(select(condition)))
