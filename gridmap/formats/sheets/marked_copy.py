"""The user's own sheet given back with a column 错误原因: other sheets, columns, order and formats stay."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from gridmap.formats.exports.table import Value
from gridmap.formats.exports.workbook import Sheet, make_workbook
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.readers.tables import split_delimiter
from gridmap.formats.sheets.sheet_rows import SheetRows

REASON_HEADER = "错误原因"
MARK = PatternFill("solid", fgColor="FFF2CC")
MAX_COPIED_ROWS = 50_000
"""Rows of a workbook up to which it is copied as it is: openpyxl needs about 50 bytes of memory for each byte of it."""


def make_marked_copy(path: Path, layer: LayerSource, reasons: Mapping[int, str]) -> tuple[str, bytes]:
    """Return the suffix and the content of a copy of a file with the reason in each wrong row.

    Parameters
    ----------
    path : Path
        The user's file.
    layer : LayerSource
        The sheet that was read.
    reasons : mapping of int to str
        Rows of the sheet, counted from 1, with the text to write.

    Returns
    -------
    tuple of str and bytes
        ``.csv`` for delimited texts. Workbooks of more rows than `MAX_COPIED_ROWS`, and those of other formats than
        xlsx, come back as a workbook of the wrong rows alone, with their number.
    """
    if layer.driver == "CSV":
        return ".csv", _mark_text(path, layer, reasons)
    if path.suffix.lower() == ".xlsx" and len(layer.row_numbers) <= MAX_COPIED_ROWS:
        return ".xlsx", _mark_workbook(path, layer, reasons)
    return ".xlsx", _wrong_rows(layer, reasons)


def make_marked_table(rows: SheetRows, reasons: Mapping[int, str]) -> tuple[str, bytes]:
    """Return the suffix and the content of a workbook with the rows of a layer of shapes and the reason of each."""
    titles = [each.title for each in rows.kind.fields]
    numbers = [rows.row_number(row) for row in range(len(rows))]
    table: list[Sequence[Value]] = [
        [number, *(_cell(rows.values[each.name][row]) for each in rows.kind.fields), reasons.get(number, "")]
        for row, number in enumerate(numbers)
    ]
    return ".xlsx", make_workbook([Sheet(rows.kind.sheet_title, ["行号", *titles, REASON_HEADER], table)])


def _mark_workbook(path: Path, layer: LayerSource, reasons: Mapping[int, str]) -> bytes:
    workbook = openpyxl.load_workbook(path)
    sheet: Worksheet = workbook[layer.layer]
    column = _reason_column(sheet, layer.header_row)
    for row in range(layer.header_row + 1, sheet.max_row + 1):
        sheet.cell(row, column).value = None
    sheet.cell(layer.header_row, column, REASON_HEADER).font = Font(bold=True)
    for row, reason in reasons.items():
        cell = sheet.cell(row, column)
        cell.value, cell.data_type, cell.fill = reason, "s", MARK
    workbook.active = workbook.index(sheet)
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def _reason_column(sheet: Worksheet, header_row: int) -> int:
    """Return the column of reasons: that of an earlier copy, which is filled anew, else the first free one."""
    headers = [sheet.cell(header_row, column).value for column in range(1, sheet.max_column + 1)]
    return headers.index(REASON_HEADER) + 1 if REASON_HEADER in headers else len(headers) + 1


def _mark_text(path: Path, layer: LayerSource, reasons: Mapping[int, str]) -> bytes:
    """Return the text with a last column of reasons, in UTF-8 with a byte order mark for Excel."""
    text = path.read_bytes().decode(layer.encoding.codec, errors="replace").removeprefix("\ufeff")
    text, delimiter = split_delimiter(text)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    width = max(map(len, rows), default=0)
    content = io.StringIO()
    writer = csv.writer(content, delimiter=delimiter)
    for number, row in enumerate(rows, 1):
        reason = REASON_HEADER if number == layer.header_row else reasons.get(number, "")
        writer.writerow([*row, *[""] * (width - len(row)), reason])
    return content.getvalue().encode("utf-8-sig")


def _wrong_rows(layer: LayerSource, reasons: Mapping[int, str]) -> bytes:
    assert layer.table is not None, "sheets are read into a table"
    table = layer.table.drop(columns="geometry", errors="ignore")
    positions = {number: position for position, number in enumerate(layer.row_numbers)}
    rows: list[Sequence[Value]] = [
        [number, *map(_cell, table.iloc[positions[number]]), reason]
        for number, reason in sorted(reasons.items())
        if number in positions
    ]
    return make_workbook([Sheet(layer.layer, ["行号", *map(str, table.columns), REASON_HEADER], rows)])


def _cell(value: object) -> Value:
    return None if value is None or value != value else str(value)  # noqa: PLR0124 - NaN is not itself
