"""Steps of people of an office in the browser: sign in, accounts, norm, phones, imports, the roster by hand."""

import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, OpenPage
from tests.browser.station.office_sheets import OfficeSheet
from tests.fixtures.subdistricts import PASSWORD

JOB_TIMEOUT_MS = 240_000
"""Longest time for a job; reading and comparing a large register on a busy machine takes a minute."""
PAGE_TIMEOUT_MS = 60_000


def submit(page: Page, form: str) -> None:
    """Send a form by its last button, and wait for the next page."""
    with page.expect_navigation():
        page.locator(f"{form} button:not([type=button])").last.click()


def submit_with_password(page: Page, form: str) -> None:
    """Send a form that changes rights; where the session requires it, enter the password again."""
    submit(page, form)
    if page.locator("#own_password").count():
        page.locator("#own_password").fill(PASSWORD)
        submit(page, "main form")


def keep_picture(page: Page, name: str) -> None:
    """Check that the page is not wider than the screen; keep its picture where a folder is named."""
    page.wait_for_load_state("networkidle")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), name
    if folder := os.environ.get("GRIDMAP_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@dataclass
class OfficeBrowser:
    """Browsers of the people of an office, one for each account.

    Parameters
    ----------
    app : Flask
    open_page : OpenPage
    language : str
    pages : dict of str to Page
        Signed-in pages by account.
    """

    app: Flask
    open_page: OpenPage
    language: str
    pages: dict[str, Page] = field(default_factory=dict)

    def sign_in(self, name: str, one_time_password: str) -> Page:
        """Sign in for the first time, and choose a password."""
        page = self.open_page(self.app, "/sign-in", DESKTOP, locale=self.language)
        page.set_default_timeout(PAGE_TIMEOUT_MS)
        page.locator("#name").fill(name)
        page.locator("#password").fill(one_time_password)
        submit(page, "main form")
        page.locator("#current_password").fill(one_time_password)
        page.locator("#password").fill(PASSWORD)
        page.locator("#repeat_password").fill(PASSWORD)
        submit(page, "main form")
        self.pages[name] = page
        return page

    def create_account(self, name: str, role: str, community: str = "") -> Page:
        """Let the administrator create an account; sign in with its one-time password."""
        admin = self.pages["admin"]
        admin.goto("/admin/accounts/new")
        admin.locator("#display_name").fill(name)
        admin.locator("#name").fill(name)
        admin.locator("#role").select_option(role)
        admin.locator("#community").select_option(label=community) if community else None
        submit_with_password(admin, "main form.card")
        return self.sign_in(name, admin.locator("strong.code").inner_text())

    def visit(self, account: str, path: str, viewport: ViewportSize = DESKTOP, *, picture: str = "") -> Page:
        """Open a page with an account, in the size of a screen."""
        page = self.pages[account]
        page.set_viewport_size(viewport)
        page.goto(path)
        keep_picture(page, f"{picture or account}-{path.strip('/').replace('/', '-')}-{viewport['width']}")
        return page


def enter_norm(page: Page, document: str, today: str) -> None:
    """Enter 300 to 500 households for the whole subdistrict."""
    page.goto("/norms")
    with page.expect_navigation():
        page.locator("main table a").first.click()
    page.locator("#minimum").fill("300")
    page.locator("#maximum").fill("500")
    page.locator("#source").fill(document)
    page.locator("#source_date").fill(today)
    submit(page, "#new-norm form")
    expect(page.locator("[data-current]")).to_contain_text("300–500")


def enter_phone(page: Page, path: str, phone: str) -> None:
    """Enter a phone on its page."""
    page.goto(path)
    page.locator("#phone").fill(phone)
    submit(page, "main form.card")


def list_headers(page: Page, kind: str) -> list[str]:
    """Return the headers of the template of a kind."""
    page.goto("/imports/new")
    with page.expect_download() as download:
        page.locator(f"a[download][href$='/{kind}']").click()
    return [str(value) for value in read_workbook(download.value.path())[0]]


def read_workbook(path: Path) -> list[tuple[Any, ...]]:
    """Return the rows of the first sheet of a workbook."""
    workbook = openpyxl.load_workbook(io.BytesIO(path.read_bytes()), read_only=True)
    return list(workbook.worksheets[0].iter_rows(values_only=True))


def upload_sheet(page: Page, kind: str, source: str, path: Path) -> None:
    """Upload a sheet and wait until the runner has compared it."""
    page.goto("/imports")
    with page.expect_navigation():
        page.locator("main .page-head a.button").click()
    page.locator("#kind").select_option(kind)
    page.locator("#source").fill(source)
    page.locator("#file").set_input_files(path)
    page.locator("form.card button:not([type=button])").last.click()
    page.wait_for_url("**/imports/drafts/*", timeout=JOB_TIMEOUT_MS)


def read_counts(page: Page) -> list[int]:
    """Return the numbers of the comparison: new, changed, contradicting, gone, unchanged, with faults."""
    shown = page.locator("dl.import-counts dd").all_inner_texts()
    return [int(text.replace(",", "").replace(" ", "")) for text in shown]


def import_draft(page: Page, *, good_rows_only: bool = False) -> list[int]:
    """Import the draft that the page shows; return the numbers of the result."""
    if good_rows_only:
        page.locator("label[for=apply-good_rows_only]").click()
    page.locator("#apply form button").click()
    page.wait_for_url("**/imports/runs/*", timeout=JOB_TIMEOUT_MS)
    return read_counts(page)


def read_marked_rows(page: Page) -> dict[int, str]:
    """Download the marked sheet; return the reasons by row."""
    with page.expect_download() as download:
        page.locator("#faults a[download]").click()
    assert "错误原因" in download.value.suggested_filename
    headers, *rows = read_workbook(download.value.path())
    column = headers.index("错误原因")
    return {number: str(row[column]) for number, row in enumerate(rows, 2) if row[column]}


def import_and_correct(page: Page, kind: str, source: str, sheet: OfficeSheet, folder: Path) -> None:
    """Import the good rows of a sheet, look at the reasons of the others, and send the corrected sheet again."""
    assert set(sheet.headers) <= set(list_headers(page, kind))
    upload_sheet(page, kind, source, sheet.write(folder / f"{kind}.xlsx"))
    good = len(sheet.rows) - len(sheet.faults)
    assert read_counts(page) == [good, 0, 0, 0, 0, len(sheet.faults)]
    keep_picture(page, f"draft-{kind}")
    reasons = read_marked_rows(page)
    assert sorted(reasons) == sorted(sheet.faults)
    assert [row for row, word in sheet.faults.items() if word not in reasons[row]] == []
    assert import_draft(page, good_rows_only=True)[0] == good
    upload_sheet(page, kind, source, sheet.write(folder / f"{kind}-2.xlsx", corrected=True))
    assert read_counts(page) == [len(sheet.corrected) - good, 0, 0, 0, good, 0]
    import_draft(page)
    with page.expect_navigation():
        page.locator("main section.card p a.button").click()
    expect(page.locator("main table, main .map-frame").first).to_be_visible()


def staff_by_hand(page: Page, grid_code: str, name: str, phone: str) -> None:
    """Add a person to the roster of the community of a vacant grid, and put the person in charge of it."""
    page.goto("/roster")
    if page.locator(f"[data-grid='{grid_code}']").count() == 0:
        _open_community(page, lambda: page.locator(f"[data-vacant='{grid_code}']").count() > 0)
    community_url = page.url
    with page.expect_navigation():
        page.locator("main .page-head a.button").click()
    page.locator("#name").fill(name)
    page.locator("#office_phone").fill(phone)
    submit(page, "main form.card")
    assert page.url.startswith(community_url)
    with page.expect_navigation():
        page.locator(f"[data-vacant='{grid_code}'] a").first.click()
    page.locator("#worker_id").select_option(label=name)
    submit(page, "#give form")
    expect(page.locator(f"[data-grid='{grid_code}']")).to_contain_text(name)


def _open_community(page: Page, is_found: Callable[[], bool]) -> None:
    """Open the communities of the roster one by one until the one that is looked for is found."""
    links = page.locator("main table th a").evaluate_all("(found) => found.map((each) => each.href)")
    for link in links:
        page.goto(link)
        if is_found():
            return
    raise AssertionError("no community has the grid")
