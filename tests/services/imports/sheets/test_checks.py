"""Checks of sheets: statistical codes, the subdistrict and community that rows name, and counts that contradict."""

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.services.imports.sheets.conftest import Apply, Prepare, Rows

PERSON: dict[str, object] = {"出生年份": 1980, "小区": "东湖花园", "楼号": "1", "房号": "501"}
GROUP: dict[str, object] = {"社区": "水果湖社区", "居民小组": "第一居民小组"}


def reasons(prepare: Prepare, kind: str, *rows: dict[str, object]) -> dict[int, str]:
    return prepare(kind, list(rows)).reasons("en")


def persons(count: int, **values: object) -> Rows:
    return [{"姓名": f"居民{n}", **PERSON, **values} for n in range(count)]


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("42010600100", "42010600100 has 11 digits: the code of a community has 12"),
        ("4201060010011", "4201060010011 has 13 digits: the code of a community has 12"),
        ("420107001001", "420107001001 begins with 420107001: codes of this subdistrict begin with 420106001"),
        ("42O106001001", "42O106001001 has letters among its digits: the code of a community has 12 digits"),
        ("420106001000", "420106001000 is the code of a subdistrict: that of a community does not end with 000"),
        ("420106001009", "no community has the code or name 420106001009; there are: 水果湖社区、放鹰台社区"),
    ],
)
@pytest.mark.parametrize("kind", ["resident-groups", "workers"])
def test_a_code_that_cannot_be_says_what_was_expected(prepare: Prepare, kind: str, code: str, reason: str) -> None:
    assert reason in reasons(prepare, kind, {**GROUP, "姓名": "王强", "社区": code})[2]


def test_a_wrong_code_beside_a_building_is_a_fault_and_an_unknown_name_a_warning(prepare: Prepare) -> None:
    shop: dict[str, object] = {"商户名称": "便民超市", "小区": "东湖花园", "楼号": "3"}
    preview = prepare("shops", [{**shop, "社区": "42010600100"}, {**shop, "楼号": "1", "社区": "东湖社区"}])
    assert preview.bad_rows == {0}
    assert preview.reasons("en")[3].startswith("no community has the code or name 东湖社区")


def test_another_community_than_that_of_the_building_is_a_warning(prepare: Prepare) -> None:
    rows: Rows = [
        {"商户名称": "便民超市", "小区": "东湖花园", "楼号": "1", "社区": name} for name in ("水果湖", "放鹰台")
    ]
    preview = prepare("shops", [rows[0], {**rows[1], "商户名称": "理发店"}])
    assert preview.reasons("en") == {3: "the sheet says 放鹰台, and the building is in 水果湖社区"}
    assert not preview.bad_rows


@pytest.mark.parametrize("name", ["420106001", "420106001000", "水果湖街道", "水果湖", "水果湖街道办事处"])
def test_the_own_subdistrict_is_named_in_any_way(prepare: Prepare, name: str) -> None:
    assert reasons(prepare, "resident-groups", {**GROUP, "街道": name}) == {}


def test_a_row_of_another_subdistrict_is_a_fault(prepare: Prepare) -> None:
    found = reasons(prepare, "resident-groups", {**GROUP, "街道": "珞珈山街道"})
    assert found == {2: "珞珈山街道 is another subdistrict than 420106001 水果湖街道, which the sheet is imported into"}


@pytest.mark.parametrize(
    ("count", "stated", "reason"),
    [
        (3, 3, {}),
        (2, 3, {2: "the household has 3 persons by 户内人数, and 2 rows of the sheet"}),
        (4, 3, {2: "the household has 3 persons by 户内人数, and 4 rows of the sheet"}),
        (3, "", {}),
    ],
)
def test_the_persons_of_a_household_are_compared_with_its_rows(
    prepare: Prepare, count: int, stated: object, reason: dict[int, str]
) -> None:
    preview = prepare("residents", persons(count, 户内人数=stated))
    assert (preview.reasons("en"), preview.bad_rows) == (reason, set())


def test_two_sizes_of_a_household_contradict(prepare: Prepare) -> None:
    rows = persons(2, 户内人数=2)
    rows[1]["户内人数"] = 3
    assert reasons(prepare, "residents", *rows) == {3: "户内人数 of this household is 3 here and 2 in row 2"}


@pytest.mark.parametrize(("stated", "is_warned"), [(1, True), (2, False), (3, True)])
def test_stated_dwellings_are_compared_with_those_of_the_building(
    prepare: Prepare, apply: Apply, stated: int, *, is_warned: bool
) -> None:
    apply("dwellings", [{"详细地址": f"东湖花园1号楼1单元10{n}"} for n in (1, 2)])
    row: dict[str, object] = {"小区": "东湖花园", "楼号": "1", "户数": stated, "户数类型": "房屋套数"}
    expected = {2: f"the sheet says {stated} dwellings, and the building has 2"} if is_warned else {}
    assert reasons(prepare, "household-counts", row) == expected


def test_listed_homes_are_compared_with_the_newest_counts(session: Session, prepare: Prepare, apply: Apply) -> None:
    session.execute(text("DELETE FROM household_count"))
    place: dict[str, object] = {"小区": "东湖花园", "楼号": "1"}
    apply("household-counts", [{**place, "户数": 5, "户数类型": "房屋套数"}, {**place, "户数": 1}])
    rows: Rows = [{**place, "房号": "101", "户别": "常住户"}, {**place, "房号": "102"}]
    found = reasons(prepare, "dwellings", *rows)
    assert found == {2: "the building has 2 dwellings with this sheet, and 5 by the count of 2026-06-30"}
