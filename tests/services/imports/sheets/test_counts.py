"""Sheets of counts: households, persons and persons of 60 and older by building."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.services.imports.drafts.contradictions import list_contradictions
from gridmap.services.imports.drafts.preview import fingerprint_preview
from gridmap.services.imports.sheets.run import apply_import, prepare_import
from tests.services.imports.sheets.conftest import Apply, Prepare

STORED = """
SELECT b.name, c.kind, c.persons, c.source FROM population_count c JOIN building b ON b.id = c.building_id
ORDER BY b.name, c.kind
"""
ESTATE = "东湖花园"


def row(number: str, **cells: object) -> dict[str, object]:
    return {"小区": ESTATE, "楼号": number, **{name.removeprefix("_"): value for name, value in cells.items()}}


def stored(session: Session) -> list[tuple[Any, ...]]:
    return [tuple(each) for each in session.execute(text(STORED))]


def test_one_sheet_holds_households_and_persons(session: Session, apply: Apply) -> None:
    run = apply("household-counts", [row("1", 户数=40, 人口=101, _60岁以上=25), row("2", 人口=90)])
    assert run.counts["new"] == 2
    assert stored(session) == [
        ("1号楼", "residents", 101, "register"),
        ("1号楼", "residents_60", 25, "register"),
        ("2号楼", "residents", 90, "register"),
    ]


def test_a_count_of_the_same_day_is_corrected(session: Session, prepare: Prepare, apply: Apply) -> None:
    apply("household-counts", [row("1", 人口=101), row("2", 人口=90)])
    assert prepare("household-counts", [row("1", 人口=102), row("2", 人口=90)]).counts()["changed"] == 1
    apply("household-counts", [row("1", 人口=102), row("2", 人口=90)])
    assert [persons for _, _, persons, _ in stored(session)] == [102, 90]


def test_a_count_of_another_source_contradicts(prepare: Prepare, apply: Apply) -> None:
    apply("household-counts", [row("1", 户数=40, 人口=101)])
    preview = prepare("household-counts", [row("1", 户数=40, 人口=99)], "police")
    assert preview.counts()["contradiction"] == 1
    assert preview.reasons("zh_CN")[2].startswith("人口")


HOUSEHOLDS, RESIDENTS, OLD = "household_count-900001", "population_count-900001", "population_count-900002"


@pytest.mark.parametrize(
    ("taken", "after"),
    [
        ((HOUSEHOLDS,), (41, 101, 25)),
        ((RESIDENTS,), (40, 99, 25)),
        ((RESIDENTS, OLD), (40, 99, 20)),
        ((HOUSEHOLDS, RESIDENTS, OLD), (41, 99, 20)),
    ],
)
def test_a_decision_is_about_one_table_where_two_have_the_same_keys(
    session: Session, prepare: Prepare, apply: Apply, taken: tuple[str, ...], after: tuple[int, int, int]
) -> None:
    for table in ("household_count", "population_count"):
        session.execute(text(f"ALTER TABLE {table} ALTER COLUMN id RESTART WITH 900001"))
    apply("household-counts", [row("1", 户数=40, 人口=101, _60岁以上=25)])
    undecided = prepare("household-counts", [row("1", 户数=41, 人口=99, _60岁以上=20)], "police")
    shown = {
        each.key: [(one.title, one.present, one.offered) for one in each.fields]
        for each in list_contradictions(undecided)
    }
    assert shown == {
        HOUSEHOLDS: [("户数", "40", "41")],
        RESIDENTS: [("人口", "101", "99")],
        OLD: [("60岁以上", "25", "20")],
    }
    decided = prepare_import(session, OWNER, replace(undecided.request, taken_keys=frozenset(taken)))
    assert fingerprint_preview(decided) == fingerprint_preview(undecided)
    apply_import(decided)
    counted = session.scalar(text("SELECT households FROM household_count WHERE id = 900001"))
    assert (counted, *(persons for _, _, persons, _ in stored(session))) == after


@pytest.mark.parametrize(("part", "faults"), [(101, 0), (102, 1)])
def test_no_more_persons_are_60_than_there_are(prepare: Prepare, part: int, faults: int) -> None:
    assert len(prepare("household-counts", [row("1", 人口=101, _60岁以上=part)]).bad_rows) == faults


def test_a_row_without_a_number_is_a_fault(prepare: Prepare) -> None:
    preview = prepare("household-counts", [row("1", 人口=101), row("2")])
    assert preview.bad_rows == {1}


def test_a_building_is_counted_once_a_day(prepare: Prepare) -> None:
    preview = prepare("household-counts", [row("1", 户数=40, 人口=101), row("1号楼", 户数=40, 人口=101)])
    assert len(preview.problems) == 1


def test_a_mixture_of_kinds_is_a_warning_that_names_column_and_rows(prepare: Prepare) -> None:
    rows = [row("1", 户数=40), row("2", 户数=30), row("3", 户数=20, 户数类型="房屋套数")]
    mixed = prepare("household-counts", rows)
    (warning,) = [str(each.message) for each in mixed.problems if each.field == "count_kind"]
    assert warning.startswith("户数类型 is 房屋套数 here and 常住户 in 2 rows")
    assert "rows with 房屋套数: 4" in warning
    assert not mixed.bad_rows
    both = prepare("household-counts", [*rows[:2], row("1", 户数=50, 户数类型="房屋套数")])
    assert [each for each in both.problems if each.field == "count_kind"] == []
