"""Sheets into a town: new, changed and missing rows, contradictions, faults with candidates, and undo."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import NotPossible
from gridmap.formats.sheets.kinds import SHEET_KINDS
from gridmap.services.imports.sheets.run import (
    apply_import,
    list_imports,
    make_marked_sheet,
)
from gridmap.services.imports.sheets.undo import undo_import
from gridmap.store.schema import Dwelling, Grid, Household, Resident
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.services.imports.sheets.conftest import DAY, Apply, Prepare, Rows
from tests.store.table_snapshot import changed_tables, snapshot_tables

ZHANG: dict[str, object] = {
    "姓名": "张小明",
    "身份证号": "11010519491231002X",
    "联系电话": "13800138000",
    "小区": "东湖花园",
    "楼号": "1栋",
    "单元": "2单元",
    "房号": "501",
    "服务类别": "低保对象、Veterans",
}
LI: dict[str, object] = {
    "姓名": "李红",
    "身份证号": "440524188001010014",
    "小区": "东湖花园",
    "楼号": "二号楼",
    "房号": "101室",
}
CHILD: dict[str, object] = {
    "姓名": "张小小",
    "出生年份": "2019",
    **{k: ZHANG[k] for k in ("小区", "楼号", "单元", "房号")},
}
SHOP: dict[str, object] = {"商户名称": "便民超市", "小区": "东湖花园", "楼号": "3"}
GRID = "420106001001001"
SHEETS: dict[str, Rows] = {
    "resident-groups": [
        {"街道": "水果湖街道", "社区": "水果湖社区", "居民小组": "第一居民小组"},
        {"街道": "420106001", "社区": "420106001002", "居民小组": "第一居民小组"},
    ],
    "buildings": [
        {"楼栋编码": "b1", "地址": "东湖路1号", "用途": "住宅"},
        {"小区": "东湖花园", "楼号": "二号楼", "用途": "商业"},
    ],
    "residents": [ZHANG, LI, CHILD],
    "workers": [
        {"社区": "水果湖社区", "姓名": "王强", "办公电话": "027-87650000", "网格编码": GRID, "是否网格长": "是"},
        {"社区": "放鹰台社区", "姓名": "李丽", "办公电话": "027-87650001"},
    ],
    "dwellings": [
        {"详细地址": "东湖花园1号楼1单元101", "户别": "常住户", "楼层": 1},
        {"详细地址": "东湖花园1号楼1单元102", "户别": ""},
    ],
    "shops": [SHOP, {"商户名称": "理发店", "小区": "东湖花园", "楼号": "4号楼"}],
    "organisations": [{"单位名称": "志愿者协会", "单位类型": "志愿者组织", "小区": "东湖花园", "楼号": "1"}],
    "facilities": [{"设施类型": "卫生服务站", "小区": "东湖花园", "楼号": "1", "建筑面积": 320, "权属": "自有"}],
    "household-counts": [
        {"小区": "东湖花园", "楼号": "1", "户数": 77},
        {"小区": "东湖花园", "楼号": "1", "户数": 80, "户数类型": "房屋套数"},
        {"小区": "东湖花园", "楼号": "2", "户数": 40, "人口": 101, "60岁以上": 25},
        {"小区": "东湖花园", "楼号": "3", "人口": 90},
    ],
    "service-group-counts": [
        {"小区": "东湖花园", "楼号": "1", "低保对象": 3, "独居老人人数": 5},
        {"小区": "东湖花园", "楼号": "2", "低保对象": 0},
    ],
    "incident-categories": [
        {"大类": "市政设施", "小类": "健身器材损坏", "分级": "公开类", "条线": "物业管理"},
        {"大类": "矛盾纠纷", "小类": "家庭纠纷调解", "处理目的": "调解", "法律依据": "《人民调解法》第二十一条"},
    ],
    "incidents": [
        {"工单编号": "WH-0001", "事件小类": "路灯不亮", "发生时间": "2026-05-01 08:30", "详细地址": "东湖花园1号楼"},
        {"工单编号": "WH-0002", "事件小类": "parking", "发生时间": "2026-05-02", "详细地址": "东湖花园3号楼101"},
    ],
}
LATER: dict[str, dict[str, object]] = {
    "resident-groups": {"居民小组": "第二居民小组"},
    "buildings": {"用途": "办公"},
    "workers": {"办公电话": "027-87650009", "网格编码": "", "是否网格长": ""},
    "dwellings": {"楼层": 2},
    "residents": {"联系电话": "13900139000", "楼号": "3号楼"},
    "shops": {"折算户数": 2},
    "organisations": {"单位类型": "驻区单位"},
    "facilities": {"建筑面积": 300},
    "household-counts": {"户数": 78},
    "service-group-counts": {"低保对象": 4},
    "incident-categories": {"英文名称": "Broken gym equipment"},
    "incidents": {"发生时间": "2026-05-03 09:00", "详细地址": "东湖花园2号楼", "来源渠道": "热线"},
}
"""Values of the first row in the sheet of the next month."""
AUDITED = {"import_run", "audit"}
"""Tables that an undo leaves as they are: the record of the import, and the audit of categories."""


def counts(prepare: Prepare, kind: str, rows: Rows, source: str = "register") -> dict[str, int]:
    found = prepare(kind, rows, source).counts()
    return {name: number for name, number in found.items() if number}


@pytest.mark.parametrize("kind", SHEETS)
def test_a_sheet_is_new_and_then_unchanged(prepare: Prepare, apply: Apply, kind: str) -> None:
    assert counts(prepare, kind, SHEETS[kind]) == {"changed" if kind == "buildings" else "new": len(SHEETS[kind])}
    apply(kind, SHEETS[kind])
    assert counts(prepare, kind, SHEETS[kind]) == {"unchanged": len(SHEETS[kind])}
    with pytest.raises(NotPossible, match="changes nothing"):
        apply(kind, SHEETS[kind])


@pytest.mark.parametrize("kind", SHEETS)
def test_undo_restores_every_row_of_every_table(session: Session, apply: Apply, kind: str) -> None:
    before = snapshot_tables(session)
    run = apply(kind, SHEETS[kind])
    assert changed_tables(before, snapshot_tables(session))
    undo_import(session, OWNER, run.run_id)
    assert set(changed_tables(before, snapshot_tables(session))) <= AUDITED
    with pytest.raises(NotPossible, match="undone already"):
        undo_import(session, OWNER, run.run_id)


@pytest.mark.parametrize("kind", SHEETS)
def test_undo_of_the_next_sheet_restores_every_row_of_every_table(session: Session, apply: Apply, kind: str) -> None:
    """The first row changes, the last one no longer appears."""
    apply(kind, SHEETS[kind])
    before = snapshot_tables(session)
    rows = [{**SHEETS[kind][0], **LATER[kind]}, *SHEETS[kind][1:-1]]
    run = apply(kind, rows, end_gone=True, takes_contradictions=True)
    assert set(changed_tables(before, snapshot_tables(session))) - AUDITED
    undo_import(session, OWNER, run.run_id)
    assert set(changed_tables(before, snapshot_tables(session))) <= AUDITED


def test_every_kind_has_a_sheet_and_a_later_one() -> None:
    assert set(SHEETS) == set(LATER) == {name for name, kind in SHEET_KINDS.items() if kind.layer is None}


def test_undo_of_a_monthly_sheet_restores_changed_moved_and_ended_residents(session: Session, apply: Apply) -> None:
    apply("residents", SHEETS["residents"])
    session.execute(text("UPDATE resident SET valid = '[2026-01-01,)'"))
    before = snapshot_tables(session)
    moved = {**ZHANG, "楼号": "3号楼", "联系电话": "13900139000"}
    run = apply("residents", [moved, {**LI, "姓名": "李虹"}, {**CHILD, "楼号": "3号楼"}], end_gone=True)
    assert run.counts["changed"] == 2
    assert {"resident", "household"} <= set(changed_tables(before, snapshot_tables(session)))
    undo_import(session, OWNER, run.run_id)
    assert set(changed_tables(before, snapshot_tables(session))) <= {"import_run"}


def test_a_resident_gets_a_door_a_household_and_encrypted_numbers(session: Session, apply: Apply) -> None:
    apply("residents", [ZHANG, CHILD])
    residents = session.scalars(select(Resident).order_by(Resident.birth_year)).all()
    assert [(each.name, each.birth_year) for each in residents] == [("张小明", 1949), ("张小小", 2019)]
    assert len({each.household_id for each in residents}) == 1
    assert b"110105" not in (residents[0].id_number_encrypted or b"")
    household = session.get_one(Household, residents[0].household_id)
    dwelling = session.get_one(Dwelling, household.dwelling_id)
    assert (dwelling.number, household.kind, household.valid.lower) == ("501", "resident", DAY)


def test_a_person_who_moved_is_found_by_number_and_keeps_the_past(session: Session, apply: Apply) -> None:
    apply("residents", [ZHANG])
    session.execute(text("UPDATE resident SET valid = '[2026-01-01,)'"))
    apply("residents", [{**ZHANG, "楼号": "3号楼"}])
    rows = session.execute(
        text(
            "SELECT lower(r.valid), upper(r.valid), b.name FROM resident r JOIN household h ON h.id = r.household_id"
            " JOIN building b ON b.id = h.building_id ORDER BY r.id"
        )
    ).all()
    assert [tuple(row) for row in rows] == [(date(2026, 1, 1), DAY, "1号楼"), (DAY, None, "3号楼")]


def test_who_no_longer_appears_is_proposed_and_ends_only_when_accepted(
    session: Session, prepare: Prepare, apply: Apply
) -> None:
    apply("residents", [ZHANG, CHILD])
    assert counts(prepare, "residents", [ZHANG]) == {"unchanged": 1, "gone": 1}
    run = apply("residents", [ZHANG], end_gone=True)
    assert run.counts["ended"] == 1
    assert session.scalar(text("SELECT count(*) FROM resident WHERE upper_inf(valid)")) == 1


def test_a_sheet_with_a_fault_proposes_no_end(prepare: Prepare, apply: Apply) -> None:
    apply("residents", [ZHANG, CHILD])
    assert counts(prepare, "residents", [ZHANG, {**CHILD, "姓名": ""}]) == {"unchanged": 1, "faulty": 1}


def test_a_value_of_another_source_is_a_contradiction_until_somebody_decides(
    session: Session, prepare: Prepare, apply: Apply
) -> None:
    apply("residents", [ZHANG])
    apply("residents", [{**ZHANG, "联系电话": "13900139000"}], "phone call", takes_contradictions=True)
    preview = prepare("residents", [ZHANG, LI])
    assert {name: number for name, number in preview.counts().items() if number} == {"new": 1, "contradiction": 1}
    assert "联系电话" in preview.reasons("en")[2]
    apply_import(preview)
    assert counts(prepare, "residents", [{**ZHANG, "联系电话": "13900139000"}]) == {"unchanged": 1}


def test_an_import_that_something_stands_on_is_not_undone(session: Session, apply: Apply) -> None:
    first = apply("dwellings", SHEETS["dwellings"])
    apply("residents", [{"姓名": "王五", "出生年份": 1980, "详细地址": "东湖花园1号楼1单元101"}])
    with pytest.raises(NotPossible, match="other rows refer to 1 of its rows"):
        undo_import(session, OWNER, first.run_id)


def test_the_same_person_twice_is_a_fault(prepare: Prepare) -> None:
    preview = prepare("residents", [ZHANG, {**ZHANG, "房号": "502"}])
    assert preview.reasons("en") == {3: "the same person is in row 2 already"}


def test_a_person_may_be_registered_elsewhere(prepare: Prepare) -> None:
    assert counts(prepare, "residents", [ZHANG, {**ZHANG, "楼号": "2", "户别": "户籍户"}]) == {"new": 2}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (
            {**ZHANG, "楼号": "9号楼"},
            "no building is found for 东湖花园 9号楼; perhaps 东湖花园6号楼 (code b6, same estate)",
        ),
        ({**ZHANG, "小区": "东湖花圆"}, "perhaps 东湖花园1号楼 (code b1, similar address)"),
        ({**ZHANG, "小区": "", "楼号": ""}, "it has no place"),
        ({**ZHANG, "身份证号": "110105194912310021"}, "the last character should be X"),
    ],
)
def test_a_row_with_a_fault_says_what_to_do(prepare: Prepare, row: dict[str, object], reason: str) -> None:
    assert reason in prepare("residents", [row]).reasons("en")[2]


def test_good_rows_are_imported_only_if_that_is_accepted(session: Session, prepare: Prepare, apply: Apply) -> None:
    rows: Rows = [ZHANG, {**LI, "楼号": "99"}]
    with pytest.raises(NotPossible, match="1 rows have faults"):
        apply("residents", rows)
    assert session.scalar(text("SELECT count(*) FROM resident")) == 0
    assert apply("residents", rows, good_rows_only=True).counts["new"] == 1


def test_the_sheet_comes_back_with_the_reasons(prepare: Prepare) -> None:
    suffix, content = make_marked_sheet(prepare("residents", [ZHANG, {**LI, "姓名": ""}]), "zh_CN")
    lines = content.decode("utf-8-sig").splitlines()
    assert (suffix, lines[0].split(",")[-1], lines[1].split(",")[-1]) == (".csv", "错误原因", "")
    assert "姓名" in lines[2].split(",")[-1]


def test_doors_of_several_units_need_the_unit(prepare: Prepare, apply: Apply) -> None:
    apply("dwellings", [{"详细地址": f"东湖花园1号楼{unit}单元101"} for unit in (1, 2)])
    preview = prepare("residents", [{"姓名": "王五", "出生年份": 1980, "详细地址": "东湖花园1号楼101室"}])
    assert preview.reasons("en") == {2: "the building has several doors 101: fill in 单元"}


def test_headers_that_were_named_are_remembered_for_the_source(prepare: Prepare, session: Session) -> None:
    rows: Rows = [{"店": "便民超市", "小区": "东湖花园", "楼号": "3"}]
    apply_import(prepare("shops", rows, headers={"name": "店"}))
    assert counts(prepare, "shops", rows) == {"unchanged": 1}


def test_a_facility_stands_at_its_coordinates(prepare: Prepare, session: Session) -> None:
    point = session.execute(
        text("SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geometry) AS p FROM cell LIMIT 1) c")
    ).one()
    rows: Rows = [
        {"设施类型": "路灯", "经度": point[0], "纬度": point[1]},
        {"设施类型": "路灯", "经度": 100.0, "纬度": 30.0},
    ]
    preview = prepare("facilities", rows)
    assert preview.reasons("en") == {3: "the coordinates lie outside every community of the subdistrict"}
    apply_import(preview, good_rows_only=True)
    assert session.scalar(text("SELECT cell_id IS NOT NULL FROM facility")) is True


def test_workers_come_with_grids_and_a_warning_for_a_private_phone(
    prepare: Prepare, apply: Apply, session: Session
) -> None:
    grid = session.scalars(select(Grid.code).order_by(Grid.code)).first()
    community = session.execute(text("SELECT name FROM community ORDER BY code")).scalars().first()
    row: dict[str, object] = {
        "社区": community,
        "姓名": "王强",
        "办公电话": "13800138000",
        "网格编码": grid,
        "是否网格长": "是",
    }
    preview = prepare("workers", [row])
    assert "private mobile number" in preview.reasons("en")[2]
    before = snapshot_tables(session)
    run = apply("workers", [row])
    assert session.execute(text("SELECT in_charge FROM duty")).scalars().all() == [True]
    assert counts(prepare, "workers", [row]) == {"unchanged": 1}
    undo_import(session, OWNER, run.run_id)
    assert set(changed_tables(before, snapshot_tables(session))) <= {"import_run"}


def test_imports_are_listed(session: Session, apply: Apply) -> None:
    run = apply("shops", [SHOP])
    listed = list_imports(session, OWNER, SUBDISTRICT_CODE)
    assert [(each.id, each.kind, each.source, each.counts["new"]) for each in listed] == [
        (run.run_id, "shops", "register", 1)
    ]
