"""Sheets of incidents and their categories: classes, packed months, times, places, and the accounts that import."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import NotPossible
from gridmap.core.vocabulary import CaseAction
from gridmap.services.cases import steps
from gridmap.services.cases.steps import StepRequest
from gridmap.services.imports.load_report import LoadReport
from gridmap.services.imports.sheets.run import apply_import, prepare_import
from gridmap.services.imports.sheets.undo import undo_import
from gridmap.store import incident_months
from gridmap.store.writes.change_sets import open_change_set
from tests.fixtures.callers import caller_of
from tests.services.imports.sheets.conftest import Apply, OpenAccount, Prepare, Rows, request_of
from tests.store.table_snapshot import changed_tables, snapshot_tables

LAMP: dict[str, object] = {
    "工单编号": "WH-0001",
    "事件小类": "路灯不亮",
    "发生时间": "2026-05-01 08:30",
    "办结时间": "2026-05-02 10:00",
    "详细地址": "东湖花园1号楼",
}
OPEN_LAMP: dict[str, object] = {**LAMP, "办结时间": "", "办理状态": "办理中"}
HARDSHIP: dict[str, object] = {**LAMP, "工单编号": "WH-0002", "事件小类": "hardship"}
CATEGORY: dict[str, object] = {"大类": "市政设施", "小类": "健身器材损坏", "分级": "公开类"}


def reasons(prepare: Prepare, kind: str, *rows: dict[str, object]) -> dict[int, str]:
    return prepare(kind, list(rows)).reasons("en")


def stored(session: Session, columns: str, number: str = "WH-0001") -> tuple[object, ...]:
    row = session.execute(text(f"SELECT {columns} FROM incident WHERE number = :number"), {"number": number}).one()
    return tuple(row)


def test_an_incident_has_the_class_of_its_category_and_the_place_of_its_building(
    session: Session, apply: Apply
) -> None:
    apply("incidents", [LAMP, HARDSHIP])
    columns = "category, access_class, status, channel, occurred_at::text, cell_id IS NOT NULL, building_id IS NOT NULL"
    row = ("street_lamp", "ordinary", "closed", "file", "2026-05-01 08:30:00+08", True, True)
    assert stored(session, columns) == row
    assert stored(session, "access_class", "WH-0002") == ("personal",)


def test_packed_months_follow_an_import_and_its_undo(session: Session, apply: Apply) -> None:
    connection = session.connection()
    incident_months.pack_changed(connection)
    packed = text("SELECT sum(length(days)) / 2 FROM incident_month")
    before = session.scalar(packed) or 0
    run = apply("incidents", [LAMP, HARDSHIP])
    assert incident_months.list_differences(connection) == []
    incident_months.pack_changed(connection)
    assert session.scalar(packed) == before + 1
    undo_import(session, OWNER, run.run_id)
    incident_months.pack_changed(connection)
    assert (session.scalar(packed) or 0) == before


def test_a_published_period_gets_no_incident_later(session: Session, apply: Apply) -> None:
    """Counts are published by the day of entry, so an old incident is entered today."""
    apply("incidents", [HARDSHIP])
    assert stored(session, "reported_at = now()", "WH-0002") == (True,)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"事件小类": "渔船"}, "there is no category 渔船"),
        (
            {"事件小类": "hardship"},
            "the incident is stored in another class than that of 困难家庭求助",
        ),
        ({"办结时间": "2026-05-01 08:29"}, "it was closed before it happened"),
        ({"发生时间": "2999-01-01"}, "发生时间 is still to come"),
        ({"发生时间": "01/05/2026"}, "发生时间 is no time such as 2026-03-01 08:30"),
        ({"办结时间": "", "办理状态": "已办结"}, "it is closed: fill in 办结时间"),
        ({"办理状态": "办理中"}, "it has 办结时间, but 办理状态 says that it is not closed"),
        ({"详细地址": "东湖花园9号楼"}, "no building is found for 东湖花园9号楼"),
    ],
)
def test_a_row_with_a_fault_says_why(prepare: Prepare, apply: Apply, changed: dict[str, object], reason: str) -> None:
    apply("incidents", [LAMP])
    assert reason in reasons(prepare, "incidents", {**LAMP, **changed})[2]


def test_a_sensitive_incident_needs_a_legal_basis(session: Session, prepare: Prepare) -> None:
    session.execute(text("UPDATE incident_category SET legal_basis = NULL, access_class = 'sensitive'"))
    assert "is sensitive and has no legal basis" in reasons(prepare, "incidents", LAMP)[2]


def test_the_same_number_twice_is_a_fault(prepare: Prepare) -> None:
    assert reasons(prepare, "incidents", LAMP, LAMP) == {3: "the same number is in row 2 already"}


def test_a_changed_incident_is_updated_in_its_class(session: Session, prepare: Prepare, apply: Apply) -> None:
    apply("incidents", [LAMP])
    changed = {**LAMP, "事件小类": "井盖破损或缺失", "发生时间": "2026-05-03 07:00", "办结时间": "2026-05-04"}
    preview = prepare("incidents", [{**changed, "详细地址": "东湖花园3号楼"}])
    assert [each.fields for each in preview.plan.differences] == [("category", "occurred_at", "closed_at", "address")]
    apply_import(preview)
    assert stored(session, "category, closed_at::date::text") == ("manhole_cover", "2026-05-04")


def test_an_incident_that_is_open_again_is_changed(session: Session, apply: Apply) -> None:
    apply("incidents", [LAMP])
    assert apply("incidents", [{**LAMP, "办结时间": "", "办理状态": "办理中"}]).counts["changed"] == 1
    assert stored(session, "status, closed_at") == ("open", None)


def test_a_sheet_without_closing_counts_every_incident_as_closed(session: Session, apply: Apply) -> None:
    apply("incidents", [{name: value for name, value in LAMP.items() if name != "办结时间"}])
    assert stored(session, "status, closed_at = occurred_at") == ("closed", True)


def test_a_new_category_of_a_sheet_takes_incidents(session: Session, prepare: Prepare, apply: Apply) -> None:
    apply("incident-categories", [{**CATEGORY, "国标代码": "0104"}], "分类标准")
    apply("incidents", [{**LAMP, "事件小类": "0104"}])
    assert stored(session, "category, access_class") == ("健身器材损坏", "ordinary")
    row = session.execute(text("SELECT source, main_category FROM incident_category WHERE key = '健身器材损坏'")).one()
    assert tuple(row) == ("分类标准", "facilities")


def test_a_category_without_a_class_is_personal_and_needs_its_grounds(prepare: Prepare) -> None:
    found = reasons(prepare, "incident-categories", {"小类": "继承纠纷"})
    assert found == {2: "incidents about persons need a purpose"}


def test_the_class_of_a_stored_category_stays(session: Session, prepare: Prepare, apply: Apply) -> None:
    rows: Rows = [{"小类": "路灯不亮", "分级": "个人类", "英文名称": "Broken street lamp"}]
    assert "its class stays as it is" in reasons(prepare, "incident-categories", *rows)[2]
    apply("incident-categories", rows, takes_contradictions=True)
    row = session.execute(text("SELECT access_class, name_en FROM incident_category WHERE key = 'street_lamp'")).one()
    assert tuple(row) == ("ordinary", "Broken street lamp")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"大类": "海事"}, "there is no main category 海事; there are: 市政设施、"),
        ({"条线": "海事"}, "there is no service line 海事; there are: 党的建设、"),
        ({"小类代码": "fitness", "小类": "路灯不亮"}, "路灯不亮 is the name or key of another category"),
    ],
)
def test_a_category_with_a_fault_says_why(prepare: Prepare, changed: dict[str, object], reason: str) -> None:
    assert reason in reasons(prepare, "incident-categories", {**CATEGORY, **changed})[2]


def test_a_station_of_the_subdistrict_imports_updates_and_undoes(open_account: OpenAccount, tmp_path: Path) -> None:
    session = open_account("station")
    caller = caller_of(session)
    apply_import(prepare_import(session, caller, request_of(tmp_path, "incidents", [LAMP, HARDSHIP])))
    moved = {**LAMP, "详细地址": "东湖花园3号楼"}
    run = apply_import(prepare_import(session, caller, request_of(tmp_path, "incidents", [moved, HARDSHIP])))
    assert (run.counts["changed"], run.counts["unchanged"]) == (1, 1)
    undo_import(session, caller, run.run_id)
    again = prepare_import(session, caller, request_of(tmp_path, "incidents", [LAMP, HARDSHIP]))
    assert again.counts()["unchanged"] == 2


def take_note(session: Session, number: str) -> None:
    """Take a step of the case of an incident, as the station."""
    (incident_id,) = stored(session, "id", number)
    request = StepRequest(int(str(incident_id)), 1, CaseAction.NOTE, text="called back")
    steps.take_step(session, caller_of(session), request)


def test_an_import_whose_cases_were_handled_since_stays_and_says_which(
    open_account: OpenAccount, tmp_path: Path
) -> None:
    session = open_account("station")
    caller = caller_of(session)
    second = {**OPEN_LAMP, "工单编号": "WH-0002"}
    handled = apply_import(prepare_import(session, caller, request_of(tmp_path, "incidents", [OPEN_LAMP, second])))
    other = {**OPEN_LAMP, "工单编号": "WH-0003"}
    untouched = apply_import(prepare_import(session, caller, request_of(tmp_path, "incidents", [other])))
    for number in ("WH-0001", "WH-0002"):
        take_note(session, number)
    with pytest.raises(NotPossible, match=r"handled since \(WH-0001、WH-0002\). Import corrected rows"):
        undo_import(session, caller, handled.run_id)
    undo_import(session, caller, untouched.run_id)
    left = session.scalars(text("SELECT number FROM incident WHERE number LIKE 'WH-%' ORDER BY 1")).all()
    assert left == ["WH-0001", "WH-0002"]


def test_a_case_that_was_handled_before_does_not_keep_a_later_sheet(open_account: OpenAccount, tmp_path: Path) -> None:
    session = open_account("station")
    caller = caller_of(session)
    apply_import(prepare_import(session, caller, request_of(tmp_path, "incidents", [OPEN_LAMP])))
    take_note(session, "WH-0001")
    moved = {**OPEN_LAMP, "详细地址": "东湖花园3号楼"}
    run = apply_import(prepare_import(session, caller, request_of(tmp_path, "incidents", [moved])))
    undo_import(session, caller, run.run_id)
    assert prepare_import(session, caller, request_of(tmp_path, "incidents", [OPEN_LAMP])).counts()["unchanged"] == 1


def case_of(session: Session, number: str = "WH-0001") -> tuple[str, str | None]:
    """Return the state of an incident's case, and the number of the incident that it repeats."""
    query = (
        "SELECT c.state, o.number FROM incident_case c JOIN incident i ON i.id = c.incident_id"
        " LEFT JOIN incident o ON o.id = c.duplicate_of WHERE i.number = :number"
    )
    state, other = session.execute(text(query), {"number": number}).one()
    return state, other


def set_case(session: Session, columns: str) -> None:
    """Set columns of the case of WH-0001 as if steps had led there."""
    of_lamp = "incident_id = (SELECT id FROM incident WHERE number = 'WH-0001')"
    session.execute(text(f"UPDATE incident_case SET {columns} WHERE {of_lamp}"))


@pytest.mark.parametrize("state", ["received", "accepted"])
def test_a_case_that_a_sheet_closed_has_its_state_again_after_the_undo(
    session: Session, apply: Apply, state: str
) -> None:
    apply("incidents", [OPEN_LAMP])
    set_case(session, f"state = '{state}'")
    run = apply("incidents", [LAMP])
    assert case_of(session) == ("closed", None)
    undo_import(session, OWNER, run.run_id)
    assert case_of(session) == (state, None)


def test_a_duplicate_that_a_sheet_reopened_is_a_duplicate_again_after_the_undo(session: Session, apply: Apply) -> None:
    apply("incidents", [LAMP, {**LAMP, "工单编号": "WH-0002"}])
    set_case(session, "state = 'duplicate', duplicate_of = (SELECT id FROM incident WHERE number = 'WH-0002')")
    run = apply("incidents", [OPEN_LAMP])
    assert case_of(session) == ("received", None)
    undo_import(session, OWNER, run.run_id)
    assert case_of(session) == ("duplicate", "WH-0002")


def test_each_of_two_sheets_that_are_undone_gives_back_its_own_state(session: Session, apply: Apply) -> None:
    apply("incidents", [OPEN_LAMP])
    set_case(session, "state = 'accepted'")
    runs = [apply("incidents", [lamp]) for lamp in (LAMP, OPEN_LAMP)]
    assert case_of(session) == ("received", None)
    undo_import(session, OWNER, runs[1].run_id)
    assert case_of(session) == ("closed", None)
    undo_import(session, OWNER, runs[0].run_id)
    assert case_of(session) == ("accepted", None)


def test_a_category_that_has_another_class_by_now_keeps_the_import(
    session: Session, apply: Apply, town: LoadReport
) -> None:
    """An incident keeps its class, so it cannot have a category of another class again."""
    apply("incidents", [LAMP])
    run = apply("incidents", [{**LAMP, "事件小类": "井盖破损或缺失"}])
    open_change_set(session, "later", subdistrict_id=town.loaded.stored.subdistrict_id)
    session.execute(text("UPDATE incident_category SET access_class = 'personal' WHERE key = 'street_lamp'"))
    before = snapshot_tables(session)
    with pytest.raises(NotPossible, match=r"contradict newer entries \(incidents\)"):
        undo_import(session, OWNER, run.run_id)
    assert changed_tables(before, snapshot_tables(session)) == []


def test_an_administrator_imports_categories(open_account: OpenAccount, tmp_path: Path) -> None:
    session = open_account("admin")
    request = request_of(tmp_path, "incident-categories", [CATEGORY])
    apply_import(prepare_import(session, caller_of(session), request))
    assert prepare_import(session, caller_of(session), request).counts()["unchanged"] == 1


@pytest.mark.parametrize(
    ("name", "kind"),
    [("neighbour", "incidents"), ("planner", "incidents"), ("leader", "incidents"), ("station", "incident-categories")],
)
def test_others_import_neither(open_account: OpenAccount, tmp_path: Path, name: str, kind: str) -> None:
    session = open_account(name)
    rows: Rows = [LAMP] if kind == "incidents" else [CATEGORY]
    with pytest.raises(PermissionError):
        prepare_import(session, caller_of(session), request_of(tmp_path, kind, rows))
