"""The heatmap page in a browser, for each permitted role, both languages and two screen sizes."""

import pytest
from playwright.sync_api import ViewportSize

from gridmap.core.vocabulary import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_overview import OpenOverview, app, open_overview

__all__ = ["app", "open_overview"]


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
