"""Columns chosen by the user: read again, remembered for the source; files that are no sheet of the kind."""

from tests.fixtures.web_app import submit_form
from tests.web.imports.conftest import Town, Wizard, count

HEADERS = ("甲", "乙", "小区", "楼号")
ROW = ("便民超市", "x", "东湖花园", "1")


def choose(wizard: Wizard, draft: str, **fields: str) -> int:
    answer = submit_form(wizard.client, draft, f"{draft}/columns", version=wizard.version(draft), **fields)
    if answer.status_code == 303:
        assert wizard.work() == ["done"]
    return int(answer.status_code)


def test_a_sheet_with_unknown_headers_says_so_and_offers_its_columns(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ROW], headers=HEADERS, kind="shops")
    page = wizard.page(draft)
    assert "The file cannot be read as this kind" in page
    assert "--column" not in page
    assert '<option value="=甲">甲</option>' in page
    assert choose(wizard, draft, column_name="=甲") == 303
    page = wizard.page(draft)
    assert "1 rows, header in row 1" in page
    assert "CSV · UTF-8" in page
    assert "BOM says UTF-8" in page
    assert "chosen" in page
    wizard.apply(draft)
    assert wizard.work() == ["done"]
    assert count(town, "shop", "name = '便民超市'") == 1


def test_chosen_columns_are_remembered_for_the_source(wizard: Wizard) -> None:
    first = wizard.upload([ROW], headers=HEADERS, kind="shops")
    choose(wizard, first, column_name="=甲")
    wizard.apply(first)
    wizard.work()
    again = wizard.upload([ROW, ("理发店", "y", "东湖花园", "2")], headers=HEADERS, kind="shops", request_key="again")
    assert "2 rows, header in row 1" in wizard.page(again)
    other = wizard.upload([ROW], headers=HEADERS, kind="shops", source="另一来源", request_key="other")
    assert "The file cannot be read as this kind" in wizard.page(other)


def test_a_column_can_be_left_out(wizard: Wizard, town: Town) -> None:
    headers = ("姓名", "出生年份", "电话", "小区", "楼号", "房号")
    draft = wizard.upload([("张三", "1980", "not a phone", "东湖花园", "1", "1")], headers=headers)
    assert "is no phone number" in wizard.page(draft)
    choose(wizard, draft, column_phone="none")
    assert "is no phone number" not in wizard.page(draft)
    wizard.apply(draft)
    assert wizard.work() == ["done"]


def test_an_unknown_header_or_encoding_is_refused(wizard: Wizard, town: Town) -> None:
    draft = wizard.upload([ROW], headers=HEADERS, kind="shops")
    assert choose(wizard, draft, column_name="=nothing") == 422
    assert choose(wizard, draft, column_name="=甲", encoding="klingon") == 303
    assert "no encoding has this name" in wizard.page(draft)
    assert count(town, "shop") == 0


def test_a_file_that_is_no_sheet_says_so(wizard: Wizard, town: Town) -> None:
    answer = wizard.send(b"%PDF-1.7\n" + bytes(500), "scan.xlsx")
    wizard.work()
    page = wizard.page(answer.location)
    assert "The file cannot be read as this kind" in page
    assert "Correct the file and upload it again" in page
    assert "Choose other columns" not in page
