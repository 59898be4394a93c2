"""A subdistrict without persons in Chromium: pages of every role, from 360 to 1440 px, in both languages."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize

from gridmap.app import create_app
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.fixtures.people.counted_town import CountedTown, load_counted_town
from tests.fixtures.subdistricts import PASSWORD, app_settings
from tests.fixtures.web_app import close_databases

pytestmark = pytest.mark.full
OVERVIEW = f"/subdistricts/{SUBDISTRICT_CODE}"
TABLET: ViewportSize = {"width": 1024, "height": 768}
VISITS = {
    "planner": (OVERVIEW, "/grids/{grid}", "/planner"),
    "leader": (OVERVIEW, f"/heat/{SUBDISTRICT_CODE}", "/grids/{grid}"),
    "worker": ("/my-grid", "/my-grid/buildings/1"),
    "station": ("/residents", "/homes", "/grids/{grid}"),
}


@pytest.fixture(scope="module")
def town(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountedTown]:
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(home))
        yield load_counted_town(module_database_url, home)


@pytest.fixture(scope="module")
def app(town: CountedTown) -> Iterator[Flask]:
    application = create_app(app_settings(town.owner_url))
    yield application
    close_databases(application)


def look(page: Page, name: str) -> None:
    """Check that the page is not wider than the screen; keep its picture where a folder is named."""
    page.wait_for_load_state("networkidle")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    if folder := os.environ.get("GRIDMAP_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"counts-{name}.png", full_page=True)


@pytest.mark.parametrize(("viewport", "language"), [(PHONE, "zh-CN"), (TABLET, "zh-CN"), (DESKTOP, "en")])
@pytest.mark.parametrize("role", VISITS)
def test_pages_say_what_figures_rest_on(
    app: Flask, open_page: OpenPage, town: CountedTown, role: str, viewport: ViewportSize, language: str
) -> None:
    page = open_page(app, "/sign-in", viewport, locale=language)
    page.locator("#name").fill(f"own-{role}")
    page.locator("#password").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main form button:not([type=button])").last.click()
    for path in VISITS[role]:
        page.goto(path.format(grid=town.own_grid))
        look(page, f"{role}-{path.split('/')[1]}-{viewport['width']}")
    text = page.inner_text("main")
    assert ("按统计数" if language == "zh-CN" else "by counts of buildings") in text or role in {"planner", "worker"}
