"""Plan of an import: what would change, row by row, before anything is written."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

import shapely
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.values import RowProblem


class RowKey(NamedTuple):
    """Key of a stored row with its table: the keys of two tables may be the same number.

    Examples
    --------
    >>> str(RowKey("household_count", 7))
    'household_count-7'
    """

    table: str
    row_id: int

    def __str__(self) -> str:
        """Return the key as pages and drafts name it."""
        return f"{self.table}-{self.row_id}"


@dataclass(frozen=True)
class ImportContext:
    """Circumstances of an import.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    source : str
        Name of the register or office; the same name every month.
    as_of : date
        Day that the sheet describes.
    today : date
    takes_contradictions : bool
        Whether the sheet's value replaces one of another source; otherwise such rows stay as they are.
    subdistrict_code : str
        Code of the subdistrict; codes of communities begin with a statistical one.
    taken_keys : frozenset of str
        Rows for which it does in any case, as `RowKey` names them.
    """

    session: Session
    caller: Caller
    subdistrict_id: int
    source: str
    as_of: date
    today: date
    takes_contradictions: bool = False
    subdistrict_code: str = ""
    taken_keys: frozenset[str] = frozenset()

    @property
    def period(self) -> str:
        """Return the period from the day of the sheet on, as PostgreSQL writes it."""
        return f"[{self.as_of.isoformat()},)"


class Difference(NamedTuple):
    """Difference between a row of the sheet and the database.

    Parameters
    ----------
    kind : DifferenceKind
    row : int or None
        Position in the sheet, counted from 0; None for a row that no longer appears.
    row_id : int, optional
        Key of the present row.
    fields : tuple of str
        Fields that change, or contradict another source.
    compared : RowKey, optional
        Row that the fields belong to, where it is in another table than the others of the sheet.
    """

    kind: DifferenceKind
    row: int | None
    row_id: int | None = None
    fields: tuple[str, ...] = ()
    compared: RowKey | None = None


@dataclass(frozen=True, eq=False)
class SheetPlan:
    """Differences and problems of a sheet, and the function that applies it.

    Parameters
    ----------
    table : str
        Table that the rows belong to.
    differences : sequence of Difference
    problems : sequence of RowProblem
        Those found by comparing; those of the values are in the sheet.
    apply : callable
        Write everything but the rows that no longer appear; those are given to ``end_gone``. It returns the keys of the
        rows that the differences do not tell, by position in the sheet: new ones, and those that got another key.
    end_gone : callable, optional
        End rows by their keys.
    compared_table : str, optional
        Table of the rows that are compared, where it is another than that of the rows that no longer appear.
    value_columns : mapping of str to str
        Column that every compared field of the sheet stands for, of tables whose rows are one value each.
    shapes : mapping of int to Geometry, WGS 84
        Places of rows that the sheet tells by words, by position in the sheet.
    """

    table: str
    differences: Sequence[Difference]
    problems: Sequence[RowProblem]
    apply: Callable[[], Mapping[int, int]]
    end_gone: Callable[[Sequence[int]], None] | None = None
    notes: Mapping[str, int] = field(default_factory=dict)
    compared_table: str | None = None
    value_columns: Mapping[str, str] = field(default_factory=dict)
    shapes: Mapping[int, shapely.Geometry] = field(default_factory=dict)

    def count(self) -> Counter[DifferenceKind]:
        """Count the differences by kind."""
        return Counter(each.kind for each in self.differences)

    def list_row_ids(self, applied: Mapping[int, int]) -> list[int]:
        """Return the keys of the rows in the order of the sheet, each once, after `apply` returned those it wrote."""
        known = {each.row: each.row_id for each in self.differences if each.row is not None and each.row_id is not None}
        return list(dict.fromkeys(row_id for _, row_id in sorted({**known, **applied}.items())))

    def key_of(self, difference: Difference) -> RowKey | None:
        """Return the row that the fields of a difference belong to; None where there is none yet."""
        if difference.compared is not None or difference.row_id is None:
            return difference.compared
        return RowKey(self.compared_table or self.table, difference.row_id)

    def list_contradictions(self) -> list[tuple[RowKey, Difference]]:
        """Return the differences that contradict another source, each with its row."""
        contrary = (each for each in self.differences if each.kind is DifferenceKind.CONTRADICTION)
        return [(key, each) for each in contrary if (key := self.key_of(each)) is not None]

    def gone_ids(self) -> list[int]:
        """Return the keys of the rows that no longer appear."""
        return [each.row_id for each in self.differences if each.kind is DifferenceKind.GONE and each.row_id]
