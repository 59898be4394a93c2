"""Vector tiles of buildings on the map of the overview, in a browser."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import PageGuard
from tests.browser.test_overview import OpenOverview, app, open_overview

__all__ = ["app", "open_overview"]
DRAWN_CANVAS = "canvas[data-buildings]:not([data-buildings='0'])"
HAS_COLOUR = (
    """canvas => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte)"""
)


def zoom(page: Page, direction: str, times: int) -> None:
    """Zoom in or out by the buttons of the map."""
    for _ in range(times):
        page.locator(f"[data-zoom={direction}]").click()
        page.wait_for_timeout(400)


def test_buildings_are_drawn_at_a_high_zoom(open_overview: OpenOverview) -> None:
    page = open_overview()
    zoom(page, "in", 5)
    page.wait_for_selector(DRAWN_CANVAS)
    assert page.locator(DRAWN_CANVAS).first.evaluate(HAS_COLOUR)


def test_no_buildings_are_fetched_at_a_low_zoom(open_overview: OpenOverview) -> None:
    page = open_overview()
    page.evaluate("map_overview.setZoom(12, { animate: false })")
    expect(page.locator("canvas[data-buildings]")).to_have_count(0)


def test_the_map_works_without_tiles(open_overview: OpenOverview, guard: PageGuard) -> None:
    page = open_overview()
    page.route("**/tiles/**", lambda route: route.abort())
    zoom(page, "in", 5)
    assert page.locator("#map[data-load-status=ready]").count() == 1
    assert all("ERR_FAILED" in problem for problem in guard.problems)
    guard.problems.clear()
