"""The worker's phone and the residents' pages in a browser: small, large, both languages, no network, a position."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import sign_in
from gridmap.web import context
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, app_url
from tests.fixtures.web_app import execute_sql

MAP_READY = "#map[data-load-status=ready]"
MIN_TOUCH_TARGET_PX = 44
IN_MY_GRID = {"latitude": 29.01, "longitude": 106.005}
OpenAs = Callable[..., Page]
SMALL_TARGETS = """() => [...document.querySelectorAll("main a, main button, main select, main input, main summary")]
  .filter((each) => each.offsetParent && each.type !== "checkbox" && !each.closest("p.muted, .breadcrumbs"))
  .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def app(filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
    made = create_app(Settings(cookie_secret=b"only for tests", database_url=app_url(filled_database.owner_url)))
    yield made
    made.extensions[context.DATABASE_EXTENSION].close()
    execute_sql(filled_database, "DELETE FROM incident")


@pytest.fixture
def open_as(app: Flask, open_page: OpenPage) -> OpenAs:
    """Open a page of the subdistrict east, signed in where a role is given."""

    def opened(role: Role | None, path: str, viewport: ViewportSize = PHONE, **taste: object) -> Page:
        database = app.extensions[context.DATABASE_EXTENSION]
        person = role and sign_in.find_session_account(database, sign_in.sign_in(database, f"east-{role}", PASSWORD))
        app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: person
        return open_page(app, path, viewport, **taste)

    return opened


def worker_grid_code(database: FilledDatabase) -> str:
    return f"/grids/{database.subdistricts['east'].grid_ids[0]}"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("role", [Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER])
def test_a_grid_opens_without_complaint(
    open_as: OpenAs, filled_database: FilledDatabase, role: Role, language: str, viewport: ViewportSize
) -> None:
    page = open_as(role, worker_grid_code(filled_database), viewport, locale=language)
    page.wait_for_selector(MAP_READY)
    expect(page.locator("[data-page=grid]")).to_have_attribute("data-code", "east11")
    expect(page.locator("[data-stat=buildings]")).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Role.WORKER, "/my-grid"),
        (Role.WORKER, "/my-grid/report"),
        (None, "/public"),
        (None, "/public/east"),
        (None, "/public/east/east12"),
    ],
)
def test_pages_of_phones_open_without_complaint(
    open_as: OpenAs, role: Role | None, path: str, language: str, viewport: ViewportSize
) -> None:
    page = open_as(role, path, viewport, locale=language)
    page.wait_for_selector("#map:not([data-load-status=ready])", state="detached")
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.evaluate(SMALL_TARGETS) == []


def test_a_grid_is_not_there_for_others(open_as: OpenAs, filled_database: FilledDatabase, guard: PageGuard) -> None:
    page = open_as(Role.WORKER, f"/grids/{filled_database.subdistricts['east'].grid_ids[1]}")
    expect(page.locator("h1")).to_have_text("There is no such page")
    guard.problems.clear()  # the browser itself complains of a 404


def test_before_the_first_plan_a_grid_says_when_it_is_in_force(
    open_as: OpenAs, filled_database: FilledDatabase
) -> None:
    page = open_as(Role.PLANNER, f"{worker_grid_code(filled_database)}?on=2019-12-31")
    page.get_by_role("link", name="2020-01-01").click()
    expect(page.locator("[data-page=grid]")).to_have_attribute("data-on", "2020-01-01")


def test_a_building_touched_in_the_list_is_shown_with_what_can_be_done(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid")
    page.wait_for_selector(MAP_READY)
    page.locator("[data-select-building]").first.click()
    page.locator("#selection").get_by_role("link", name="Report").click()
    page.wait_for_selector(MAP_READY)
    assert page.locator("#building").input_value() != ""


def test_my_position_is_shown_and_sent_nowhere(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid", geolocation=IN_MY_GRID, permissions=["geolocation"])
    page.wait_for_selector(MAP_READY)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.locator("[data-geolocate]").click()
    page.wait_for_selector("#map[data-position=shown]")
    assert sent == []


def test_without_leave_no_position_is_shown(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid", permissions=[])
    page.wait_for_selector(MAP_READY)
    page.locator("[data-geolocate]").click()
    expect(page.locator(".map-status")).to_contain_text("does not give its position")


def test_an_incident_is_reported_where_i_am(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid/report", geolocation=IN_MY_GRID, permissions=["geolocation"])
    page.wait_for_selector(MAP_READY)
    page.locator("#category").select_option("order")
    page.locator("button[data-use-position]").click()
    expect(page.locator("#latitude")).to_have_value("29.010000")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-reported]")).to_be_visible()
    expect(page.locator("[data-incident]")).to_have_count(1)


def test_an_incident_is_reported_by_touching_the_map(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(MAP_READY)
    page.locator("#category").select_option("care")
    page.locator("#map .map").click(position={"x": 100, "y": 150})
    chosen = page.locator("#building").input_value() or page.locator("#longitude").input_value()
    assert re.match(r"\d", chosen)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-reported]")).to_be_visible()


def test_a_report_without_network_is_kept_and_sent_once(open_as: OpenAs, guard: PageGuard) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(MAP_READY)
    page.locator("#category").select_option("order")
    page.locator("#building").select_option(index=1)
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".unsent")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-incident]")).to_have_count(1)
    guard.problems[:] = [each for each in guard.problems if "ERR_INTERNET_DISCONNECTED" not in each]


def test_an_answer_that_never_came_does_no_harm(open_as: OpenAs, guard: PageGuard) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(MAP_READY)
    page.locator("#category").select_option("order")
    page.locator("#building").select_option(index=1)
    page.route("**/my-grid/report", lambda route: (route.fetch(max_redirects=0), route.abort())[-1], times=1)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".unsent")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-incident]")).to_have_count(1)
    guard.problems[:] = [each for each in guard.problems if "ERR_FAILED" not in each]


def test_residents_find_their_grid_on_the_map(open_as: OpenAs) -> None:
    page = open_as(None, "/public/east?language=en")
    page.wait_for_selector(MAP_READY)
    box = page.locator(".name-label >> text=east11").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("[data-page=public-grid]")).to_have_attribute("data-code", "east11")
    expect(page.locator("[data-vacant]")).to_contain_text("nobody answers for this grid")
