"""CSV for spreadsheets and for reading back: UTF-8 with byte order mark, no cell runs as a formula."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from gridmap.formats.exports.table import ExportTable, Value
from gridmap.formats.exports.workbook import FORMULA_STARTS

GUARD = "'"
GUARDED_STARTS = (*FORMULA_STARTS, "\n", GUARD)
"""First characters before which a text gets a guard; the guard itself is one of them, so that nothing is lost."""
TIME_FORMAT = "%Y-%m-%d %H:%M:%S"


def write_csv(table: ExportTable, language: str) -> bytes:
    """Return a table as CSV; the first row has the titles.

    Parameters
    ----------
    table : ExportTable
    language : str
    """
    return encode_rows([table.header(language), *table.label_rows(language)])


def encode_rows(rows: Iterable[Sequence[Value]]) -> bytes:
    r"""Return rows as CSV with a byte order mark, by which spreadsheets take it for UTF-8.

    Examples
    --------
    >>> encode_rows([("谁", "=1+1", -3)])[3:].decode()
    "谁,'=1+1,-3\r\n"
    """
    text = io.StringIO(newline="")
    csv.writer(text).writerows([_csv_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def guard_text(text: str) -> str:
    """Return a text that a spreadsheet does not run as a formula: one apostrophe is put before a risky first letter.

    Examples
    --------
    >>> [guard_text(text) for text in ("=1+1", "'quoted", "网格")]
    ["'=1+1", "''quoted", '网格']
    """
    return f"{GUARD}{text}" if text.startswith(GUARDED_STARTS) else text


def remove_guard(text: str) -> str:
    """Return a text as it was before `guard_text`.

    An apostrophe goes only where a risky letter follows it.

    Examples
    --------
    >>> [remove_guard(text) for text in ("'=1+1", "''quoted", "'quoted", "网格")]
    ['=1+1', "'quoted", "'quoted", '网格']
    """
    return text[1:] if text.startswith(GUARD) and text[1:].startswith(GUARDED_STARTS) else text


def _csv_cell(cell: Value) -> object:
    if isinstance(cell, str):
        return guard_text(cell)
    return cell.strftime(TIME_FORMAT) if isinstance(cell, datetime) else cell
