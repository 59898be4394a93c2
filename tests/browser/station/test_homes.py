"""Homes in Chromium: a tower gets doors, a household, members and counts, from 360 to 1440 px, in both languages."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.fixtures import web_app
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql, subdistricts
from tests.web.homes.test_homes import CLEAR

__all__ = ["subdistricts"]
OpenStation = Callable[[ViewportSize, str], Page]
TABLET: ViewportSize = {"width": 1024, "height": 768}


@pytest.fixture
def app(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Flask]:
    execute_sql(filled_database, f"{CLEAR}; DELETE FROM population_count; DELETE FROM service_group_count")
    yield from web_app.open_application(filled_database)


@pytest.fixture
def open_station(app: Flask, open_page: OpenPage) -> OpenStation:
    """Return a function that signs in as the station and opens the list of buildings."""

    def open_signed_in(viewport: ViewportSize, language: str) -> Page:
        scheme = "dark" if viewport is TABLET else "light"
        page = open_page(app, "/sign-in?next=/homes", viewport, locale=language, color_scheme=scheme)
        page.locator("#name").fill("east-station")
        page.locator("#password").fill(PASSWORD)
        submit(page, "main form")
        return page

    return open_signed_in


def look(page: Page, name: str) -> None:
    """Check that the page is not wider than the screen; keep its picture where a folder is named."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    if folder := os.environ.get("GRIDMAP_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"homes-{name}.png", full_page=True)


def submit(page: Page, form: str) -> None:
    with page.expect_navigation():
        page.locator(f"{form} button:not([type=button])").last.click()


def follow(page: Page, link: str) -> None:
    with page.expect_navigation():
        page.locator(link).first.click()


def count_by_hand(page: Page, name: str) -> None:
    """Enter counts of persons and of members of a service group; a wrong one keeps what was entered."""
    follow(page, "a[href$=counts]")
    look(page, f"counts-empty-{name}")
    for residents, rows in (("29", 0), ("120", 2)):
        page.locator("#population-residents").fill(residents)
        page.locator("#population-residents_60").fill("30")
        page.locator("#population-source").fill("物业名单")
        submit(page, "#population form")
        expect(page.locator("#population tbody tr")).to_have_count(rows)
        expect(page.locator("#population-residents")).to_have_value("" if rows else residents)
        look(page, f"counts-{rows}-{name}")
    page.locator("#group-count-members").fill("3")
    page.locator("#group-count-source").fill("物业名单")
    submit(page, "#service-groups form")
    expect(page.locator("#service-groups tbody tr")).to_have_count(1)
    small = "[...document.querySelectorAll('main input, main select, main button')].filter(e => e.type !== 'hidden'"
    assert page.evaluate(f"{small} && e.offsetHeight && e.offsetHeight < 44).length") == 0
    look(page, f"counts-{name}")


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("viewport", "language"), [(PHONE, "zh-CN"), (TABLET, "en"), (DESKTOP, "zh-CN")], ids=["phone", "tablet", "desk"]
)
def test_a_tower_is_filled_by_hand(
    open_station: OpenStation, guard: PageGuard, viewport: ViewportSize, language: str
) -> None:
    page, name = open_station(viewport, language), f"{viewport['width']}-{language}"
    look(page, f"index-{name}")
    follow(page, "[data-building] a")
    for field, value in (("first_unit", "1"), ("last_unit", "2"), ("last_floor", "8"), ("last_door", "4")):
        page.locator(f"#doors-{field}").fill(value)
    page.locator("#doors-source").fill("物业名单")
    submit(page, "#add form")
    expect(page.locator("a.door")).to_have_count(64)
    follow(page, "a.door")
    page.locator("#move-in-occupancy").select_option("tenant")
    page.locator("#move-in-residence").select_option("registered_elsewhere")
    page.locator("#move-in-source").fill("入户走访")
    look(page, f"dwelling-{name}")
    submit(page, "form[action$=households]")
    page.locator("#member-name").fill("李雷")
    page.locator("#member-phone").fill("13812345678")
    page.locator("#member-source").fill("入户走访")
    submit(page, "form[action$=members]")
    expect(page.locator("[data-member]")).to_contain_text("李**")
    look(page, f"household-{name}")
    follow(page, "[data-member] a.button")
    look(page, f"member-{name}")
    page.goto("/homes")
    follow(page, "[data-building] a")
    expect(page.locator("a.door-tenant")).to_have_count(1)
    look(page, f"doors-{name}")
    count_by_hand(page, name)
    assert guard.problems.pop().endswith("422 (UNPROCESSABLE ENTITY)")
