"""Workbooks for spreadsheets (.xlsx)."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from gridmap.core.errors import N_
from gridmap.formats.exports.table import ExportDocument, Value
from gridmap.texts import translate

NOTE_SHEET = N_("Notes")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""First characters of texts that spreadsheets may run, if such a cell is edited or saved as CSV."""
MAX_SHEET_NAME = 31
MIN_WIDTH, MAX_WIDTH = 8, 60
WIDE_LETTER = 0x2E7F
"""Letters above it are Chinese, and about twice as wide as Latin ones."""

INVALID_NAME_LETTERS = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))
TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook.

    Parameters
    ----------
    name : str
    headers : sequence of str
        Bold, and always in sight.
    rows : sequence of sequences of Value
    filters : bool
        True for a sheet whose columns have buttons to filter by.
    """

    name: str
    headers: Sequence[str]
    rows: Sequence[Sequence[Value]]
    filters: bool = False


def make_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook; texts stay texts, whatever they begin with.

    Parameters
    ----------
    sheets : sequence of Sheet
        Names are shortened to the 31 letters that a sheet may have.
    """
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as workbook:
        formats = {
            "header": workbook.add_format({"bold": True, "bottom": 1}),
            "guarded": workbook.add_format({"quote_prefix": True}),
            "time": workbook.add_format({"num_format": TIME_FORMAT, "align": "left"}),
            "date": workbook.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
        }
        for sheet in sheets:
            _write_sheet(workbook.add_worksheet(_sheet_name(sheet.name)), sheet, formats)
    return content.getvalue()


def write_workbook(document: ExportDocument) -> bytes:
    """Return a table as a workbook: its rows with filters, and a sheet 说明 with its notes.

    Parameters
    ----------
    document : ExportDocument
    """
    language, table = document.language, document.table
    title = translate(table.title, language)
    rows = Sheet(title, table.header(language), table.label_rows(language), filters=True)
    notes = Sheet(translate(NOTE_SHEET, language), [title, ""], document.note_rows())
    return make_workbook([rows, notes])


def _sheet_name(name: str) -> str:
    return name.translate(INVALID_NAME_LETTERS)[:MAX_SHEET_NAME].strip("'")


def _write_sheet(worksheet: Worksheet, sheet: Sheet, formats: dict[str, Format]) -> None:
    for column, header in enumerate(sheet.headers):
        worksheet.write_string(0, column, header, formats["header"])
        width = max([_text_width(header), *(_text_width(row[column]) for row in sheet.rows if column < len(row))])
        worksheet.set_column(column, column, min(MAX_WIDTH, max(MIN_WIDTH, width + 2)))
    for number, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row):
            _write_cell(worksheet, (number, column), cell, formats)
    worksheet.freeze_panes(1, 0)
    if sheet.filters and sheet.rows:
        worksheet.autofilter(0, 0, len(sheet.rows), len(sheet.headers) - 1)


def _write_cell(worksheet: Worksheet, place: tuple[int, int], cell: Value, formats: dict[str, Format]) -> None:
    if isinstance(cell, str):
        is_risky = cell.startswith(FORMULA_STARTS)
        worksheet.write_string(*place, cell, formats["guarded"] if is_risky else None)
    elif isinstance(cell, datetime):
        worksheet.write_datetime(*place, cell.replace(tzinfo=None), formats["time"])
    elif isinstance(cell, date):
        worksheet.write_datetime(*place, cell, formats["date"])
    elif cell is not None:
        worksheet.write_number(*place, cell)


def _text_width(cell: Value) -> int:
    return sum(2 if ord(letter) > WIDE_LETTER else 1 for letter in str("" if cell is None else cell))
