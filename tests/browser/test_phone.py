"""The worker's phone and the residents' pages in a browser: small, large, both languages, no network, a position."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.core.names import Role
from gridmap.services import signing_in
from gridmap.web import current
from tests.browser.conftest import DESK, PHONE, Guard, Open
from tests.offices import PASSWORD, Filled, app_url
from tests.web.offices import told

READY = "#map[data-state=ready]"
TOUCH = 44
IN_MY_GRID = {"latitude": 29.01, "longitude": 106.005}
Look = Callable[..., Page]
SMALL = """() => [...document.querySelectorAll("main a, main button, main select, main input, main summary")]
  .filter((each) => each.offsetParent && each.type !== "checkbox" && !each.closest("p.soft, .crumbs"))
  .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def app(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("GRIDMAP_HOME", str(filled.home))
    made = create_app(Settings(cookie_secret=b"only for tests", database_url=app_url(filled.url)))
    yield made
    made.extensions[current.DATABASE].close()
    told(filled, "DELETE FROM incident")


@pytest.fixture
def look(app: Flask, open_page: Open) -> Look:
    """Open a page of the subdistrict east, signed in where a role is given."""

    def opened(role: Role | None, path: str, viewport: ViewportSize = PHONE, **taste: object) -> Page:
        database = app.extensions[current.DATABASE]
        person = role and signing_in.recognise(database, signing_in.sign_in(database, f"east-{role}", PASSWORD))
        app.extensions[current.RECOGNISE] = lambda: person
        return open_page(app, path, viewport, **taste)

    return opened


def grid_of(filled: Filled) -> str:
    return f"/grids/{filled.places['east'].grids[0]}"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("role", [Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER])
def test_a_grid_opens_without_complaint(
    look: Look, filled: Filled, role: Role, language: str, viewport: ViewportSize
) -> None:
    page = look(role, grid_of(filled), viewport, locale=language)
    page.wait_for_selector(READY)
    expect(page.locator("[data-page=grid]")).to_have_attribute("data-code", "east11")
    expect(page.locator("[data-figure=buildings]")).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
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
    look: Look, role: Role | None, path: str, language: str, viewport: ViewportSize
) -> None:
    page = look(role, path, viewport, locale=language)
    page.wait_for_selector("#map:not([data-state=ready])", state="detached")
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.evaluate(SMALL) == []


def test_a_grid_is_not_there_for_others(look: Look, filled: Filled, guard: Guard) -> None:
    page = look(Role.WORKER, f"/grids/{filled.places['east'].grids[1]}")
    expect(page.locator("h1")).to_have_text("There is no such page")
    guard.complaints.clear()  # the browser itself complains of a 404


def test_before_the_first_plan_a_grid_says_when_it_is_in_force(look: Look, filled: Filled) -> None:
    page = look(Role.PLANNER, f"{grid_of(filled)}?on=2019-12-31")
    page.get_by_role("link", name="2020-01-01").click()
    expect(page.locator("[data-page=grid]")).to_have_attribute("data-on", "2020-01-01")


def test_a_building_touched_in_the_list_is_shown_with_what_can_be_done(look: Look) -> None:
    page = look(Role.WORKER, "/my-grid")
    page.wait_for_selector(READY)
    page.locator("[data-show]").first.click()
    page.locator("#chosen").get_by_role("link", name="Report").click()
    page.wait_for_selector(READY)
    assert page.locator("#building").input_value() != ""


def test_my_position_is_shown_and_sent_nowhere(look: Look) -> None:
    page = look(Role.WORKER, "/my-grid", geolocation=IN_MY_GRID, permissions=["geolocation"])
    page.wait_for_selector(READY)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    page.locator("[data-locate]").click()
    page.wait_for_selector("#map[data-position=shown]")
    assert sent == []


def test_without_leave_no_position_is_shown(look: Look) -> None:
    page = look(Role.WORKER, "/my-grid", permissions=[])
    page.wait_for_selector(READY)
    page.locator("[data-locate]").click()
    expect(page.locator(".map-said")).to_contain_text("does not give its position")


def test_an_incident_is_reported_where_i_am(look: Look) -> None:
    page = look(Role.WORKER, "/my-grid/report", geolocation=IN_MY_GRID, permissions=["geolocation"])
    page.wait_for_selector(READY)
    page.locator("#category").select_option("order")
    page.locator("button[data-here]").click()
    expect(page.locator("#latitude")).to_have_value("29.010000")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-reported]")).to_be_visible()
    expect(page.locator("[data-incident]")).to_have_count(1)


def test_an_incident_is_reported_by_touching_the_map(look: Look) -> None:
    page = look(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(READY)
    page.locator("#category").select_option("care")
    page.locator("#map .map").click(position={"x": 100, "y": 150})
    chosen = page.locator("#building").input_value() or page.locator("#longitude").input_value()
    assert re.match(r"\d", chosen)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-reported]")).to_be_visible()


def test_a_report_without_network_is_kept_and_sent_once(look: Look, guard: Guard) -> None:
    page = look(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(READY)
    page.locator("#category").select_option("order")
    page.locator("#building").select_option(index=1)
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".unsent")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-incident]")).to_have_count(1)
    guard.complaints[:] = [each for each in guard.complaints if "ERR_INTERNET_DISCONNECTED" not in each]


def test_an_answer_that_never_came_does_no_harm(look: Look, guard: Guard) -> None:
    page = look(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(READY)
    page.locator("#category").select_option("order")
    page.locator("#building").select_option(index=1)
    page.route("**/my-grid/report", lambda route: (route.fetch(max_redirects=0), route.abort())[-1], times=1)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".unsent")).to_be_visible()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-incident]")).to_have_count(1)
    guard.complaints[:] = [each for each in guard.complaints if "ERR_FAILED" not in each]


def test_residents_find_their_grid_on_the_map(look: Look) -> None:
    page = look(None, "/public/east?language=en")
    page.wait_for_selector(READY)
    box = page.locator(".name-label >> text=east11").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("[data-page=public-grid]")).to_have_attribute("data-code", "east11")
    expect(page.locator("[data-vacant]")).to_contain_text("nobody answers for this grid")
