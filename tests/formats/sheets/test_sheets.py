"""Sheets of people and places: recognition, all faults of rows at once, templates, and the marked copy."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from gridmap.core.errors import InvalidInput
from gridmap.formats.intake.source_file import InputSource, open_source
from gridmap.formats.readers.layer_source import ReadOptions
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.kinds import RESIDENTS, SHEET_KINDS
from gridmap.formats.sheets.marked_copy import REASON_HEADER, make_marked_copy
from gridmap.formats.sheets.sheet_reader import read_sheet
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.templates import make_template
from gridmap.formats.sheets.territory_kinds import HOUSEHOLD_COUNTS

TODAY = date(2026, 3, 1)
HEADERS = ["姓名", "公民身份号码", "手机", "出生日期", "小区名称", "楼栋", "单元", "室号", "户口类别"]
GOOD: list[object] = ["张小明", "11010519491231002X", "13800138000", None, "东湖花园", "3号楼", "2单元", "0501", "常住"]


def write_workbook(path: Path, rows: list[list[object]], title: str = "东湖社区居民花名册") -> Path:
    """Write a workbook with a title above the header, and a second sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "花名册"
    for row in ([title], HEADERS, *rows):
        sheet.append(row)
    sheet["A2"].font = openpyxl.styles.Font(italic=True)
    book.create_sheet("说明")["A1"] = "填表说明"
    book.save(path)
    return path


def read(path: Path, kind: SheetKind = RESIDENTS, columns: dict[str, str] | None = None) -> SheetRows:
    with open_source(InputSource(path, ReadOptions(columns={"": columns or {}}))) as opened:
        return read_sheet(opened, kind, TODAY)


def problems(rows: SheetRows) -> list[tuple[int, str | None, str]]:
    return [(rows.row_number(each.row), each.field, str(each.message)) for each in rows.problems]


def test_a_register_is_recognised_by_its_headers(tmp_path: Path) -> None:
    rows = read(write_workbook(tmp_path / "a.xlsx", [GOOD]))
    assert {name: values[0] for name, values in rows.values.items() if values[0] is not None} == {
        "name": "张小明",
        "id_number": "11010519491231002X",
        "phone": "13800138000",
        "estate": "东湖花园",
        "building": "3号楼",
        "unit": "2单元",
        "door": "0501",
        "household_kind": "resident",
    }
    assert (rows.layer.layer, rows.layer.header_row, problems(rows)) == ("花名册", 2, [])


def bad(column: str, value: object) -> list[object]:
    row: list[object] = list(GOOD)
    row[HEADERS.index(column)] = value
    return row


def test_all_faults_of_all_rows_are_found_at_once(tmp_path: Path) -> None:
    wrong = [
        bad("姓名", None),
        bad("公民身份号码", "110105194912310021"),
        bad("公民身份号码", 110105194912310020),
        bad("公民身份号码", "110105209912310027"),
        bad("手机", "1380"),
        bad("出生日期", "2031-01-01"),
        bad("户口类别", "暂住"),
        bad("楼栋", date(2026, 3, 1)),
    ]
    rows = read(write_workbook(tmp_path / "a.xlsx", [GOOD, *wrong]))
    assert [(row, field) for row, field, _ in problems(rows)] == [
        (4, "name"),
        (5, "id_number"),
        (6, "id_number"),
        (7, "id_number"),
        (8, "phone"),
        (9, "birth_year"),
        (10, "household_kind"),
        (11, "building"),
    ]
    texts = [message for *_, message in problems(rows)]
    assert "last digits are lost" in texts[2]
    assert "the last character should be X" in texts[1]
    assert "none of: 常住户、户籍户" in texts[6]


def test_a_register_without_names_is_refused_with_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("楼号,户数\n1,30\n", "utf-8")
    with pytest.raises(InvalidInput, match="姓名"):
        read(path)


def test_a_header_that_nobody_knows_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("楼号,几家\n1,30\n", "utf-8")
    rows = read(path, HOUSEHOLD_COUNTS, {"households": "几家"})
    assert list(rows.values["households"]) == [30]


def test_empty_rows_do_not_shift_the_numbers(tmp_path: Path) -> None:
    rows = read(write_workbook(tmp_path / "a.xlsx", [GOOD, [], bad("姓名", "")]))
    assert [row for row, *_ in problems(rows)] == [5]


TEMPLATE_KINDS = [kind for kind in SHEET_KINDS.values() if kind.layer is None]


@pytest.mark.parametrize("kind", TEMPLATE_KINDS, ids=lambda kind: str(kind.name))
def test_a_filled_template_is_read_without_a_fault(kind: SheetKind, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(make_template(kind)))
    sheet, path = book.worksheets[0], tmp_path / "t.xlsx"
    for column, field in enumerate(kind.fields, 1):
        assert sheet.cell(1, column).value == field.title
        sheet.cell(2, column).value = field.example or (field.choices[0] if field.choices else None)
    book.save(path)
    assert problems(read(path, kind)) == []


def test_a_template_lists_the_words_of_a_kind() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(make_template(RESIDENTS))).worksheets[0]
    assert [each.formula1 for each in sheet.data_validations.dataValidation] == ['"常住户,户籍户"']


def test_the_marked_copy_keeps_sheets_formats_and_order(tmp_path: Path) -> None:
    rows = read(path := write_workbook(tmp_path / "a.xlsx", [GOOD, bad("姓名", None)]))
    suffix, content = make_marked_copy(path, rows.layer, {4: "姓名未填写"})
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["花名册"]
    assert (suffix, book.sheetnames, sheet["A2"].font.italic) == (".xlsx", ["花名册", "说明"], True)
    assert [sheet.cell(row, len(HEADERS) + 1).value for row in (2, 3, 4)] == [REASON_HEADER, None, "姓名未填写"]
    assert sheet["H3"].value == "0501"


def test_a_marked_copy_that_comes_back_has_one_column_of_reasons(tmp_path: Path) -> None:
    rows = read(path := write_workbook(tmp_path / "a.xlsx", [GOOD, bad("姓名", None)]))
    path.write_bytes(make_marked_copy(path, rows.layer, {4: "=1+1"})[1])
    sheet = openpyxl.load_workbook(io.BytesIO(make_marked_copy(path, read(path).layer, {3: "重复"})[1]))["花名册"]
    assert [sheet.cell(row, len(HEADERS) + 1).value for row in (2, 3, 4)] == [REASON_HEADER, "重复", None]
    assert sheet.max_column == len(HEADERS) + 1


def test_reasons_are_never_formulas(tmp_path: Path) -> None:
    rows = read(path := write_workbook(tmp_path / "a.xlsx", [GOOD]))
    sheet = openpyxl.load_workbook(io.BytesIO(make_marked_copy(path, rows.layer, {3: "=1+1"})[1]))["花名册"]
    assert sheet.cell(3, len(HEADERS) + 1).data_type == "s"


def test_a_text_comes_back_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("楼号,户数\r\n一号楼,三十\r\n2号楼,8\r\n".encode("gb18030"))
    rows = read(path, HOUSEHOLD_COUNTS)
    assert problems(rows)[0][:2] == (2, "households")
    suffix, content = make_marked_copy(path, rows.layer, {2: "户数不是数字"})
    assert (suffix, content[:3]) == (".csv", b"\xef\xbb\xbf")
    table = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    assert table.to_dict("list") == {
        "楼号": ["一号楼", "2号楼"],
        "户数": ["三十", "8"],
        REASON_HEADER: ["户数不是数字", ""],
    }


def test_places_west_of_greenwich_have_negative_longitudes(tmp_path: Path) -> None:
    path = tmp_path / "facilities.csv"
    path.write_text("设施类型,经度,纬度\n路灯,-71.11,42.37\n路灯,-180.1,42.37\n", "utf-8")
    rows = read(path, SHEET_KINDS["facilities"])
    assert list(rows.values["longitude"]) == [-71.11, None]
    assert [reason for *_, reason in problems(rows)] == ["经度 is not a number from -180 to 180"]
