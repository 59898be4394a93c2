"""The heatmap page in a browser, for each permitted role, both languages and two screen sizes."""

import pytest
from playwright.sync_api import Page, ViewportSize

from gridmap.core.vocabulary import Role
from tests.browser.conftest import DESKTOP, PHONE, PageGuard
from tests.browser.test_overview import OpenOverview, app, open_overview
from tests.fixtures.web_app import incidents_in_east, subdistricts

__all__ = ["app", "incidents_in_east", "open_overview", "subdistricts"]
pytestmark = pytest.mark.usefixtures("incidents_in_east")


TABLET: ViewportSize = {"width": 1024, "height": 768}


VIEWPORTS = {"desk": DESKTOP, "tablet": TABLET, "phone": PHONE}
FIRST_VISITS = ("leader zh-CN phone", "leader en desk", "planner zh-CN tablet", "station zh-CN phone")
"""Visits of every run; the others are made by `--full` only."""
VISITS = [
    pytest.param(role, language, viewport, id=name, marks=() if name in FIRST_VISITS else pytest.mark.full)
    for role in (Role.LEADER, Role.PLANNER, Role.STATION)
    for language in ("zh-CN", "en")
    for key, viewport in VIEWPORTS.items()
    for name in [f"{role} {language} {key}"]
]


@pytest.mark.parametrize(("role", "language", "viewport"), VISITS)
def test_the_page_opens_without_problems(
    open_overview: OpenOverview, role: Role, language: str, viewport: ViewportSize
) -> None:
    page = open_overview(role, "/heat", viewport, locale=language)
    assert page.locator("#heat-table tbody tr").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_squares_and_rates_can_be_chosen(open_overview: OpenOverview) -> None:
    page = open_overview(Role.LEADER, "/heat")
    page.check("input[value=squares]")
    page.check("input[value=rate]")
    assert page.locator("#heat-legend li").count() >= 1


def test_filters_that_cannot_meet_stay_chosen_and_are_corrected_on_the_spot(
    open_overview: OpenOverview, guard: PageGuard
) -> None:
    page = open_overview(Role.LEADER, "/heat")
    page.click(".heat-filters summary")
    page.fill("#first", "2999-01-02")
    page.select_option("#status", "closed")
    page.check("input[name=category]")
    page.click(".heat-filter button")
    page.wait_for_selector(".error-summary")
    assert guard.problems.pop().endswith("422 (UNPROCESSABLE ENTITY)")
    assert page.input_value("#first") == "2999-01-02"
    assert page.input_value("#status") == "closed"
    assert page.locator("input[name=category]").is_visible()
    assert page.locator("input[name=category]").is_checked()
    page.fill("#first", "2026-01-02")
    page.click(".heat-filter button")
    page.wait_for_selector("#map[data-load-status=ready]")
    assert page.locator("input[name=category]").is_checked()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_sentences_map_ranking_and_data_are_on_the_first_screen(open_overview: OpenOverview, language: str) -> None:
    page = open_overview(Role.LEADER, "/heat", locale=language)
    for part in (".findings", "#map", "#heat-table thead", "#heat-legend", "#health"):
        box = page.locator(part).bounding_box()
        assert box
        assert box["y"] + box["height"] <= DESKTOP["height"], part
    fits = "frame => frame.scrollWidth <= frame.clientWidth"
    assert page.locator(".ranking .table-frame").evaluate(fits)


def first_column(page: Page) -> list[str]:
    rows = page.locator("#heat-table tbody tr")
    codes: list[str] = rows.evaluate_all("rows => rows.map((row) => row.cells[0].dataset.value)")
    return codes


def test_the_ranking_is_sorted_by_any_column(open_overview: OpenOverview) -> None:
    page = open_overview(Role.LEADER, "/heat")
    assert first_column(page) == ["east11", "east12"]
    page.click("#heat-table th >> text=Incidents")
    assert first_column(page) == ["east12", "east11"]
    assert page.locator("th[aria-sort]").inner_text() == "Incidents"
    page.click("#heat-table th >> text=Grid")
    assert first_column(page) == ["east11", "east12"]
    page.click("#heat-table th >> text=Grid")
    assert first_column(page) == ["east12", "east11"]


def test_a_sentence_leads_to_its_grid_in_the_ranking_and_on_the_map(open_overview: OpenOverview) -> None:
    page = open_overview(Role.LEADER, "/heat")
    page.click('[data-finding="charge"] a')
    assert page.locator("tr[data-selected] th").get_attribute("data-value") == "east11"
    assert page.url.split("#")[1] == page.locator("tr[data-selected]").get_attribute("id")
    assert "12 incidents" in page.locator(".heat-selection").inner_text()
    page.reload()
    page.wait_for_selector("tr[data-selected]")
    assert page.locator("tr[data-selected] th").get_attribute("data-value") == "east11"


def test_symbols_keep_the_numbers_and_their_classes(open_overview: OpenOverview) -> None:
    page = open_overview(Role.LEADER, "/heat")
    page.check("input[value=symbols]")
    page.check("input[value=number]")
    assert page.locator("#heat-legend li").all_inner_texts() == ["3", "12"]
    assert page.locator(".heat-label .label-count").all_inner_texts() == ["12", "3"]


def test_a_count_leads_to_its_incidents_and_back(open_overview: OpenOverview) -> None:
    page = open_overview(Role.LEADER, "/heat?category=lifts")
    page.click("#heat-table td a >> text=12")
    assert page.locator("#incidents tbody tr").count() == 12
    page.go_back()
    page.wait_for_selector("#map[data-load-status=ready]")
    assert "category=lifts" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_prints_in_black_on_white(open_overview: OpenOverview, scheme: str) -> None:
    page = open_overview(Role.LEADER, "/heat", color_scheme=scheme)
    page.emulate_media(media="print")
    assert (
        page.locator(".findings li").first.evaluate("node => getComputedStyle(node).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.locator(".findings").evaluate("node => getComputedStyle(node).color") == "rgb(0, 0, 0)"
    assert not page.locator(".heat-filters").is_visible()
    swatch = page.locator(".heat-swatch").first
    assert swatch.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("#heat-table tbody tr").last.is_visible()


def test_a_year_of_five_digits_is_refused_by_the_browser(open_overview: OpenOverview) -> None:
    page = open_overview(Role.LEADER, "/heat")
    for each in ("#first", "#last"):
        set_year = "(field, year) => (field.value = `${year}-01-01`, field.checkValidity())"
        assert page.eval_on_selector(each, set_year, "9999")
        assert not page.eval_on_selector(each, set_year, "20266")
