"""The approval scenario in a browser: a planner moves a building and approves the revision; pages follow by date."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import create_engine, text

from tests.browser.conftest import DESKTOP, PHONE, PageGuard, serve_app
from tests.browser.test_sign_in import STATUS_CONSOLE_MESSAGE
from tests.fixtures.approval_scenario import ONE_DAY, OTHER_WORKER, ApprovalScenario, create_scenario
from tests.fixtures.subdistricts import PASSWORD, set_rehearsal_date

MAP_READY = "#map[data-load-status=ready]"
OpenAs = Callable[..., Page]


@pytest.fixture(scope="module")
def scenario(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> ApprovalScenario:
    return create_scenario(module_database_url, tmp_path_factory.mktemp("home"))


@pytest.fixture
def open_as(scenario: ApprovalScenario, browser: Browser, guard: PageGuard) -> Iterator[OpenAs]:
    """Return a function that opens a page on a date, with or without an account."""
    with ExitStack() as stack:

        def open_on_date(day: date, name: str | None, path: str) -> Page:
            base = stack.enter_context(serve_app(stack.enter_context(scenario.application(day))))
            guard.allowed_prefixes = (*guard.allowed_prefixes, f"{base}/")
            viewport = DESKTOP if name == "planner" else PHONE
            context = browser.new_context(viewport=viewport, base_url=base, locale="en")
            stack.callback(context.close)
            page = context.new_page()
            guard.attach(page)
            if name:
                sign_in(page, name)
            page.goto(path)
            return page

        yield open_on_date
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in?next=/account")
    page.get_by_label("Name").fill(name)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url("**/account")


def move_by_clicks(page: Page, scenario: ApprovalScenario) -> None:
    """Move the building, from the list of communities to the saved revision."""
    page.locator(f"a[href='/planner/communities/{scenario.community_id}']").click()
    page.wait_for_selector(MAP_READY)
    page.get_by_label("Find a building").fill(scenario.building_code)
    page.get_by_role("button", name="Find", exact=True).click()
    page.locator(".search-results a", has_text=scenario.building_code).first.click()
    page.get_by_role("radio", name=scenario.grid_codes[1]).check()
    page.get_by_role("button", name="See the effect").click()
    page.get_by_label("Reason").fill("better walk")
    end_sessions(scenario)
    page.get_by_role("button", name="Save as a new revision").click()
    page.get_by_label("User name").fill("planner")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_selector(MAP_READY)


def end_sessions(scenario: ApprovalScenario) -> None:
    """End all sessions, as after a long break; a form that is sent then is kept."""
    engine = create_engine(scenario.owner_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE web_session SET expires_at = now()"))
    engine.dispose()


def approve_by_clicks(page: Page, on: date) -> None:
    page.get_by_role("link", name="Approve").click()
    page.get_by_label("Effective date").fill(on.isoformat())
    page.get_by_label("Decision it rests on").fill("decision 12")
    page.get_by_role("button", name="Approve").click()
    page.wait_for_selector(MAP_READY)


def shown_households(page: Page, scenario: ApprovalScenario, on: date) -> list[int]:
    """Return the households of the two grids in the overview of a date."""
    page.goto(f"/subdistricts/{scenario.subdistrict_code}?on={on}")
    page.wait_for_selector(MAP_READY)
    rows = [
        page.locator("#grid-table tr", has=page.get_by_role("link", name=code, exact=True))
        for code in scenario.grid_codes
    ]
    return [int(str(row.locator("[data-label=Households]").first.get_attribute("data-value"))) for row in rows]


def building_count_by_worker(open_as: OpenAs, scenario: ApprovalScenario, on: date) -> list[int]:
    """Return how often the building appears on the page of each of the two workers."""
    pages = [open_as(on, name, "/my-grid") for name in ("worker", OTHER_WORKER)]
    return [page.locator(f"li[data-building='{scenario.building_id}']").count() for page in pages]


def public_grid_geometry(open_as: OpenAs, scenario: ApprovalScenario, on: date) -> Any:
    """Return the geometry of the grid that receives the building, from the public page."""
    page = open_as(on, None, f"/public/{scenario.subdistrict_code}/{scenario.grid_codes[1]}")
    page.wait_for_selector(MAP_READY)
    features = page.request.get(f"/public/{scenario.subdistrict_code}/grids.geojson").json()["features"]
    return next(each["geometry"] for each in features if each["properties"]["code"] == scenario.grid_codes[1])


@pytest.mark.full
def test_a_building_moved_by_clicks_is_in_the_other_grid_from_the_effective_date(
    open_as: OpenAs, scenario: ApprovalScenario
) -> None:
    eve, page = scenario.effective_date - ONE_DAY, open_as(scenario.today, "planner", "/planner")
    before = (
        shown_households(page, scenario, scenario.effective_date),
        public_grid_geometry(open_as, scenario, scenario.effective_date),
    )
    set_rehearsal_date(scenario.owner_url, scenario.today)  # the public page was opened on another date
    page.goto("/planner")
    move_by_clicks(page, scenario)
    assert scenario.building_code in page.locator("#moved-buildings").inner_text()
    approve_by_clicks(page, scenario.effective_date)
    assert f"It is in force from {scenario.effective_date}" in page.locator(".alerts").first.inner_text()
    assert shown_households(page, scenario, eve) == before[0]
    assert shown_households(page, scenario, scenario.effective_date) == [
        before[0][0] - scenario.household_count,
        before[0][1] + scenario.household_count,
    ]
    assert [building_count_by_worker(open_as, scenario, day) for day in (eve, scenario.effective_date)] == [
        [1, 0],
        [0, 1],
    ]
    assert [public_grid_geometry(open_as, scenario, day) == before[1] for day in (eve, scenario.effective_date)] == [
        True,
        False,
    ]


def test_a_page_of_a_rehearsal_shows_its_date(open_as: OpenAs, scenario: ApprovalScenario) -> None:
    page = open_as(scenario.effective_date, "planner", "/planner")
    assert f"takes {scenario.effective_date} for today" in page.locator(".rehearsal").inner_text()
