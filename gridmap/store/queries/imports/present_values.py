"""Present values of rows whose fields contradict a sheet; of the names of residents the first letter only."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.schema import Base

FIRST_LETTERS = text("SELECT resident_id, letter FROM resident_first_letters(CAST(:ids AS bigint[]))")
NAME_OF_RESIDENT = "resident", "name"


def list_present_values(
    session: Session, caller: Caller, table: str, row_ids: Sequence[int], columns: Sequence[str]
) -> dict[int, Mapping[str, object]]:
    """Return values of rows that the caller sees, by key and column.

    Parameters
    ----------
    session : Session
    caller : Caller
    table : str
    row_ids : sequence of int
    columns : sequence of str
        Names that are no column of the table are left out. Encrypted values stay encrypted.
    """
    stored = Base.metadata.tables[table]
    mapped = next(each.class_ for each in Base.registry.mappers if each.class_.__tablename__ == table)
    names = [name for name in columns if name in stored.c and (table, name) != NAME_OF_RESIDENT]
    rows = select(stored.c.id, *(stored.c[name] for name in names)).where(
        stored.c.id.in_(row_ids), row_filter.visible(caller, mapped)
    )
    found: dict[int, dict[str, object]] = {
        row[0]: dict(zip(names, row[1:], strict=True)) for row in session.execute(rows)
    }
    if (table, "name") == NAME_OF_RESIDENT and "name" in columns:
        for row_id, letter in session.execute(FIRST_LETTERS, {"ids": list(row_ids)}):
            found.setdefault(row_id, {})["name"] = letter
    return dict(found)
