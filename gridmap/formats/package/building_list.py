"""List of buildings 小区/楼号/户数, as pasted from a spreadsheet or in a workbook: rows, and all faults at once."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import python_calamine

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.field_lengths import MAX_NAME_LETTERS
from gridmap.core.text_comparison import clean_text, fold_text
from gridmap.core.tracing.shapes import ListedBuilding
from gridmap.formats.package.column_names import column_synonyms
from gridmap.formats.package.layer_schemas import HOUSEHOLD_UNITS, LEVEL_UNITS
from gridmap.formats.package.values.numbers import parse_number
from gridmap.formats.readers.headers import match_headers

FIELDS = {
    "estate": column_synonyms("buildings", "estate"),
    "number": ("building_id", "name", *column_synonyms("buildings", "building_id")),
    "households": column_synonyms("buildings", "households"),
    "levels": column_synonyms("buildings", "levels"),
}
REQUIRED = ("estate", "number", "households")
MAX_ROWS = 20_000
MAX_HOUSEHOLDS, MAX_LEVELS = 20_000, 200
MAX_UNPACKED_BYTES = 200 * 2**20
TOTALS = frozenset({"合计", "总计", "小计", "共计", "total", "sum"})
"""Words of rows that sum up others; they are left out."""

NO_ROWS = N_("there are no rows in it")
NO_COLUMN = N_("no column is recognised as {field}; the header has: {headers}")
TOO_MANY_ROWS = N_("it has {count} rows; at most {maximum} are read")
NO_ESTATE, NO_NUMBER = N_("the estate is missing"), N_("the number of the building is missing")
NO_HOUSEHOLDS = N_("the number of households is missing: write 0 where nobody lives")
NOT_A_COUNT = N_("this is no number of households from 0 to {maximum}")
NOT_LEVELS = N_("this is no number of storeys from 1 to {maximum}")
REPEATED = N_("{estate} {number} is already in row {first}")
TOO_LONG = N_("this is longer than {maximum} characters")
UNREADABLE = N_("the workbook is damaged, incomplete or protected by a password")


@dataclass(frozen=True)
class BuildingList:
    """Rows of a list.

    Parameters
    ----------
    buildings : sequence of ListedBuilding
        Rows without faults.
    faults : sequence of InputFault
        With the number of the row as in the spreadsheet, the column, and the value.
    text : str
        The rows as text with tabs, to be corrected where they are shown.
    skipped_totals : int
        Rows that sum up others.
    """

    buildings: Sequence[ListedBuilding]
    faults: Sequence[InputFault]
    text: str
    skipped_totals: int = 0


def read_pasted_list(text: str) -> BuildingList:
    r"""Read a list that was pasted: values separated by tabs, commas or semicolons, with or without a header.

    Without a header, the columns are estate, number and households, and storeys if there is a fourth one. An estate
    that is written once above its buildings, as in merged cells, counts for the rows below it.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> found = read_pasted_list("小区\t楼号\t户数\n东湖花园\t1号楼\t32户\n\t2号楼\t约40\n合计\t\t72")
    >>> [(each.estate, each.number, each.households) for each in found.buildings], found.skipped_totals
    ([('东湖花园', '1号楼', 32)], 1)
    >>> [(fault.row, str(fault.problem)) for fault in found.faults]
    [(3, 'this is no number of households from 0 to 20000')]
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    separator = max("\t,;，；", key=text.count)
    return _read_rows([[clean_text(value) for value in line.split(separator)] for line in lines])


def read_workbook_list(content: bytes) -> BuildingList:
    """Read a list from the first sheet with rows of a workbook, or from a text file.

    Parameters
    ----------
    content : bytes
        Workbook of Excel or WPS, or text in UTF-8 or GB18030.

    Raises
    ------
    InvalidInput
        If it is neither.
    """
    if not content.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return read_pasted_list(_decode(content))
    try:
        _require_moderate_size(content)
        workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = (workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names)
        rows = next((sheet for sheet in sheets if sheet), [])
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise InvalidInput([InputFault(Message(UNREADABLE), column="file")]) from None
    return _read_rows([[_cell_text(value) for value in row] for row in rows])


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _require_moderate_size(content: bytes) -> None:
    """Refuse an archive that would unpack to much more than it has."""
    if not content.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED_BYTES:
            raise ValueError("unpacked size")


def _cell_text(value: object) -> str:
    whole = isinstance(value, float) and value.is_integer()
    return clean_text(str(int(value)) if isinstance(value, float) and whole else str(value))


def _read_rows(rows: Sequence[Sequence[str]]) -> BuildingList:
    text = "\n".join("\t".join(row).rstrip("\t") for row in rows).strip("\n")
    numbered = [(number, row) for number, row in enumerate(rows, 1) if any(row)]
    if not numbered or len(numbered) > MAX_ROWS:
        values = {"count": len(numbered), "maximum": MAX_ROWS}
        fault = InputFault(Message(TOO_MANY_ROWS, values) if numbered else Message(NO_ROWS))
        return BuildingList((), (fault,), "" if not numbered else text)
    columns, body, faults = _find_columns(numbered)
    return BuildingList((), faults, text) if faults else _RowReader(columns).read(body, text)


NumberedRows = Sequence[tuple[int, Sequence[str]]]


def _find_columns(rows: NumberedRows) -> tuple[dict[str, int], NumberedRows, list[InputFault]]:
    """Return the position of each field, the rows below the header, and what the header lacks."""
    for position, (number, row) in enumerate(rows[:10]):
        found = match_headers([value for value in row if value], FIELDS).headers
        if len(found) >= 2:
            columns = {field: list(row).index(header) for field, header in found.items()}
            missing = [field for field in REQUIRED if field not in columns]
            values = {"headers": ", ".join(filter(None, row))}
            faults = [
                InputFault(Message(NO_COLUMN, {**values, "field": FIELDS[field][2]}), row=number) for field in missing
            ]
            return columns, rows[position + 1 :], faults
    width = max(len(row) for _, row in rows)
    return dict(zip((*REQUIRED, "levels"), range(width), strict=False)), rows, []


class _RowReader:
    """Reader of the rows below a header; an empty estate is that of the row above."""

    def __init__(self, columns: dict[str, int]) -> None:
        self.columns = columns
        self.estate = ""
        self.first_rows: dict[tuple[str, str], int] = {}
        self.faults: list[InputFault] = []

    def read(self, rows: NumberedRows, text: str) -> BuildingList:
        """Return the rows as buildings, with all faults."""
        buildings, totals = [], 0
        for number, row in rows:
            values = {field: row[at] if at < len(row) else "" for field, at in self.columns.items()}
            if any(values.get(field, "").casefold() in TOTALS for field in ("estate", "number")):
                totals += 1
                continue
            building = self._read_row(number, values)
            if building:
                buildings.append(building)
        return BuildingList(buildings, self.faults, text, totals)

    def _read_row(self, row: int, values: dict[str, str]) -> ListedBuilding | None:
        self.estate = values.get("estate", "") or self.estate
        before = len(self.faults)
        households = self._read_households(row, values.get("households", ""))
        levels = self._read_levels(row, values.get("levels", ""))
        number = values.get("number", "")
        self._check_names(row, number)
        if len(self.faults) > before:
            return None
        return ListedBuilding(self.estate, number, households, levels)

    def _check_names(self, row: int, number: str) -> None:
        for column, value, missing in (("estate", self.estate, NO_ESTATE), ("number", number, NO_NUMBER)):
            if not value:
                self._add(row, column, value, missing)
            elif len(value) > MAX_NAME_LETTERS // 3:
                self._add(row, column, value, TOO_LONG, maximum=MAX_NAME_LETTERS // 3)
        key = fold_text(self.estate), fold_text(number)
        if all(key):
            first = self.first_rows.setdefault(key, row)
            if first != row:
                self._add(row, "number", number, REPEATED, estate=self.estate, number=number, first=first)

    def _read_households(self, row: int, value: str) -> int:
        count = parse_number(value, HOUSEHOLD_UNITS)
        if not value:
            self._add(row, "households", value, NO_HOUSEHOLDS)
        elif not (0 <= count <= MAX_HOUSEHOLDS and count == int(count)):
            self._add(row, "households", value, NOT_A_COUNT, maximum=MAX_HOUSEHOLDS)
        else:
            return int(count)
        return 0

    def _read_levels(self, row: int, value: str) -> int | None:
        levels = parse_number(value, LEVEL_UNITS)
        if not value or (pd.notna(levels) and 1 <= levels <= MAX_LEVELS):
            return int(levels) if value else None
        self._add(row, "levels", value, NOT_LEVELS, maximum=MAX_LEVELS)
        return None

    def _add(self, row: int, column: str, value: str, problem: str, **values: object) -> None:
        self.faults.append(InputFault(Message(problem, values), row=row, column=column, value=value))
