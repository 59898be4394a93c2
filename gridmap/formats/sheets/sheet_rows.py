"""Rows of a sheet, or of a layer with shapes, as values of a kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import InputFault
from gridmap.formats.readers.column_choice import ColumnChoice
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.values import RowProblem


@dataclass(frozen=True, eq=False)
class SheetRows:
    """Rows of a sheet with the values of a kind.

    Parameters
    ----------
    kind : SheetKind
    layer : LayerSource
        Format, encoding with its evidence, header row, and the row of each row in the sheet.
    choice : ColumnChoice
        Header of each field that was found.
    values : mapping of str to list
        Values of every field, None where empty or wrong.
    problems : tuple of RowProblem
    notes : tuple of InputFault
        Notes on the texts of the file.
    shapes : ndarray of Geometry or None, WGS 84
        Shape of each row where the kind has shapes, None where it cannot be used; otherwise empty.
    crs : str
        Code or name of the CRS that the shapes were read in.
    """

    kind: SheetKind
    layer: LayerSource
    choice: ColumnChoice
    values: Mapping[str, Sequence[object]]
    problems: tuple[RowProblem, ...] = ()
    notes: tuple[InputFault, ...] = field(default=())
    shapes: GeometryArray = field(default_factory=lambda: np.empty(0, dtype=object))
    crs: str = ""

    def __len__(self) -> int:
        return len(next(iter(self.values.values())))

    def row_number(self, row: int) -> int:
        """Return the row of the sheet, counted from 1."""
        return int(self.layer.row_numbers[row]) if len(self.layer.row_numbers) else row + 2
