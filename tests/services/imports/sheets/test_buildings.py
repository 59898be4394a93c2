"""Sheets of buildings and resident groups: found by code or by words that fill gaps only; accounts that import."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.errors import NotPossible
from gridmap.services.imports.sheets.run import apply_import, prepare_import
from gridmap.services.imports.sheets.undo import undo_import
from tests.fixtures.callers import caller_of
from tests.services.imports.sheets.conftest import Apply, OpenAccount, Prepare, request_of

B1: dict[str, object] = {"楼栋编码": "b1"}


def stored(session: Session, code: str) -> tuple[object, ...]:
    row = session.execute(
        text(
            "SELECT e.name, b.name, b.address, b.use, b.levels FROM building b LEFT JOIN estate e ON e.id = b.estate_id"
            " WHERE b.code = :code"
        ),
        {"code": code},
    ).one()
    return tuple(row)


def test_a_code_gives_its_building_every_attribute(session: Session, apply: Apply) -> None:
    values = {"小区": "东湖花园", "楼号": "甲栋", "地址": "东湖路1号", "用途": "住宅", "层数": 7}
    apply("buildings", [{**B1, **values}], takes_contradictions=True)
    assert stored(session, "b1") == ("东湖花园", "甲栋", "东湖路1号", "住宅", 7.0)


def test_another_spelling_is_no_change(apply: Apply) -> None:
    with pytest.raises(NotPossible, match="changes nothing"):
        apply("buildings", [{**B1, "小区": "东湖花园", "楼号": "一栋", "层数": 6}])


def test_words_that_find_a_building_fill_in_gaps_only(session: Session, apply: Apply) -> None:
    apply("buildings", [{"小区": "东湖花园", "楼号": "1栋", "地址": "东湖路1号", "用途": "住宅"}])
    assert stored(session, "b1") == ("东湖花园", "1号楼", "东湖路1号", "住宅", 6.0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"楼栋编码": "b99", "用途": "住宅"}, "no building is found for b99"),
        ({**B1, "层数": 0}, "层数 is 0: fill in the storeys above ground"),
        (
            {**B1, "小区": "西湖花园"},
            "no building of the community belongs to an estate 西湖花园 yet; there are: 东湖",
        ),
    ],
)
def test_a_row_with_a_fault_says_why(prepare: Prepare, row: dict[str, object], reason: str) -> None:
    assert reason in prepare("buildings", [row]).reasons("en")[2]


def test_the_same_building_twice_is_a_fault(prepare: Prepare) -> None:
    rows = [{**B1, "用途": "住宅"}, {"小区": "东湖花园", "楼号": "1", "用途": "商业"}]
    assert prepare("buildings", rows).reasons("en") == {3: "the same building is in row 2 already"}


@pytest.mark.parametrize(
    ("name", "kind", "row"),
    [
        ("planner", "buildings", {**B1, "用途": "商业"}),
        ("neighbour", "resident-groups", {"社区": "水果湖社区", "居民小组": "第一居民小组"}),
    ],
)
def test_an_account_imports_and_undoes(
    open_account: OpenAccount, tmp_path: Path, name: str, kind: str, row: dict[str, object]
) -> None:
    session = open_account(name)
    request = request_of(tmp_path, kind, [row])
    run = apply_import(prepare_import(session, caller_of(session), request))
    assert prepare_import(session, caller_of(session), request).counts()["unchanged"] == 1
    undo_import(session, caller_of(session), run.run_id)
    assert prepare_import(session, caller_of(session), request).counts()["unchanged"] == 0
