"""Rows of a sheet that can be compared, and the values of their fields."""

from collections.abc import Sequence

from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem


def list_sound_rows(sheet: SheetRows, problems: Sequence[RowProblem]) -> list[int]:
    """Return the positions of the rows without a fault, neither of the sheet nor among others."""
    wrong = {each.row for each in (*sheet.problems, *problems) if not each.is_warning}
    return [row for row in range(len(sheet)) if row not in wrong]


def list_cells(sheet: SheetRows, name: str, rows: Sequence[int]) -> list[object]:
    """Return the values of a field in rows; the default where the sheet has no such column."""
    default = next(each.default for each in sheet.kind.fields if each.name == name)
    values = sheet.values.get(name)
    return [default if values is None else values[row] for row in rows]


def read_records(sheet: SheetRows, rows: Sequence[int], names: Sequence[str]) -> list[dict[str, object]]:
    """Return the values of fields by name, for each of some rows."""
    columns = [list_cells(sheet, name, rows) for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]
