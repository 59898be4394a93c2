"""Buildings in a browser: a planner draws one on the map, saves it once, recounts it and enters its demolition."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import create_engine, text

from gridmap.app import create_app
from gridmap.store.session import Database
from tests.browser.conftest import PHONE, OpenPage
from tests.fixtures.subdistricts import PASSWORD, app_settings, password_hash
from tests.fixtures.web_app import close_databases
from tests.services.land.land_town import WEST_CODE, LandTown, load_land_town

MAP_READY = "#map[data-load-status=ready]"


@pytest.fixture(scope="module")
def town(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LandTown:
    loaded = load_land_town(module_database_url, tmp_path_factory.mktemp("town"))
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        change = text("UPDATE credential SET password_hash = :hash, must_change = false")
        session.execute(change, {"hash": password_hash()})
    database.close()
    return loaded


@pytest.fixture
def app(town: LandTown) -> Iterator[Flask]:
    opened = create_app(app_settings(town.url))
    yield opened
    close_databases(opened)


@pytest.mark.parametrize("viewport", [PHONE])
def test_a_building_is_drawn_saved_recounted_and_demolished(
    open_page: OpenPage, app: Flask, town: LandTown, viewport: dict[str, int]
) -> None:
    list_path = f"/planner/communities/{town.communities[WEST_CODE]}/buildings"
    page = open_page(app, f"/sign-in?next={list_path}", viewport=viewport)
    page.locator("#name").fill("planner")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    page.get_by_role("link", name="Land").click()
    expect(page.get_by_role("heading", name="First land")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Add a building").click()
    page.wait_for_selector(MAP_READY)
    box = page.locator("#map .map").bounding_box()
    assert box
    middle = box["width"] / 2, box["height"] / 2
    for dx, dy in ((-12, -8), (12, -8), (12, 8)):
        page.locator("#map .map").click(position={"x": middle[0] + dx, "y": middle[1] + dy})
    expect(page.locator("[data-draw-status]")).to_have_text("A footprint.")
    page.get_by_role("button", name="Remove the last corner").click()
    expect(page.locator("[data-draw-status]")).to_have_text("One more corner makes the footprint.")
    page.locator("#map .map").click(position={"x": middle[0] + 12, "y": middle[1] + 8})
    page.get_by_label("Building code").fill("n1")
    page.get_by_label("Built on").fill("2026-05-01")
    page.get_by_label("Households").fill("30")
    page.get_by_label("Source").fill("walk")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="n1 is added")).to_be_visible()
    counts = page.locator("#counts")
    counts.get_by_label("Households", exact=True).fill("33")
    counts.get_by_label("Source").fill("walk")
    counts.get_by_role("button").click()
    expect(page.locator("#counts tbody")).to_contain_text("33")
    page.get_by_role("button", name="Enter as demolished").click()
    expect(page.locator("#demolition")).to_contain_text("Earlier dates still show it.")
    with create_engine(town.url).connect() as owner:
        row = owner.execute(text("SELECT count(*), min(ST_NPoints(geometry)) FROM building WHERE code = 'n1'")).one()
    assert tuple(row) == (1, 4)
