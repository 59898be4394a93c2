"""Today's grids by file in a browser: the draft on the map, a row that is touched, and a discard that asks first."""

import re
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.station.test_imports import app, finish_job, loaded, open_client, reading_in_process, town
from tests.browser.test_residents import assert_fits
from tests.fixtures.subdistricts import PASSWORD
from tests.fixtures.town_package import box, draw_grids
from tests.web.imports.conftest import Town, count

__all__ = ["app", "loaded", "open_client", "reading_in_process", "town"]
MAP_READY = "#map[data-load-status=ready]"


@pytest.mark.parametrize(
    ("viewport", "language"), [(DESKTOP, "en"), pytest.param(PHONE, "zh-CN", marks=pytest.mark.full)]
)
def test_grids_are_shown_on_the_map_before_they_are_imported_or_discarded(
    town: Town, app: Flask, open_page: OpenPage, tmp_path: Path, viewport: ViewportSize, language: str
) -> None:
    path = tmp_path / "网格图.gpkg"
    draw_grids(box(0, 0, 200, 100), box(0, 100, 200, 100), box(230, 90, 9, 9)).to_file(path, layer="grids")
    page = open_page(app, "/sign-in?next=/imports/new", viewport, locale=language)
    page.locator("#name").fill("planner")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    page.locator("#kind").select_option("grids")
    page.locator("#source").fill("网格中心")
    page.locator("#file").set_input_files(path)
    page.locator("form button.button").first.click()
    finish_job(page, town.owner_url)
    page.wait_for_url("**/imports/drafts/*")
    expect(page.locator(MAP_READY)).to_have_count(1)
    assert_fits(page)
    page.locator("#map .map").click()
    expect(page.locator("[data-row-status]")).to_have_text(re.compile(r"Row \d: New|第 \d 行：新增"))
    page.locator("#discard summary").click()
    page.locator("#discard button").click()
    page.wait_for_url("**/imports")
    assert count(town, "import_draft", "upload_id IS NOT NULL") == 0
