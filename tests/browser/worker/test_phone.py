"""Pages of workers and residents in a browser: two screen sizes, both languages, offline use and geolocation."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, ViewportSize, expect

from gridmap.core.vocabulary import Role
from gridmap.services.accounts import sign_in
from gridmap.web import context
from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import execute_sql, open_application
from tests.web.worker.test_reports import DELETE_INCIDENTS

MAP_READY = "#map[data-load-status=ready]"
MIN_TOUCH_TARGET_PX = 44
POSITION_IN_GRID = {"latitude": 29.01, "longitude": 106.005}
OpenAs = Callable[..., Page]
SMALL_TARGETS = """() => [...document.querySelectorAll("main a, main button, main select, main input, main summary")]
  .filter((each) => each.offsetParent && each.type !== "checkbox" && !each.closest("p.muted, .breadcrumbs"))
  .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def app(filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
    yield from open_application(filled_database)
    execute_sql(filled_database, DELETE_INCIDENTS)


@pytest.fixture
def open_as(app: Flask, open_page: OpenPage) -> OpenAs:
    """Return a function that opens a page of the subdistrict east, signed in if a role is given."""

    def open_with_role(role: Role | None, path: str, viewport: ViewportSize = PHONE, **options: object) -> Page:
        database = app.extensions[context.ACCOUNT_DATABASE_EXTENSION]
        account = role and sign_in.find_session_account(database, sign_in.sign_in(database, f"east-{role}", PASSWORD))
        app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: account
        return open_page(app, path, viewport, **options)

    return open_with_role


def choose_category(page: Page, key: str = "lifts") -> None:
    page.locator(".choice-buttons.main button").click()
    page.locator(f"[data-category={key}]").click()


def worker_grid_path(database: FilledDatabase) -> str:
    return f"/grids/{database.subdistricts['east'].grid_ids[0]}"


@pytest.mark.sampled(5)
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("role", [Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER])
def test_a_grid_opens_without_problems(
    open_as: OpenAs, filled_database: FilledDatabase, role: Role, language: str, viewport: ViewportSize
) -> None:
    page = open_as(role, worker_grid_path(filled_database), viewport, locale=language)
    page.wait_for_selector(MAP_READY)
    expect(page.locator("[data-page=grid]")).to_have_attribute("data-code", "east11")
    expect(page.locator("[data-stat=buildings]")).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


@pytest.mark.sampled(7)
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
def test_pages_for_phones_open_without_problems(
    open_as: OpenAs, role: Role | None, path: str, language: str, viewport: ViewportSize
) -> None:
    page = open_as(role, path, viewport, locale=language)
    page.wait_for_selector("#map:not([data-load-status=ready])", state="detached")
    assert page.locator("html").get_attribute("lang") == language
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    assert page.evaluate(SMALL_TARGETS) == []


def test_the_grid_of_another_worker_is_not_found(
    open_as: OpenAs, filled_database: FilledDatabase, guard: PageGuard
) -> None:
    page = open_as(Role.WORKER, f"/grids/{filled_database.subdistricts['east'].grid_ids[1]}")
    expect(page.locator("h1")).to_have_text("There is no such page")
    guard.problems.clear()  # the browser itself reports the 404


def test_a_grid_links_to_its_first_date_before_it_is_in_force(open_as: OpenAs, filled_database: FilledDatabase) -> None:
    page = open_as(Role.PLANNER, f"{worker_grid_path(filled_database)}?on=2019-12-31")
    page.get_by_role("link", name="2020-01-01").click()
    expect(page.locator("[data-page=grid]")).to_have_attribute("data-on", "2020-01-01")


def test_a_building_selected_in_the_list_can_be_reported(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid")
    page.wait_for_selector(MAP_READY)
    page.locator("[data-select-building]").first.click()
    page.locator("#selection").get_by_role("link", name="Report").click()
    page.wait_for_selector(MAP_READY)
    assert page.locator("#building").input_value() != ""


def test_a_map_that_starts_before_its_style_sheets_has_its_size(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid")
    held: list[Route] = []
    page.route(re.compile(r"/(map|leaflet)\.css$"), lambda route: held.append(route))  # noqa: PLW0108
    page.goto("/my-grid", wait_until="commit")
    page.wait_for_selector("#map[data-drawn]")
    size = page.evaluate("[map_overview.getSize().x, map_overview.getSize().y]")
    assert len(held) == 2
    for route in held:
        route.continue_()
    page.wait_for_load_state()
    box = page.locator("#map .map").bounding_box()
    assert box is not None
    assert size == [round(box["width"]), round(box["height"])]


def test_my_position_is_shown_and_not_sent(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid", geolocation=POSITION_IN_GRID, permissions=["geolocation"])
    page.wait_for_selector(MAP_READY)
    requested_urls: list[str] = []
    page.on("request", lambda request: requested_urls.append(request.url))
    page.locator("[data-geolocate]").click()
    page.wait_for_selector("#map[data-position=shown]")
    assert requested_urls == []


def test_a_position_is_not_shown_without_permission(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid", permissions=[])
    page.wait_for_selector(MAP_READY)
    page.locator("[data-geolocate]").click()
    expect(page.locator(".map-status")).to_contain_text("does not give its position")


def test_a_report_at_my_position_takes_two_taps_once_its_category_was_used(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid/report", geolocation=POSITION_IN_GRID, permissions=["geolocation"])
    expect(page.locator("#latitude")).to_have_value("29.010000")
    expect(page.locator("button[data-use-position]")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-refusal] li")).to_have_text(["Choose what kind it is."])
    choose_category(page)
    for number in (1, 2):
        expect(page.locator("#latitude")).to_have_value("29.010000")
        page.locator("[data-category=lifts]").click()
        if number == 2:
            expect(page.locator("[data-known-offer] li")).to_contain_text("sent, not taken in yet")
        page.get_by_role("button", name="Send").click()
        expect(page.locator("[data-reported]")).to_be_visible()
        expect(page.locator("[data-incident]")).to_have_count(number)
        page.goto("/my-grid/report")


@pytest.mark.parametrize(("viewport", "language"), [(PHONE, "en"), (DESKTOP, "zh-CN")])
def test_a_report_is_sent_as_one_that_is_known(open_as: OpenAs, viewport: ViewportSize, language: str) -> None:
    options = {"locale": language, "geolocation": POSITION_IN_GRID, "permissions": ["geolocation"]}
    page = open_as(Role.WORKER, "/my-grid/report", viewport, **options)
    offer = page.locator("[data-known-offer]")
    for known in (False, True):
        expect(page.locator("#latitude")).to_have_value("29.010000")
        page.locator("#title").fill(f"broken lift {known}")
        choose_category(page)
        if known:
            page.locator("#settled").check()
            expect(offer).to_be_hidden()
            page.locator("#settled").uncheck()
            expect(offer.locator("li")).to_have_count(1)
            assert page.evaluate(SMALL_TARGETS) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
            offer.locator("li button").click()
        else:
            expect(offer).to_be_hidden()
            page.locator(".sticky-action button").click()
        expect(page.locator("[data-reported]")).to_be_visible()
        page.goto("/my-grid/report")
    reports = page.locator("[data-own-report]")
    expect(reports).to_have_count(2)
    expect(reports.filter(has_text=re.compile("known already|已有同一事件"))).to_have_count(1)


def test_what_may_be_known_is_asked_where_it_was_not_offered(open_as: OpenAs, guard: PageGuard) -> None:
    page = open_as(Role.WORKER, "/my-grid/report", geolocation=POSITION_IN_GRID, permissions=["geolocation"])
    dialog, send = page.locator("#known-reports"), page.locator(".sticky-action button")
    for number in (1, 2):
        expect(page.locator("#latitude")).to_have_value("29.010000")
        page.route("**/reports/known", lambda route: route.abort())
        choose_category(page)
        if number == 2:
            page.wait_for_load_state("networkidle")
            page.unroute("**/reports/known")
            send.click()
            expect(dialog.locator("li")).to_contain_text("sent, not taken in yet")
            dialog.get_by_role("button", name="Back").click()
            assert page.locator("#category").input_value() == "lifts"
            send.click()
            dialog.get_by_role("button", name="Send it as a new one").click()
        else:
            send.click()
        expect(page.locator("[data-reported]")).to_be_visible()
        expect(page.locator("[data-incident]")).to_have_count(number)
        page.goto("/my-grid/report")
    guard.problems.clear()  # of the requests that fail on purpose


def test_an_inexact_position_is_taken_only_where_the_worker_says_so(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid/report", geolocation=POSITION_IN_GRID, permissions=["geolocation"])
    latitude, button = page.locator("#latitude"), page.locator("button[data-use-position]")
    for accuracy, value in ((30, "29.010000"), (31, "")):
        page.context.set_geolocation({"latitude": 29.01, "longitude": 106.005, "accuracy": accuracy})
        page.reload()
        expect(button).to_have_attribute("data-accuracy", str(accuracy))
        expect(latitude).to_have_value(value)
    button.click()
    expect(latitude).to_have_value("29.010000")


def test_an_incident_is_reported_by_touching_the_map(open_as: OpenAs) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(MAP_READY)
    page.get_by_role("button", name="Send").click()
    missing = ["Choose the place: where you are, a point on the map, or a building.", "Choose what kind it is."]
    expect(page.locator("[data-refusal] li")).to_have_text(missing)
    choose_category(page, "noise")
    point = page.evaluate("map_overview.latLngToContainerPoint([29.01, 106.003])")
    page.locator("#map .folium-map").click(position={"x": point["x"], "y": point["y"]})
    location = page.locator("#building").input_value() or page.locator("#longitude").input_value()
    assert re.match(r"\d", location)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-reported]")).to_be_visible()


def fill_report(page: Page) -> None:
    page.wait_for_selector(MAP_READY)
    choose_category(page)
    page.locator("#building").select_option(index=1)


def ignore_messages(guard: PageGuard, *words: str) -> None:
    """Forget what the browser itself says about requests that fail on purpose."""
    guard.problems[:] = [each for each in guard.problems if not any(word in each for word in words)]


def test_a_report_without_network_outlives_its_tab_and_is_sent_once_with_its_own_time(
    open_as: OpenAs, guard: PageGuard
) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    fill_report(page)
    page.locator("#occurred_at").fill("2026-01-02T08:30")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "1")
    expect(page.locator("#category")).to_have_value("")
    expect(page.locator("[data-category]")).to_have_count(0)
    reopened = page.context.new_page()
    page.close()
    reopened.context.set_offline(False)
    reopened.goto("/my-grid/report")
    expect(reopened.locator("#queue")).to_have_attribute("data-note", "sent")
    reopened.reload()
    expect(reopened.locator("[data-own-report]")).to_have_count(1)
    expect(reopened.locator("[data-own-report]")).to_contain_text("2026-01-02 08:30")
    ignore_messages(guard, "ERR_INTERNET_DISCONNECTED")


def test_the_form_opens_without_network_and_keeps_nothing_of_the_account(open_as: OpenAs, guard: PageGuard) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(MAP_READY)
    page.evaluate("navigator.serviceWorker.ready.then(() => null)")
    page.context.set_offline(True)
    page.goto("/my-grid/report")
    expect(page.locator("[data-page=offline-report]")).to_be_visible()
    choose_category(page)
    page.locator("#building").select_option(index=1)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "1")
    kept = page.evaluate(
        "caches.keys().then(([name]) => caches.open(name))"
        ".then((cache) => cache.keys()).then((all) => all.map((each) => new URL(each.url).pathname))"
    )
    assert [path for path in kept if not path.startswith("/static/")] == ["/my-grid/report/offline"]
    page.context.set_offline(False)
    page.goto("/my-grid/report")
    expect(page.locator("#queue")).to_have_attribute("data-note", "sent")
    page.reload()
    expect(page.locator("[data-own-report]")).to_have_count(1)
    ignore_messages(guard, "ERR_INTERNET_DISCONNECTED")


def lose_response(route: Route) -> None:
    route.fetch()
    route.abort()


def is_post(route: Route) -> bool:
    return route.request.method == "POST"


def test_a_report_whose_response_is_lost_is_stored_once(open_as: OpenAs, guard: PageGuard) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    fill_report(page)
    page.route(lambda url: url.endswith("/my-grid/reports"), lose_response, times=2)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "1")
    expect(page.locator("#queue")).to_have_attribute("data-note", "sent", timeout=15_000)
    page.goto("/my-grid")
    expect(page.locator("[data-incident]")).to_have_count(1)
    ignore_messages(guard, "ERR_FAILED")


BREAK_STORE = "() => { IDBFactory.prototype.open = () => { throw new Error('full'); }; }"


def test_a_report_that_is_neither_kept_nor_sent_stays_in_the_form_and_is_stored_once(
    open_as: OpenAs, guard: PageGuard
) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    fill_report(page)
    page.evaluate(BREAK_STORE)
    page.locator("#title").fill("lift stands still")
    refusal, send = page.locator("[data-refusal] li"), page.locator(".sticky-action button")
    page.route("**/my-grid/reports", lambda route: route.fulfill(status=401, json={}), times=1)
    send.click()
    expect(refusal).to_contain_text("this account is no longer signed in")
    page.route("**/my-grid/reports", lambda route: (lose_response if is_post(route) else Route.continue_)(route))
    send.click()
    expect(refusal).to_contain_text("there is no connection")
    expect(page.locator("#title")).to_have_value("lift stands still")
    page.unroute("**/my-grid/reports")
    send.click()
    expect(page.locator("[data-reported]")).to_be_visible(timeout=10_000)
    expect(page.locator("[data-incident]")).to_have_count(1)
    ignore_messages(guard, "ERR_FAILED", "401")


OPENED_TWO_HOURS_AGO = """() => {
  const { dataset } = document.getElementById("queue"), read = Date.now;
  const opened = new Date(new Date(`${dataset.presentTime}Z`).getTime() - 7_200_000);
  dataset.presentTime = opened.toISOString().slice(0, 19);
  Date.now = () => read() + 3_600_000;
  return dataset.presentTime;
}"""
"""Moves the opening of the form two hours back, and the present time one hour on."""


@pytest.mark.parametrize(("entered", "delay_h"), [(False, 1), (True, 0)], ids=["untouched", "entered"])
def test_the_time_of_a_report_is_that_of_sending_unless_another_one_is_entered(
    open_as: OpenAs, guard: PageGuard, entered: bool, delay_h: int
) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(MAP_READY)
    opened = datetime.fromisoformat(page.evaluate(OPENED_TWO_HOURS_AGO))
    if entered:
        page.locator("#occurred_at").fill(opened.isoformat(timespec="minutes"))
    choose_category(page)
    page.locator("#building").select_option(index=1)
    page.get_by_role("button", name="Send").click()
    expected = opened + timedelta(hours=delay_h)
    times = "|".join(f"{expected + timedelta(minutes=minutes):%Y-%m-%d %H:%M}" for minutes in range(2))
    expect(page.locator("[data-incident]")).to_contain_text(re.compile(times))


def test_a_time_that_is_asked_about_is_kept_and_sent_when_confirmed(open_as: OpenAs, guard: PageGuard) -> None:
    page = open_as(Role.WORKER, "/my-grid/report")
    page.wait_for_selector(MAP_READY)
    page.locator("#occurred_at").fill("1989-06-01T08:00")
    choose_category(page)
    page.locator("#building").select_option(index=1)
    page.get_by_role("button", name="Send").click()
    expect(page.locator("[data-refusal]")).to_contain_text("1989-06-01 08:00 is before 1990")
    expect(page.locator("#occurred_at")).to_have_value("1989-06-01T08:00")
    page.locator(".sticky-action").get_by_role("button", name="Send it with this time").click()
    expect(page.locator("[data-reported]")).to_be_visible()
    guard.problems[:] = [each for each in guard.problems if "422" not in each]


def test_residents_find_their_grid_on_the_map(open_as: OpenAs) -> None:
    page = open_as(None, "/public/east?language=en")
    page.wait_for_selector(MAP_READY)
    box = page.locator(".name-label >> text=east11").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("[data-page=public-grid]")).to_have_attribute("data-code", "east11")
    expect(page.locator("[data-vacant]")).to_contain_text("nobody answers for this grid")
    expect(page.locator(".name-label", has_text="east11")).to_have_count(1)
    expect(page.locator("[data-supervision]")).to_have_text("no number is published yet")
