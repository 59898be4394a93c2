"""Sheets of counts of service groups: a column for each group of the subdistrict, by name, key or another header."""

import io

import openpyxl
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import DifferenceKind
from gridmap.services.imports.drafts.contradictions import list_contradictions
from gridmap.services.imports.drafts.uploads import write_kind_template
from tests.fixtures.callers import caller_of
from tests.services.imports.sheets.conftest import Apply, OpenAccount, Prepare

KIND = "service-group-counts"
STORED = """
SELECT b.name, g.key, c.persons FROM service_group_count c JOIN building b ON b.id = c.building_id
    JOIN service_group g ON g.id = c.service_group_id ORDER BY b.name, g.id
"""


def row(number: str, **cells: object) -> dict[str, object]:
    return {"小区": "东湖花园", "楼号": number, **cells}


def stored(session: Session) -> list[tuple[object, ...]]:
    return [tuple(each) for each in session.execute(text(STORED))]


def test_groups_are_columns_by_name_and_key_and_an_empty_cell_is_no_count(session: Session, apply: Apply) -> None:
    run = apply(KIND, [row("1", 低保对象=3, veteran=""), row("2", 低保对象="", veteran=0)])
    assert run.counts["new"] == 2
    assert stored(session) == [("1号楼", "minimum_allowance", 3), ("2号楼", "veteran", 0)]


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"低保对象": 1, "残疾人": 2}, "the service group 残疾人 is sensitive and has no legal basis"),
        (
            {"低保对象": ""},
            "no number is given: a column has the name of a service group of the subdistrict, such as 低保",
        ),
        ({"低保对象": -1}, "低保对象"),
    ],
)
def test_a_row_with_a_group_that_is_off_or_without_a_count_is_a_fault(
    prepare: Prepare, cells: dict[str, object], reason: str
) -> None:
    preview = prepare(KIND, [row("1", **cells)])
    assert preview.bad_rows == {0}
    assert reason in preview.reasons("en")[2]


def test_each_count_of_another_source_is_a_contradiction_of_its_own(prepare: Prepare, apply: Apply) -> None:
    apply(KIND, [row("1", 低保对象=3, 退役军人=5, 志愿者=1)])
    preview = prepare(KIND, [row("1", 低保对象=4, 退役军人=6, 志愿者=1)], "police")
    assert preview.plan.count() == {DifferenceKind.CONTRADICTION: 2}
    shown = [(each.title, each.fields[0].title, each.fields[0].present) for each in list_contradictions(preview)]
    assert [(title, present) for _, title, present in shown] == [("低保对象", "3"), ("退役军人", "5")]
    assert all(building for building, _, _ in shown)


def test_the_template_has_the_groups_in_use_only(open_account: OpenAccount) -> None:
    session = open_account("station")
    _, content = write_kind_template(session, caller_of(session), KIND, "en")
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    headers = [cell.value for cell in page[1]]
    assert {"楼栋编码", "统计日期", "低保对象"} <= set(headers)
    assert "残疾人" not in headers
