"""The roster in Chromium: a community is staffed by hand, from 360 to 1440 px, in both languages."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.browser.test_sign_in import STATUS_CONSOLE_MESSAGE
from tests.days import day_from_now
from tests.fixtures import web_app
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql, subdistricts

__all__ = ["subdistricts"]
OpenSignedIn = Callable[..., Page]
TABLET: ViewportSize = {"width": 1024, "height": 768}
LINES = (
    "INSERT INTO service_line (subdistrict_id, key, name_zh, name_en) SELECT id, 'order', '综治维稳', 'Public order'"
    " FROM subdistrict ON CONFLICT DO NOTHING"
)
EMPTY = "DELETE FROM account_scope WHERE leave_id IS NOT NULL; DELETE FROM leave; DELETE FROM duty; DELETE FROM worker"


@pytest.fixture
def app(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Flask]:
    execute_sql(filled_database, f"{EMPTY}; {LINES}")
    yield from web_app.open_application(filled_database)


@pytest.fixture
def open_as(app: Flask, open_page: OpenPage, guard: PageGuard) -> Iterator[OpenSignedIn]:
    """Return a function that signs in with a role and opens a page."""

    def open_signed_in(role: str, path: str, viewport: ViewportSize, language: str) -> Page:
        scheme = "dark" if viewport is TABLET else "light"
        page = open_page(app, f"/sign-in?next={path}", viewport, locale=language, color_scheme=scheme)
        page.locator("#name").fill(f"east-{role}")
        page.locator("#password").fill(PASSWORD)
        submit(page, "main form")
        return page

    yield open_signed_in
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


def look(page: Page, name: str) -> None:
    """Check that the page is not wider than the screen; keep its picture where a folder is named."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    if folder := os.environ.get("GRIDMAP_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"roster-{name}.png", full_page=True)


def submit(page: Page, form: str) -> None:
    with page.expect_navigation():
        page.locator(f"{form} button:not([type=button])").last.click()


def add_person(page: Page, name: str, phone: str) -> None:
    page.goto("/roster")
    with page.expect_navigation():
        page.locator("main .page-head a.button").click()
    page.locator("#name").fill(name)
    page.locator("#office_phone").fill(phone)
    submit(page, "main form.card")


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("viewport", "language"), [(PHONE, "zh-CN"), (TABLET, "en"), (DESKTOP, "zh-CN")], ids=["phone", "tablet", "desk"]
)
def test_a_station_staffs_its_grids_and_enters_a_leave(
    open_as: OpenSignedIn, viewport: ViewportSize, language: str
) -> None:
    page = open_as("station", "/roster", viewport, language)
    name = f"{viewport['width']}-{language}"
    expect(page.locator("[data-vacant]")).to_have_count(2)
    look(page, f"empty-{name}")
    add_person(page, "王芳", "13800138000")
    expect(page.locator("#is_office_phone")).to_be_visible()
    look(page, f"private-phone-{name}")
    page.locator("#office_phone").fill("0813-1234567")
    submit(page, "main form.card")
    add_person(page, "李强", "0813-1234568")
    with page.expect_navigation():
        page.locator("[data-vacant] a").first.click()
    page.locator("#worker_id").select_option(label="王芳")
    look(page, f"grid-{name}")
    submit(page, "#give form")
    expect(page.locator("[data-vacant]")).to_have_count(1)
    with page.expect_navigation():
        page.locator("[data-worker] a", has_text="王芳").click()
    page.locator("#line-line_of_work").select_option("order")
    submit(page, "form[action$=lines]")
    look(page, f"person-{name}")
    with page.expect_navigation():
        page.locator("main .page-head a.button").click()
    page.locator("#first").fill(day_from_now(0).isoformat())
    page.locator("#last").fill(day_from_now(6).isoformat())
    page.locator("#substitute_id").select_option(label="李强")
    look(page, f"leave-{name}")
    submit(page, "main form.card")
    page.goto("/roster")
    row = page.locator('[data-grid="east11"]')
    expect(row).to_contain_text("王芳")
    expect(row).to_contain_text("李强")
    look(page, f"community-{name}")
