"""The record of an import, and what was said about its source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.queries.imports.runs import SourceStatements
from gridmap.store.schema import DataSource, ImportRun


@dataclass(frozen=True)
class NewImportRun:
    """An import to record.

    Parameters
    ----------
    subdistrict_id, change_set_id : int
    kind, source : str
    as_of : date
    file_name, sha256 : str
    counts : mapping of str to int
    form : mapping
        Form of the sheet, as values for JSON; empty for a file that is no sheet.
    row_ids : sequence of int
        Keys of its rows in the order of the sheet, each once.
    """

    subdistrict_id: int
    change_set_id: int
    kind: str
    source: str
    as_of: date
    file_name: str
    sha256: str
    counts: Mapping[str, int]
    form: Mapping[str, object] = field(default_factory=dict)
    row_ids: Sequence[int] = ()


def insert_import_run(session: Session, caller: Caller, run: NewImportRun) -> int:
    """Record an import and return its key."""
    values = {name: getattr(run, name) for name in run.__dataclass_fields__}
    values |= {"counts": dict(run.counts), "form": dict(run.form), "row_ids": list(run.row_ids)}
    row = ImportRun(**values, account_id=caller.account_id, role=caller.role)
    session.add(row)
    session.flush()
    return row.id


def save_statements(
    session: Session, subdistrict_id: int, kind: str, source: str, statements: SourceStatements
) -> None:
    """Remember what was said about the files of a source."""
    keys: dict[str, object] = {"subdistrict_id": subdistrict_id, "kind": kind, "name": source}
    said = {"headers": dict(statements.headers), "coordinates": statements.coordinates}
    rows = postgresql.insert(DataSource).values(**keys, **said)
    session.execute(rows.on_conflict_do_update(index_elements=list(keys), set_={**said, "updated_at": func.now()}))
