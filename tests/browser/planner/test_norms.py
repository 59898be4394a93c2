"""Pages of norms in Chromium: a planner looks at the effect of a norm, enters it, and sees the overview judge by it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import app, execute_sql, subdistricts
from tests.web.shared.test_norms import COUNTS, FORGET

__all__ = ["app", "subdistricts"]


@pytest.fixture(autouse=True)
def counts(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[None]:
    """Count 299 and 321 households in the two grids of the subdistrict; no norm is entered."""
    execute_sql(filled_database, f"{FORGET}; {COUNTS}")
    yield
    execute_sql(filled_database, FORGET)


def sign_in(page: Page) -> None:
    page.get_by_label("Name").fill("east-planner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_planner_previews_and_enters_the_norm_of_the_subdistrict_on_a_phone(open_page: OpenPage, app: Flask) -> None:
    page = open_page(app, "/sign-in?next=/norms", PHONE)
    sign_in(page)
    page.get_by_role("link", name="Whole subdistrict").click()
    page.get_by_label("Minimum of households").fill("200")
    page.get_by_label("Maximum of households").fill("320")
    page.get_by_label("Document", exact=True).fill("市民政局〔2026〕5号")
    page.get_by_label("Date of the document").fill("2026-01-05")
    page.get_by_role("button", name="See what it changes").click()
    expect(page.locator("#preview")).to_contain_text("1 grids enter the range")
    expect(page.locator("#preview")).to_contain_text("1 grids leave the range")
    page.get_by_role("button", name="Enter the norm").click()
    expect(page.locator("[data-current]")).to_contain_text("200–320 households living here")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    page.goto("/subdistricts/east")
    expect(page.locator("[data-norm]")).to_contain_text("市民政局〔2026〕5号")
    expect(page.locator("tr[data-grid]").first).to_have_attribute("data-status", "in_range")
