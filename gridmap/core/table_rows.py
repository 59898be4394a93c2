"""Rows of a table as texts: copies that leave a database and come back without loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class ColumnKind(StrEnum):
    """Kind of the values of a column, which decides how a file stores their texts."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    GEOMETRY = "geometry"
    TEXT = "text"


@dataclass(frozen=True, eq=False)
class TableRows:
    """Rows of a table.

    Parameters
    ----------
    name : str
        Name of the table.
    columns : sequence of str
    kinds : sequence of ColumnKind
        One for each column.
    rows : sequence of sequences of str or None
        Values as the database writes them: numbers in decimal, periods as ranges, geometries as hexadecimal EWKB.
    """

    name: str
    columns: Sequence[str]
    kinds: Sequence[ColumnKind]
    rows: Sequence[Sequence[str | None]]

    def position(self, column: str) -> int:
        """Return the position of a column.

        Examples
        --------
        >>> TableRows("grid", ["id", "code"], [ColumnKind.INTEGER, ColumnKind.TEXT], [["1", "a"]]).position("code")
        1
        """
        return list(self.columns).index(column)

    def values(self, column: str) -> list[str | None]:
        """Return the values of a column."""
        position = self.position(column)
        return [row[position] for row in self.rows]
