"""Places on the map of a grid in a browser: switches, touch, zoom levels, and a grid with 2,000 places."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from gridmap.core.vocabulary import Role
from gridmap.services.accounts import sign_in
from gridmap.web import context
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.fixtures.grids.places import GRID_CELL, delete_places, insert_places
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import execute_sql, open_application

MAP_READY = "#map[data-load-status=ready]"
OpenAs = Callable[..., Page]
SYMBOLS = """() => {
  const symbols = [];
  map_overview.eachLayer((layer) => { if (layer.cluster) symbols.push(layer.cluster.map((each) => each.place.id)); });
  return symbols;
}"""
"""Places of each symbol on the map."""
POSITION = """([longitude, latitude, zoom]) => {
  map_overview.setView([latitude, longitude], zoom, { animate: false });
  const { x, y } = map_overview.latLngToContainerPoint([latitude, longitude]);
  const box = map_overview.getContainer().getBoundingClientRect();
  return [box.left + x, box.top + y];
}"""
"""Shows a point at a zoom level and returns its position on the screen."""
LAYOUT_MS = """() => {
  const times = [15, 19, 16, 17, 18].map((zoom) => {
    const start = performance.now();
    map_overview.setZoom(zoom, { animate: false });
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[2];
}"""
"""Median time of a change of zoom."""
CROWD = f"""
INSERT INTO facility (subdistrict_id, kind, name, cell_id, geometry, valid)
    SELECT c.subdistrict_id, (ARRAY['street_lamp', 'bin', 'manhole_cover', 'camera', 'health_station'])[1 + n % 5],
        CASE WHEN n % 5 = 4 THEN '卫生站' || n END, c.id,
        ST_SetSRID(ST_Point(106.0005 + (n % 50) * 0.00018, 29.001 + (n / 50) * 0.00045), 4326), '[2020-01-01,)'
    FROM ({GRID_CELL} WHERE g.code = 'east11') c, generate_series(0, 1999) AS n
"""


@pytest.fixture
def app(filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
    insert_places(filled_database)
    yield from open_application(filled_database)
    delete_places(filled_database)


@pytest.fixture
def open_as(app: Flask, open_page: OpenPage, filled_database: FilledDatabase) -> OpenAs:
    """Return a function that opens the page of the worker's grid, or another one, in a role."""
    grid_path = f"/grids/{filled_database.subdistricts['east'].grid_ids[0]}"

    def open_with_role(role: Role, viewport: ViewportSize = PHONE, path: str = grid_path, **options: object) -> Page:
        database = app.extensions[context.ACCOUNT_DATABASE_EXTENSION]
        account = sign_in.find_session_account(database, sign_in.sign_in(database, f"east-{role}", PASSWORD))
        app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: account
        page = open_page(app, path, viewport, **options)
        page.wait_for_selector(MAP_READY)
        return page

    return open_with_role


def show(page: Page, longitude: float, latitude: float, zoom: int) -> tuple[float, float]:
    x, y = page.evaluate(POSITION, [longitude, latitude, zoom])
    return float(x), float(y)


def symbol_sizes(page: Page) -> list[int]:
    """Return the numbers of places that the symbols on the map stand for."""
    return sorted(len(places) for places in page.evaluate(SYMBOLS))


def test_touched_symbols_name_their_places_as_text(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, PHONE, "/my-grid")
    page.mouse.click(*show(page, 106.005, 29.01, 18))
    card = page.locator(".place-info")
    expect(card.locator("li strong")).to_have_text(["晨光志愿服务队", "桥头警务室"])
    card.get_by_role("button").click()
    expect(card).to_be_hidden()
    page.mouse.click(*show(page, 106.002, 29.004, 18))
    expect(card.locator("strong")).to_have_text("渔船<b>码头</b>")
    assert page.locator(".place-info b, [data-places] b").count() == 0


def test_zoom_levels_and_switches_decide_which_places_are_shown(open_as: OpenAs) -> None:
    page = open_as(Role.STATION, DESKTOP, locale="zh-CN")
    group, name = page.locator("[data-layer-group=street_facilities]"), page.locator(".place-label", has_text="面馆")
    show(page, 106.006, 29.013, 16)
    assert symbol_sizes(page) == [1, 2]
    show(page, 106.004, 29.006, 17)
    assert symbol_sizes(page) == [1, 1, 1, 1, 2]
    expect(name).to_have_count(0)
    show(page, 106.004, 29.006, 18)
    expect(name).to_have_count(1)
    group.locator("[data-group]").uncheck()
    expect(group.locator("[data-layer=street_lamp]")).not_to_be_checked()
    assert symbol_sizes(page) == [1, 1, 2]
    page.locator("[data-layer=building]").uncheck()
    page.reload()
    page.wait_for_selector(MAP_READY)
    show(page, 106.006, 29.013, 17)
    expect(group.locator("[data-group]")).not_to_be_checked()
    expect(page.locator(".name-label")).to_have_count(0)
    assert symbol_sizes(page) == [1, 1, 2]


def test_the_overview_shows_places_when_asked(open_as: OpenAs) -> None:
    page = open_as(Role.LEADER, DESKTOP, "/subdistricts/east")
    page.locator("#places").check()
    legend = page.locator(".place-legend")
    expect(legend.locator("li span:not(.count)")).to_have_text(["Volunteers", "Police room", "渔船<b>码头</b>"])
    page.mouse.click(*show(page, 106.005, 29.01, 16))
    expect(page.locator(".place-info li strong")).to_have_text(["晨光志愿服务队", "桥头警务室"])
    legend.locator("[data-layer=volunteers]").uncheck()
    assert symbol_sizes(page) == [1, 1]
    page.locator("#places").uncheck()
    expect(legend).to_be_hidden()
    assert symbol_sizes(page) == []


def test_a_grid_with_2000_places_stays_legible_and_quick(open_as: OpenAs, filled_database: FilledDatabase) -> None:
    execute_sql(filled_database, CROWD)
    page = open_as(Role.WORKER, PHONE, "/my-grid", locale="zh-CN")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.locator(".layers > summary").click()
    expect(page.locator("[data-layer=street_lamp] ~ .count")).to_have_text("402")
    assert page.evaluate(LAYOUT_MS) < 400
    show(page, 106.005, 29.01, 15)
    assert sum(symbol_sizes(page)) == 402
    assert len(symbol_sizes(page)) < 300
    show(page, 106.005, 29.01, 20)
    assert sum(symbol_sizes(page)) == 2006
