"""The keystone in a browser: a planner moves a building by clicks and approves that; on the day, pages follow."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESK, PHONE, Guard, served
from tests.keystone import A_DAY, OTHER_WORKER, Case, case
from tests.offices import PASSWORD

READY = "#map[data-state=ready]"
SignedIn = Callable[..., Page]


@pytest.fixture(scope="module")
def found(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case(module_database_url, tmp_path_factory.mktemp("home"))


@pytest.fixture
def visit(found: Case, browser: Browser, guard: Guard) -> Iterator[SignedIn]:
    """Open a page on a day as somebody, or as nobody."""
    with ExitStack() as stack:

        def opened(day: date, name: str | None, path: str) -> Page:
            base = stack.enter_context(served(stack.enter_context(found.served(day))))
            guard.own = (*guard.own, f"{base}/")
            viewport = DESK if name == "planner" else PHONE
            context = browser.new_context(viewport=viewport, base_url=base, locale="en")
            stack.callback(context.close)
            page = context.new_page()
            guard.watch(page)
            if name:
                sign_in(page, name)
            page.goto(path)
            return page

        yield opened


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in?next=/account")
    page.get_by_label("Name").fill(name)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url("**/account")


def move_by_clicks(page: Page, found: Case) -> None:
    """From the list of communities to an approved version."""
    page.locator(f"a[href='/planner/communities/{found.community}']").click()
    page.wait_for_selector(READY)
    page.get_by_label("Find a building").fill(found.building_code)
    page.get_by_role("button", name="Find", exact=True).click()
    page.locator(".found a", has_text=found.building_code).first.click()
    page.get_by_role("radio", name=found.codes[1]).check()
    page.get_by_role("button", name="See the effect").click()
    page.get_by_label("Reason").fill("better walk")
    page.get_by_role("button", name="Save as a new version").click()
    page.wait_for_selector(READY)


def approve_by_clicks(page: Page, day: date) -> None:
    page.get_by_role("link", name="Approve").click()
    page.get_by_label("Effective date").fill(day.isoformat())
    page.get_by_label("Decision it rests on").fill("decision 12")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_selector(READY)


def households(page: Page, found: Case, day: date) -> list[int]:
    """What the overview of a day says of the two grids."""
    page.goto(f"/subdistricts/{found.code}?on={day}")
    page.wait_for_selector(READY)
    rows = [page.locator("#grid-table tr", has=page.get_by_role("link", name=code, exact=True)) for code in found.codes]
    return [int(str(row.locator("[data-label=Households]").first.get_attribute("data-value"))) for row in rows]


def on_the_phone(visit: SignedIn, found: Case, day: date) -> list[int]:
    """How often the building is on the page of each of the two workers."""
    pages = [visit(day, name, "/my-grid") for name in ("worker", OTHER_WORKER)]
    return [page.locator(f"li[data-building='{found.building}']").count() for page in pages]


def extent(visit: SignedIn, found: Case, day: date) -> Any:
    """The grid that the building goes to, as residents see it drawn."""
    page = visit(day, None, f"/public/{found.code}/{found.codes[1]}")
    page.wait_for_selector(READY)
    drawn = page.request.get(f"/public/{found.code}/grids.geojson").json()["features"]
    return next(each["geometry"] for each in drawn if each["properties"]["code"] == found.codes[1])


def test_a_building_moved_by_clicks_is_elsewhere_from_its_day_on(visit: SignedIn, found: Case) -> None:
    eve, page = found.day - A_DAY, visit(found.today, "planner", "/planner")
    was = households(page, found, found.day), extent(visit, found, found.day)
    page.goto("/planner")
    move_by_clicks(page, found)
    assert found.building_code in page.locator("#changed").inner_text()
    approve_by_clicks(page, found.day)
    assert f"it holds from {found.day}" in page.locator(".alerts").first.inner_text()
    assert households(page, found, eve) == was[0]
    assert households(page, found, found.day) == [was[0][0] - found.households, was[0][1] + found.households]
    assert [on_the_phone(visit, found, day) for day in (eve, found.day)] == [[1, 0], [0, 1]]
    assert [extent(visit, found, day) == was[1] for day in (eve, found.day)] == [True, False]


def test_a_rehearsal_says_so_on_every_page(visit: SignedIn, found: Case) -> None:
    page = visit(found.day, "planner", "/planner")
    assert f"takes {found.day} for today" in page.locator(".rehearsal").inner_text()
