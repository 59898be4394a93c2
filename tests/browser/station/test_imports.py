"""Residents with bad rows in a browser: upload, columns, faults as a file, import of the good rows, undo."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.browser.test_residents import assert_fits
from tests.fixtures.subdistricts import PASSWORD
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.imports.conftest import (
    LI,
    ZHANG,
    Town,
    Wizard,
    app,
    count,
    loaded,
    open_client,
    reading_in_process,
    town,
    wizard,
    write_csv,
)

__all__ = ["app", "loaded", "open_client", "reading_in_process", "town", "wizard"]
ROWS, BAD_ROWS = 100, 3
IS_SCROLLED_SIDEWAYS = """() => [...document.querySelectorAll(".table-frame")]
  .some((each) => each.scrollWidth > each.clientWidth)"""
SURNAMES = "王李张刘陈杨赵黄周吴"
WORDS = {
    "en": ("Import a sheet", "Upload and compare", "Import", "Undo this import"),
    "zh-CN": ("导入表格", "上传并比对", "导入表格", "撤销本次导入"),
}


@pytest.fixture
def guard(guard: PageGuard) -> Iterator[PageGuard]:
    """Accept the console message of an answer that refuses."""
    yield guard
    guard.problems[:] = [each for each in guard.problems if "the server responded with a status of" not in each]


def register() -> bytes:
    """Return a register of a hundred residents, three of whom live in a building that does not exist."""
    rows = [("居民登记表", "", "", "", ""), ("居民姓名", "出生日期", "所属小区", "楼栋", "房间号")]
    for n in range(ROWS):
        building = "99" if n < BAD_ROWS else f"{n % 4 + 1}号楼"
        rows.append((f"{SURNAMES[n % 10]}小{n}", str(1940 + n % 60), "东湖花园", building, str(101 + n)))
    return write_csv(rows)


def finish_job(page: Page, owner_url: str) -> None:
    """Do the job whose progress the page shows, and wait for its result."""
    page.wait_for_url("**/jobs/*")
    assert [end.outcome for end in run_waiting_jobs(owner_url)] == ["done"]
    expect(page.locator("#job")).to_have_count(0, timeout=15_000)


@pytest.mark.parametrize(
    ("viewport", "language"), [(DESKTOP, "en"), pytest.param(PHONE, "zh-CN", marks=pytest.mark.full)]
)
def test_residents_with_bad_rows_are_imported_and_undone(
    town: Town, open_page: OpenPage, request: pytest.FixtureRequest, viewport: ViewportSize, language: str
) -> None:
    page = open_page(request.getfixturevalue("app"), "/sign-in?next=/imports", viewport, locale=language)
    page.locator("#name").fill("station")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    upload_sheet(page, language)
    finish_job(page, town.owner_url)
    page.wait_for_url("**/imports/drafts/*")
    expect(page.locator("#changes dd").first).to_have_text(str(ROWS - BAD_ROWS))
    assert_fits(page)
    with page.expect_download() as download:
        page.locator("#faults a[download]").click()
    assert "错误原因" in download.value.suggested_filename
    assert download.value.path().read_text("utf-8-sig").count("99") >= BAD_ROWS
    page.locator("#apply form button").click()
    expect(page.locator(".alert.warning")).to_be_visible()
    page.locator("label[for=apply-good_rows_only]").click()
    page.locator("#apply form button").click()
    finish_job(page, town.owner_url)
    page.wait_for_url("**/imports/runs/*")
    assert count(town, "resident") == ROWS - BAD_ROWS
    assert_fits(page)
    page.locator("#undo button").click()
    finish_job(page, town.owner_url)
    expect(page.locator("#undo")).to_have_count(0)
    assert count(town, "resident") == 0


def test_the_button_that_takes_all_decides_all_contradictions(app: Flask, open_page: OpenPage, wizard: Wizard) -> None:
    wizard.apply(wizard.upload([ZHANG, LI], source="派出所"))
    wizard.work()
    draft = wizard.upload([(*ZHANG[:2], "13900139000", *ZHANG[3:]), ("李虹", *LI[1:])], source="物业")
    page = open_page(app, f"/sign-in?next={draft}/contradictions", PHONE, locale="zh-CN")
    page.locator("#name").fill("station")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    assert_fits(page)
    page.get_by_role("button", name="全部采用表格内容").click()
    expect(page.locator("#contradictions")).to_contain_text("采用表格：2")
    assert_fits(page)
    assert not page.evaluate(IS_SCROLLED_SIDEWAYS)


def upload_sheet(page: Page, language: str) -> None:
    """Fill in the form of the upload and send it."""
    link, button, *_ = WORDS[language]
    page.locator("main").get_by_role("link", name=re.compile(link)).click()
    page.locator("#kind").select_option("residents")
    page.locator("#source").fill("社区花名册")
    page.locator("#file").set_input_files({"name": "名册.csv", "mimeType": "text/csv", "buffer": register()})
    assert_fits(page)
    page.get_by_role("button", name=button).click()
