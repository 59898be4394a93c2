"""Places in a browser: a station touches the map on a phone, or takes its middle by keys, and corrects the place."""

from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_residents import OpenSignedIn, app, assert_fits, open_as, subdistricts
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql
from tests.web.homes.test_homes import fetch

__all__ = ["app", "open_as", "subdistricts"]
MAP_READY = "#map[data-load-status=ready]"


def choose_values(page: Page) -> None:
    page.locator("[name=kind]").select_option("street_lamp")
    page.locator("[name=name]").fill("lamp 7")
    page.locator("[name=source]").fill("walk")


def stored(database: FilledDatabase) -> list[tuple[Any, ...]]:
    return fetch(database, "SELECT kind, name, cell_id IS NOT NULL, count(*) OVER () FROM facility")


@pytest.mark.parametrize(("viewport", "language"), [(PHONE, "zh-CN"), (DESKTOP, "en")])
def test_a_place_is_touched_on_the_map_and_moved_by_keys(
    open_as: OpenSignedIn,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    *,
    viewport: ViewportSize,
    language: str,
) -> None:
    execute_sql(filled_database, "DELETE FROM facility")
    community = subdistricts["east"].community_id
    page = open_as("station", f"/places/communities/{community}/new", viewport, language)
    page.wait_for_selector(MAP_READY)
    box = page.locator("#map .map").bounding_box()
    assert box
    page.locator("#map .map").click(position={"x": box["width"] / 2 + 9, "y": box["height"] / 2 + 7})
    touched = page.locator("[name=shape]").input_value()
    assert touched.count(",") == 1
    choose_values(page)
    assert_fits(page)
    with page.expect_navigation():
        page.locator("main form[method=post] .buttons button").click()
    assert stored(filled_database) == [("street_lamp", "lamp 7", True, 1)]
    page.locator("[data-place] a").click()
    page.wait_for_selector(MAP_READY)
    pane = page.locator("#map .leaflet-map-pane")
    before = pane.get_attribute("style") or ""
    page.locator("#map .leaflet-container").focus()
    page.keyboard.press("ArrowRight")
    expect(pane).not_to_have_attribute("style", before)
    page.locator("[data-place-centre]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[name=shape]")).not_to_have_value(touched)
    page.locator("form:has(#map) [name=source]").fill("walk")
    assert_fits(page)
    with page.expect_navigation():
        page.locator("form:has(#map) .buttons button").last.click()
    expect(page.locator("main")).to_contain_text("lamp 7")
    assert stored(filled_database)[0][3] == 1
