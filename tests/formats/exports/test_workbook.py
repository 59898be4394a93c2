"""Workbooks: texts stay texts, whatever they begin with; numbers and dates keep their kind."""

import io
import re
from datetime import date
from zipfile import ZipFile

import pytest

from gridmap.formats.exports.table import Value
from gridmap.formats.exports.workbook import Sheet, make_workbook


def sheet_xml(*cells: Value) -> tuple[str, str]:
    """Return the XML of a sheet with a row, and the XML of the styles."""
    with ZipFile(io.BytesIO(make_workbook([Sheet("x", ["a"] * len(cells), [cells])]))) as archive:
        return archive.read("xl/worksheets/sheet1.xml").decode(), archive.read("xl/styles.xml").decode()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "https://example.org", "007"])
def test_a_text_is_written_as_a_text(text: str) -> None:
    xml, _ = sheet_xml(text)
    assert re.search(r'<c r="A2"[^>]* t="s">', xml)
    assert "<f>" not in xml
    assert "hyperlink" not in xml


@pytest.mark.parametrize(("text", "guarded"), [("=1", True), ("-", True), ("网格", False), ("1=1", False)])
def test_a_text_that_might_run_has_a_quote_before_it(text: str, guarded: bool) -> None:
    xml, styles = sheet_xml(text)
    style = re.search(r'<c r="A2"(?: s="(\d+)")?', xml)
    assert style
    assert (style.group(1) is not None) is guarded
    assert styles.count('quotePrefix="1"') == int(guarded)


def test_numbers_dates_and_empty_cells_keep_their_kind() -> None:
    xml, _ = sheet_xml(3, 2.5, date(2026, 1, 2), None)
    assert re.findall(r'<c r="[A-D]2"[^>]*><v>([^<]*)</v>', xml) == ["3", "2.5", "46024"]


def test_a_long_name_of_a_sheet_is_shortened() -> None:
    assert make_workbook([Sheet("网" * 40, ["a"], [])])
