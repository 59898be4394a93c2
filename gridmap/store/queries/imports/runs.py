"""Imports that were made, and the headers of each source."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.schema import Account, DataSource, ImportRun


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


def list_import_runs(session: Session, caller: Caller, subdistrict_id: int, limit: int) -> list[ImportRunRow]:
    """Return the imports of a subdistrict that the caller sees, the newest first."""
    columns = (
        *(ImportRun.id, ImportRun.change_set_id, ImportRun.kind, ImportRun.source, ImportRun.as_of),
        *(ImportRun.file_name, ImportRun.sha256, ImportRun.counts, ImportRun.imported_at),
    )
    rows = (
        select(*columns, Account.name)
        .outerjoin(Account, Account.id == ImportRun.account_id)
        .where(ImportRun.subdistrict_id == subdistrict_id, row_filter.visible(caller, ImportRun))
        .order_by(ImportRun.id.desc())
        .limit(limit)
    )
    return [ImportRunRow(*row) for row in session.execute(rows)]


def get_change_set_id(session: Session, caller: Caller, run_id: int) -> int | None:
    """Return the change set of an import that the caller sees."""
    return session.scalar(
        select(ImportRun.change_set_id).where(ImportRun.id == run_id, row_filter.visible(caller, ImportRun))
    )


def find_headers(session: Session, caller: Caller, subdistrict_id: int, kind: str, source: str) -> dict[str, str]:
    """Return the headers that were named for the fields of a source."""
    rows = select(DataSource.headers).where(
        DataSource.subdistrict_id == subdistrict_id,
        DataSource.kind == kind,
        DataSource.name == source,
        row_filter.visible(caller, DataSource),
    )
    return dict(session.scalar(rows) or {})


def has_same_file(session: Session, caller: Caller, subdistrict_id: int, kind: str, sha256: str) -> bool:
    """Return whether the same file was imported as the same kind before."""
    run = aliased(ImportRun)
    condition = exists().where(
        run.subdistrict_id == subdistrict_id, run.kind == kind, run.sha256 == sha256, row_filter.visible(caller, run)
    )
    return bool(session.scalar(select(condition)))
