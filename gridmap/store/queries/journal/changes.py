"""The journal: source and date of the fields of rows, changes of rows, and what stands in the way of an undo."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import RecordAction, UndoObstacleKind

EVERY_FIELD = "*"
"""Name that stands for all fields that nothing has changed since the row was inserted."""
FIELD_SOURCES = text("SELECT * FROM field_sources(:table, CAST(:ids AS bigint[]))")
RECORD_CHANGES = text("SELECT * FROM record_changes(:table, CAST(:ids AS bigint[]))")
STANDING_MERGES = text("SELECT * FROM standing_merges(:mark, :limit)")
UNDO_OBSTACLES = text("SELECT reason, table_name, row_id, change_set_id, referring_table FROM undo_obstacles(:id)")


class FieldSource(NamedTuple):
    """Origin of the present value of a field."""

    change_set_id: int
    source: str
    as_of: date
    by_hand: bool
    changed_at: datetime
    account_id: int | None


class RecordChangeRow(NamedTuple):
    """A change of a row, with the fields that an update has changed and without their values."""

    row_id: int
    action: RecordAction
    fields: Sequence[str]
    origin: FieldSource
    undone: bool


class MergeRow(NamedTuple):
    """A merge of residents that still stands: the record that ended by it, and where the merge comes from."""

    resident_id: int
    change_set_id: int
    source: str
    as_of: date
    changed_at: datetime


class UndoObstacle(NamedTuple):
    """Row that keeps a change set from being undone.

    Parameters
    ----------
    kind : UndoObstacleKind
    table, row_id : str, int, optional
        Row of the change set.
    change_set_id : int, optional
        Later change set that has changed the row.
    referring_table : str, optional
        Table with a row that refers to it.
    """

    kind: UndoObstacleKind
    table: str | None
    row_id: int | None
    change_set_id: int | None
    referring_table: str | None


class FieldSources:
    """Sources of the fields of rows of one table."""

    def __init__(self, sources: Mapping[tuple[int, str], FieldSource]) -> None:
        self._sources = sources

    def get(self, row_id: int, field: str) -> FieldSource | None:
        """Return the source of a field; None where the row is older than the journal or the caller does not see it."""
        return self._sources.get((row_id, field)) or self._sources.get((row_id, EVERY_FIELD))


def load_field_sources(session: Session, table: str, row_ids: Collection[int]) -> FieldSources:
    """Return the sources of the fields of rows that the session's account may see."""
    rows = session.execute(FIELD_SOURCES, {"table": table, "ids": list(row_ids)})
    return FieldSources({(row.row_id, row.field): FieldSource(*row[2:]) for row in rows})


def list_record_changes(session: Session, table: str, row_ids: Collection[int]) -> list[RecordChangeRow]:
    """Return the changes of rows that the session's account may see, the newest first."""
    rows = session.execute(RECORD_CHANGES, {"table": table, "ids": list(row_ids)})
    return [
        RecordChangeRow(row.row_id, RecordAction(row.action), tuple(row.fields), FieldSource(*row[3:9]), row.undone)
        for row in rows
    ]


def list_undo_obstacles(session: Session, change_set_id: int) -> list[UndoObstacle]:
    """Return what stands in the way of an undo: at most a hundred rows of each kind.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the account may not undo it.
    """
    rows = session.execute(UNDO_OBSTACLES, {"id": change_set_id})
    return [UndoObstacle(UndoObstacleKind(row.reason), *row[1:]) for row in rows]


def list_standing_merges(session: Session, mark: str, limit: int) -> list[MergeRow]:
    """Return the merges that the session's account may undo, the newest first; their sources end with a mark."""
    return [MergeRow(*row) for row in session.execute(STANDING_MERGES, {"mark": mark, "limit": limit})]
