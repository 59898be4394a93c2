"""The heatmap page in a browser, for each permitted role, both languages and two screen sizes."""

import pytest
from playwright.sync_api import ViewportSize

from gridmap.core.vocabulary import Role
from tests.browser.conftest import DESKTOP, PHONE, PageGuard
from tests.browser.test_overview import OpenOverview, app, open_overview
from tests.fixtures.web_app import incidents_in_east, subdistricts

__all__ = ["app", "incidents_in_east", "open_overview", "subdistricts"]
pytestmark = pytest.mark.usefixtures("incidents_in_east")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("role", [Role.LEADER, Role.PLANNER, Role.STATION])
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
    page.fill("#first", "2026-01-02")
    page.select_option("#status", "closed")
    page.click(".heat-categories summary")
    page.check("input[name=category]")
    page.click(".heat-filter button")
    page.wait_for_selector(".error-summary")
    assert guard.problems.pop().endswith("422 (UNPROCESSABLE ENTITY)")
    assert page.input_value("#first") == "2026-01-02"
    assert page.input_value("#status") == "closed"
    assert page.locator("input[name=category]").is_visible()
    assert page.locator("input[name=category]").is_checked()
    page.select_option("#status", "")
    page.click(".heat-filter button")
    page.wait_for_selector("#map[data-load-status=ready]")
    assert page.locator("input[name=category]").is_checked()


def test_a_year_of_five_digits_is_refused_by_the_browser(open_overview: OpenOverview) -> None:
    page = open_overview(Role.LEADER, "/heat")
    for each in ("#first", "#last"):
        set_year = "(field, year) => (field.value = `${year}-01-01`, field.checkValidity())"
        assert page.eval_on_selector(each, set_year, "9999")
        assert not page.eval_on_selector(each, set_year, "20266")
