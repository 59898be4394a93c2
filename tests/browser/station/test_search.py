"""The search in Chromium: opened by a key, used by letters and initials, from 360 to 1440 px."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.fixtures import web_app
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql, subdistricts
from tests.web.search.test_search import PLACES, UNDO

__all__ = ["subdistricts"]


@pytest.fixture
def app(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Flask]:
    execute_sql(filled_database, f"{UNDO}; {PLACES}")
    yield from web_app.open_application(filled_database)


@pytest.mark.parametrize(("viewport", "language"), [(PHONE, "zh-CN"), (DESKTOP, "zh-CN")], ids=["phone", "desk"])
def test_a_key_opens_the_search_and_enter_finds(
    app: Flask, open_page: OpenPage, viewport: ViewportSize, language: str
) -> None:
    page = open_page(app, "/sign-in?next=/homes", viewport, locale=language)
    page.locator("#name").fill("east-station")
    page.locator("#password").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").click()
    page.locator("h1").click()
    with page.expect_navigation():
        page.keyboard.press("/")
    expect(page.locator("#query")).to_be_focused()
    page.keyboard.type("jxhy")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("[data-kind=building] a")).to_contain_text("锦绣花园3栋")
    assert "jxhy" not in page.url
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    if folder := os.environ.get("GRIDMAP_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"search-{viewport['width']}.png", full_page=True)
