"""A sheet out again: its headers, order and sheet, whole or changed rows; persons masked, or encrypted and whole."""

from pathlib import Path

import openpyxl
import pyrage
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import NotPossible
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.services.exports.sheet_file import SheetChoice, export_sheet
from gridmap.services.imports.load_report import LoadReport
from gridmap.services.imports.sheets.run import AppliedImport, ImportRequest, apply_import, prepare_import
from gridmap.store.writes.change_sets import open_change_set
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.services.imports.sheets.conftest import DAY, Rows
from tests.services.imports.sheets.test_import import SHEETS

ZHANG, LI = SHEETS["residents"][0], SHEETS["residents"][1]


def write_book(path: Path, rows: Rows, sheet: str = "六月") -> Path:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    page.title = sheet
    headers = list(dict.fromkeys(name for row in rows for name in row))
    for line in (["东湖社区"], headers, *([row.get(name) for name in headers] for row in rows)):
        page.append(line)
    book.save(path)
    return path


def import_rows(session: Session, folder: Path, kind: str, rows: Rows) -> AppliedImport:
    path = write_book(folder / f"{kind}.xlsx", rows)
    request = ImportRequest(path, SHEET_KINDS[kind], SUBDISTRICT_CODE, "register", DAY)
    return apply_import(prepare_import(session, OWNER, request))


def read_book(path: Path) -> tuple[str, list[list[object]]]:
    page = openpyxl.load_workbook(path).active
    assert page is not None
    return page.title, [list(row) for row in page.iter_rows(values_only=True)]


def test_a_sheet_goes_out_with_its_headers_order_and_name(session: Session, tmp_path: Path) -> None:
    rows: Rows = [
        {"备注": "新", "店名": "+理发店", "楼号": "4号楼", "小区": "东湖花园"},
        {"备注": "", "店名": "便民超市", "楼号": "3号楼", "小区": "东湖花园"},
    ]
    run = import_rows(session, tmp_path, "shops", rows)
    export_sheet(session, SheetChoice(run.run_id), tmp_path / "out.xlsx")
    assert read_book(tmp_path / "out.xlsx") == (
        "六月",
        [
            ["备注", "店名", "楼号", "小区"],
            [None, "+理发店", "4号楼", "东湖花园"],
            [None, "便民超市", "3号楼", "东湖花园"],
        ],
    )


@pytest.mark.parametrize("kind", SHEETS)
def test_what_goes_out_comes_in_again_without_a_change(session: Session, tmp_path: Path, kind: str) -> None:
    identity = pyrage.x25519.Identity.generate()
    run = import_rows(session, tmp_path, kind, SHEETS[kind])
    target = tmp_path / "out.xlsx.age"
    written = export_sheet(session, SheetChoice(run.run_id), target, [str(identity.to_public())])
    assert (written.rows, written.left_out, written.masked) == (len(SHEETS[kind]), 0, False)
    (tmp_path / "again.xlsx").write_bytes(pyrage.decrypt(target.read_bytes(), [identity]))
    request = ImportRequest(tmp_path / "again.xlsx", SHEET_KINDS[kind], SUBDISTRICT_CODE, "register", DAY)
    counts = prepare_import(session, OWNER, request).counts()
    assert {name: count for name, count in counts.items() if count} == {"unchanged": len(SHEETS[kind])}


def test_changed_rows_only(session: Session, town: LoadReport, tmp_path: Path) -> None:
    import_rows(session, tmp_path, "shops", SHEETS["shops"])
    subdistrict_id = town.loaded.stored.subdistrict_id
    open_change_set(session, "phone call", subdistrict_id=subdistrict_id)
    session.execute(text("UPDATE shop SET weight = 2 WHERE name = '理发店'"))
    choice = SheetChoice(None, SUBDISTRICT_CODE, "shops", "register")
    assert export_sheet(session, choice, tmp_path / "out.csv", changed_only=True).rows == 1
    lines = (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["商户名称", "理发店"]


def test_a_changed_count_of_persons_is_a_changed_row(session: Session, town: LoadReport, tmp_path: Path) -> None:
    import_rows(session, tmp_path, "household-counts", SHEETS["household-counts"])
    open_change_set(session, "phone call", subdistrict_id=town.loaded.stored.subdistrict_id)
    session.execute(text("UPDATE population_count SET persons = 102 WHERE persons = 101"))
    choice = SheetChoice(None, SUBDISTRICT_CODE, "household-counts", "register")
    assert export_sheet(session, choice, tmp_path / "out.csv", changed_only=True).rows == 1
    assert "102" in (tmp_path / "out.csv").read_text("utf-8-sig")


def test_residents_leave_masked_without_a_recipient(session: Session, tmp_path: Path) -> None:
    run = import_rows(session, tmp_path, "residents", [ZHANG, LI])
    written = export_sheet(session, SheetChoice(run.run_id), tmp_path / "out.xlsx")
    rows = read_book(tmp_path / "out.xlsx")[1]
    assert (written.masked, rows[1][:3]) == (True, ["张**", "**************002X", "*******8000"])
    assert (rows[0][-1], rows[1][-1]) == ("服务类别", None)
    assert (tmp_path / "out.xlsx").stat().st_mode & 0o077 == 0


def test_incidents_about_persons_leave_encrypted_only(session: Session, tmp_path: Path) -> None:
    rows = [SHEETS["incidents"][0], {**SHEETS["incidents"][0], "工单编号": "WH-0009", "事件小类": "hardship"}]
    run = import_rows(session, tmp_path, "incidents", rows)
    written = export_sheet(session, SheetChoice(run.run_id), tmp_path / "out.xlsx")
    assert (written.rows, written.left_out) == (1, 1)
    assert [row[0] for row in read_book(tmp_path / "out.xlsx")[1]] == ["工单编号", "WH-0001"]


def test_an_export_is_in_the_audit(session: Session, tmp_path: Path) -> None:
    run = import_rows(session, tmp_path, "shops", SHEETS["shops"])
    export_sheet(session, SheetChoice(run.run_id), tmp_path / "out.xlsx")
    newest = text("SELECT details - 'rows' FROM audit WHERE action = 'export' ORDER BY id DESC LIMIT 1")
    expected = {"page": "sheet", "kind": "shops", "masked": False, "encrypted": False}
    assert session.scalar(newest) == expected


@pytest.mark.parametrize(
    ("choice", "name", "reason"),
    [
        (SheetChoice(999_999), "out.xlsx", "no such import"),
        (SheetChoice(None, SUBDISTRICT_CODE, "shops", "nobody"), "out.xlsx", "no such import"),
        (SheetChoice(999_999), "out.ods", "name it .xlsx or .csv"),
    ],
)
def test_what_cannot_be_exported_says_why(
    session: Session, tmp_path: Path, choice: SheetChoice, name: str, reason: str
) -> None:
    with pytest.raises(NotPossible, match=reason):
        export_sheet(session, choice, tmp_path / name)
