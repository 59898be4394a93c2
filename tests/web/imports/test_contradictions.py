"""Contradictions with another source: both values side by side, decided row by row or all at once, then imported."""

import re

import pytest

from tests.fixtures.web_app import submit_form
from tests.web.imports.conftest import LI, ZHANG, Town, Wizard, count

MOVED_PHONE = (*ZHANG[:2], "13900139000", *ZHANG[3:])
RENAMED = ("李虹", *LI[1:])


@pytest.fixture
def draft(wizard: Wizard) -> str:
    """Return a sheet of another source with another phone of one resident, and another name of a second one."""
    wizard.apply(wizard.upload([ZHANG, LI], source="派出所"))
    wizard.work()
    return wizard.upload([MOVED_PHONE, RENAMED], source="物业")


def decide(wizard: Wizard, draft: str, **fields: str) -> str:
    url = f"{draft}/contradictions"
    answer = submit_form(wizard.client, url, version=wizard.version(url), **fields)
    assert answer.status_code == 303
    return wizard.page(draft)


def row_ids(wizard: Wizard, draft: str) -> list[str]:
    return re.findall(r'data-contradiction="([^"]+)"', wizard.page(f"{draft}/contradictions"))


def test_both_values_are_shown_with_source_and_day_and_masked(wizard: Wizard, draft: str) -> None:
    page = wizard.page(f"{draft}/contradictions")
    for expected in ("派出所 · 2", "物业 · 2", "*******8000", "*******9000", "李**", "1号楼 501 1949"):
        assert expected in page
    for value in ("13800138000", "13900139000", "李红", "李虹", "张小明"):
        assert value not in page


def test_undecided_rows_stay_as_they_are(wizard: Wizard, draft: str) -> None:
    assert "Undecided, which stay as they are: 2" in wizard.page(draft)
    assert wizard.apply(draft).status_code == 422


def test_a_taken_row_is_imported_and_a_kept_one_is_not(wizard: Wizard, town: Town, draft: str) -> None:
    phone_row, name_row = row_ids(wizard, draft)
    page = decide(wizard, draft, **{f"decision-{phone_row}": "keep", f"decision-{name_row}": "take"})
    assert "Take the sheet&#39;s values: 1. Keep the present ones: 1. Undecided, which stay as they are: 0" in page
    wizard.apply(draft)
    assert wizard.work() == ["done"]
    assert count(town, "resident", "name = '李虹'") == 1
    assert count(town, "import_run", "counts ->> 'changed' = '1'") == 1
    assert "Changed" in wizard.page(draft)


def test_one_button_decides_all(wizard: Wizard, town: Town, draft: str) -> None:
    assert "Keep the present ones: 2" in decide(wizard, draft, all="keep")
    assert wizard.apply(draft).status_code == 422
    assert "Take the sheet&#39;s values: 2" in decide(wizard, draft, all="take")
    wizard.apply(draft)
    assert wizard.work() == ["done"]
    assert count(town, "resident", "name = '李虹'") == 1


def test_decisions_of_an_older_version_are_refused_and_shown_again(wizard: Wizard, draft: str) -> None:
    url = f"{draft}/contradictions"
    stale = wizard.version(url)
    first, second = row_ids(wizard, draft)
    decide(wizard, draft, all="keep")
    answer = submit_form(wizard.client, url, version=stale, **{f"decision-{second}": "take"})
    assert answer.status_code == 409
    assert "changed in another window" in answer.text
    checked = re.findall(r'name="decision-([^"]+)" value="(\w+)"\s+checked', answer.text)
    assert checked == [(second, "take")]
    assert first != second


def test_keys_of_other_rows_are_not_decided(wizard: Wizard, town: Town, draft: str) -> None:
    decide(wizard, draft, **{"decision-resident-999999": "take"})
    assert count(town, "import_draft", "decisions = '{}'") >= 1


def test_a_sheet_without_contradictions_has_no_such_page(wizard: Wizard) -> None:
    draft = wizard.upload([ZHANG])
    assert wizard.client.get(f"{draft}/contradictions").status_code == 404
