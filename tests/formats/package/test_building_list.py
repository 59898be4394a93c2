"""The list 小区/楼号/户数: headers of offices, merged cells, totals, and every fault at once."""

import io
from collections.abc import Sequence

import pytest
import xlsxwriter

from gridmap.core.errors import InvalidInput
from gridmap.formats.package.building_list import read_pasted_list, read_workbook_list


def make_workbook(rows: Sequence[Sequence[object]]) -> bytes:
    output = io.BytesIO()
    with xlsxwriter.Workbook(output) as workbook:
        workbook.add_worksheet("空")
        sheet = workbook.add_worksheet("楼栋")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return output.getvalue()


@pytest.mark.parametrize("header", ["小区\t楼号\t户数", "所属小区\t楼栋编号\t总户数（户）", "户数\t栋号\t小区名称", ""])
def test_headers_of_offices_are_recognised_and_may_be_missing(header: str) -> None:
    row = "32\t1号楼\t东湖花园" if header.startswith("户数") else "东湖花园\t1号楼\t32"
    found = read_pasted_list(f"{header}\n{row}")
    assert [(each.estate, each.number, each.households) for each in found.buildings] == [("东湖花园", "1号楼", 32)]
    assert not found.faults


def test_a_workbook_has_titles_merged_estates_and_totals() -> None:
    rows: list[list[object]] = [
        ["东湖街道台账"],
        ["小区", "楼号", "户数", "层数"],
        ["甲园", 1, 30, 6],
        ["", 2, 28.0, ""],
        ["合计", "", 58],
    ]
    found = read_workbook_list(make_workbook(rows))
    assert [(each.estate, each.number, each.households, each.levels) for each in found.buildings] == [
        ("甲园", "1", 30, 6),
        ("甲园", "2", 28, None),
    ]
    assert (list(found.faults), found.skipped_totals) == ([], 1)


def test_all_faults_are_found_at_once_with_their_rows() -> None:
    text = "小区\t楼号\t户数\t层数\n\t1\t30\n甲园\t\t30\n甲园\t2\t-1\n甲园\t3\t\n甲园\t4\t30\t0\n甲园\t 2 \t30"
    faults = [(fault.row, fault.column) for fault in read_pasted_list(text).faults]
    assert faults == [(2, "estate"), (3, "number"), (4, "households"), (5, "households"), (6, "levels"), (7, "number")]


@pytest.mark.parametrize("households", ["0", "20000", "３０", "1,200户"])
def test_households_are_read_as_offices_write_them(households: str) -> None:
    assert not read_pasted_list(f"小区\t楼号\t户数\n甲园\t1\t{households}").faults


@pytest.mark.parametrize("households", ["20001", "2.5", "约30", "三十", "nan"])
def test_what_is_no_count_is_a_fault(households: str) -> None:
    assert len(read_pasted_list(f"小区\t楼号\t户数\n甲园\t1\t{households}").faults) == 1


def test_a_missing_column_is_named_with_the_header() -> None:
    (fault,) = read_pasted_list("小区\t楼号\t备注\n甲园\t1\t新").faults
    assert "户数" in str(fault.problem)
    assert "备注" in str(fault.problem)


def test_nothing_is_no_list() -> None:
    assert [str(fault.problem) for fault in read_pasted_list(" \n").faults] == ["there are no rows in it"]


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0 broken"])
def test_a_damaged_workbook_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput, match="damaged"):
        read_workbook_list(content)


def test_a_text_file_of_excel_in_gb18030_is_read() -> None:
    (building,) = read_workbook_list("小区,楼号,户数\n东湖花园,1号楼,32".encode("gb18030")).buildings
    assert building.estate == "东湖花园"
