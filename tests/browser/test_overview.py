"""The overview of a subdistrict in a browser, for each role, both languages and two screen sizes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize

from gridmap.core.vocabulary import Role
from gridmap.services.accounts import sign_in
from gridmap.web import context
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import open_application

MAP_READY = "#map[data-load-status=ready]"
OpenOverview = Callable[..., Page]


@pytest.fixture
def app(filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Create the application with a database of two subdistricts."""
    monkeypatch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
    yield from open_application(filled_database)


@pytest.fixture
def open_overview(app: Flask, open_page: OpenPage) -> OpenOverview:
    """Return a function that opens the overview of the subdistrict east, signed in."""

    def open_signed_in(
        role: Role = Role.PLANNER, path: str = "/", viewport: ViewportSize = DESKTOP, **options: Any
    ) -> Page:
        account = sign_in.find_session_account(
            app.extensions[context.DATABASE_EXTENSION],
            sign_in.sign_in(app.extensions[context.ACCOUNT_DATABASE_EXTENSION], f"east-{role}", PASSWORD),
        )
        app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: account
        page = open_page(app, path, viewport, **options)
        page.wait_for_selector(MAP_READY)
        return page

    return open_signed_in


def shown_codes(page: Page) -> list[str]:
    """Return the visible codes of the table."""
    codes: list[str] = page.locator("#grid-table tbody tr:visible a[data-select-grid]").all_inner_texts()
    return codes


@pytest.mark.sampled(7)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("role", Role)
def test_the_overview_opens_without_problems(
    open_overview: OpenOverview, role: Role, language: str, viewport: ViewportSize
) -> None:
    page = open_overview(role, viewport=viewport, locale=language)
    assert page.locator("html").get_attribute("lang") == language
    assert shown_codes(page) == (["east11"] if role == Role.WORKER else ["east11", "east12"])
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_a_grid_selected_in_the_table_shows_its_statistics(open_overview: OpenOverview) -> None:
    page = open_overview()
    page.locator("#grid-table").get_by_role("link", name="east12").click()
    panel = page.locator("#panel").inner_text()
    assert "east12" in panel
    assert "east community" in panel
    assert "vacant" in panel
    assert page.locator("tr[data-selected]").get_attribute("data-status") == "no_counts"


def test_a_grid_selected_on_the_map_shows_its_statistics(open_overview: OpenOverview) -> None:
    page = open_overview()
    box = page.locator(".grid-label >> text=12").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert page.locator("[data-field=title]").inner_text() == "east12"


def test_column_headers_sort_the_table(open_overview: OpenOverview) -> None:
    page = open_overview()
    header = page.get_by_role("columnheader", name="Grid", exact=True)
    assert header.get_attribute("aria-sort") == "ascending"
    header.get_by_role("link").click()
    assert header.get_attribute("aria-sort") == "descending"
    assert shown_codes(page) == ["east12", "east11"]


def test_the_table_is_sorted_by_url_parameters(open_overview: OpenOverview) -> None:
    page = open_overview(path="/subdistricts/east?sort=code&descending=yes")
    assert shown_codes(page) == ["east12", "east11"]


def test_a_chip_filters_the_table(open_overview: OpenOverview) -> None:
    page = open_overview()
    page.get_by_role("button", name="without worker").click()
    assert len(shown_codes(page)) == 2
    page.locator("#grids .export-menu summary").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="CSV").last.click()
    assert "status=vacant" in started.value.url
    assert started.value.suggested_filename.startswith("east subdistrict-Grids in force-")
    page.get_by_role("button", name="all", exact=False).first.click()
    assert page.locator("#grid-count").inner_text() == "2"


def test_printing_fits_the_map_to_the_sheet_and_restores_it(open_overview: OpenOverview) -> None:
    page = open_overview()
    view = "[map_overview.getSize().x, map_overview.getZoom(), map_overview.getCenter().lng]"
    before = page.evaluate(view)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(view)[0] < 680 < before[0]
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(view) == pytest.approx(before)


def test_the_page_says_that_no_grid_is_in_force_before_the_first_plan(open_overview: OpenOverview) -> None:
    page = open_overview(path="/subdistricts/east?on=2019-12-31")
    assert "No grid is in force on this day" in page.locator("#grids").inner_text()
    assert "east community" in page.locator(".alerts").inner_text()
    assert page.locator("#on").input_value() == "2019-12-31"


def test_another_subdistrict_is_not_found(open_overview: OpenOverview, guard: PageGuard) -> None:
    page = open_overview()
    answer = page.goto("/subdistricts/west")
    assert answer is not None
    assert answer.status == 404
    guard.problems.clear()  # the browser itself reports the 404
