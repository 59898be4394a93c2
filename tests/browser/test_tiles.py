"""Buildings on the overview's map, from vector tiles, in a browser."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Guard
from tests.browser.test_overview import Look, app, look

__all__ = ["app", "look"]
DRAWN = "canvas[data-buildings]:not([data-buildings='0'])"
COLOURED = (
    """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte)"""
)


def turned(page: Page, way: str, times: int) -> None:
    """Zoom in or out by the map's own buttons."""
    for _ in range(times):
        page.locator(f"[data-zoom={way}]").click()
        page.wait_for_timeout(400)


def test_close_by_the_buildings_are_drawn(look: Look) -> None:
    page = look()
    turned(page, "in", 5)
    page.wait_for_selector(DRAWN)
    assert page.locator(DRAWN).first.evaluate(COLOURED)


def test_from_afar_no_building_is_fetched(look: Look) -> None:
    page = look()
    page.evaluate("map_overview.setZoom(12, { animate: false })")
    expect(page.locator("canvas[data-buildings]")).to_have_count(0)


def test_without_tiles_there_is_still_the_map(look: Look, guard: Guard) -> None:
    page = look()
    page.route("**/tiles/**", lambda route: route.abort())
    turned(page, "in", 5)
    assert page.locator("#map[data-state=ready]").count() == 1
    assert all("ERR_FAILED" in complaint for complaint in guard.complaints)
    guard.complaints.clear()
