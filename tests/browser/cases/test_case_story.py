"""One case over four roles in Chromium, with a plan that comes into force in between."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESKTOP, PHONE, PageGuard, serve_app
from tests.browser.worker.test_phone import MAP_READY, choose_category, ignore_messages
from tests.fixtures.cases.incident_cases import add_worker, delete_cases, select_value
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds, set_rehearsal_date
from tests.fixtures.web_app import execute_sql, open_application, subdistricts

__all__ = ["subdistricts"]
ADD_COLLEAGUE = """
INSERT INTO account (name, display_name, role) VALUES ('east-colleague', 'Zhao', 'worker');
INSERT INTO credential (account_id, password_hash, must_change) SELECT n.id, c.password_hash, false FROM account n,
    credential c JOIN account o ON o.id = c.account_id AND o.name = 'east-worker' WHERE n.name = 'east-colleague';
INSERT INTO account_scope (account_id, subdistrict_id, community_id, grid_id, valid) SELECT n.id, {subdistrict},
    {community}, {grid}, '[2020-01-01,)' FROM account n WHERE n.name = 'east-colleague';
INSERT INTO worker (subdistrict_id, community_id, name, account_id, valid) SELECT {subdistrict}, {community}, 'Zhao',
    id, '[2020-01-01,)' FROM account WHERE name = 'east-colleague';
INSERT INTO duty (subdistrict_id, worker_id, kind, grid_id, role, in_charge, valid) SELECT subdistrict_id, id,
    'own_grid', {grid}, 'grid_leader', true, valid FROM worker WHERE name = 'Zhao'
"""
ADOPT_SWAPPED_GRIDS = """
INSERT INTO revision (subdistrict_id, plan_id, land_id, community_id, number, minimum, maximum)
    SELECT subdistrict_id, plan_id, land_id, community_id, 2, 1, 9 FROM revision WHERE community_id = {community};
INSERT INTO revision_grid (revision_id, grid_id, subdistrict_id, geometry, kind, status, households, buildings, area_m2)
    SELECT n.id, o.grid_id, g.subdistrict_id, g.geometry, g.kind, g.status, g.households, g.buildings, g.area_m2
    FROM revision n, revision_grid g JOIN revision_grid o ON o.revision_id = g.revision_id AND o.grid_id <> g.grid_id
    JOIN revision r ON r.id = g.revision_id WHERE n.number = 2 AND r.number = 1 AND r.community_id = {community};
INSERT INTO assignment (revision_id, cell_id, grid_id, subdistrict_id) SELECT n.id, a.cell_id, g.grid_id,
    a.subdistrict_id FROM revision n, assignment a JOIN revision r ON r.id = a.revision_id AND r.number = 1
    JOIN revision_grid g ON g.revision_id = r.id AND g.grid_id <> a.grid_id
    WHERE n.number = 2 AND r.community_id = {community};
UPDATE adoption SET valid = daterange('2020-01-01', today() + 1) WHERE community_id = {community};
INSERT INTO adoption (revision_id, subdistrict_id, community_id, valid)
    SELECT id, subdistrict_id, community_id, daterange(today() + 1, NULL) FROM revision WHERE number = 2
"""
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
IN_GRID = {"latitude": 29.01, "longitude": 106.005}


@dataclass
class Office:
    """Browsers of the people of the subdistrict east, each signed in with an account of its own."""

    browser: Browser
    guard: PageGuard
    address: str

    def sign_in(self, name: str, path: str, language: str, *, phone: bool = False) -> Page:
        options: dict[str, Any] = {"base_url": self.address, "locale": language, "viewport": DESKTOP}
        if phone:
            options |= {"viewport": PHONE, "has_touch": True, "geolocation": IN_GRID, "permissions": ["geolocation"]}
        context = self.browser.new_context(**options)
        page = context.new_page()
        self.guard.attach(page)
        page.goto(f"/sign-in?next={path}")
        page.locator("#name").fill(f"east-{name}")
        page.locator("#password").fill(PASSWORD)
        page.locator("main form button").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)
        return page

    def check_width(self, page: Page) -> None:
        width = page.viewport_size and page.viewport_size["width"]
        assert page.evaluate("document.documentElement.scrollWidth") <= (width or 0)


@pytest.fixture
def east(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[SubdistrictIds]:
    """Return the subdistrict with a worker in charge of each of its two grids."""
    place = subdistricts["east"]
    add_worker(filled_database, place)
    keys = {"subdistrict": place.subdistrict_id, "community": place.community_id, "grid": place.grid_ids[1]}
    execute_sql(filled_database, ADD_COLLEAGUE.format(**keys))
    yield place
    set_rehearsal_date(filled_database.owner_url, None)
    delete_cases(filled_database)


@pytest.fixture
def app(filled_database: FilledDatabase, east: SubdistrictIds) -> Iterator[Flask]:
    yield from open_application(filled_database)


@pytest.fixture
def office(app: Flask, browser: Browser, guard: PageGuard) -> Iterator[Office]:
    with serve_app(app) as address:
        guard.allowed_prefixes = (*guard.allowed_prefixes, f"{address}/")
        yield Office(browser, guard, address)
        for context in browser.contexts:
            context.close()


def take(page: Page, action: str, text: str = "") -> None:
    """Take a step by its form; those that need more than a button are unfolded first."""
    form = page.locator(f'[data-step="{action}"]')
    form.wait_for(state="attached")  # the page may still be on its way
    if not form.is_visible():
        page.locator(f"#step-{action} > summary").click()
    if text:
        form.locator("textarea").fill(text)
    with page.expect_navigation():
        form.locator("button").click()


def report_without_network(office: Office) -> Page:
    """Report on the phone without network, close the tab, and let the next one send the report; return its page."""
    page = office.sign_in("worker", "/my-grid/report", "zh-CN", phone=True)
    page.wait_for_selector(MAP_READY)
    choose_category(page)
    page.locator("button[data-use-position]").click()
    page.context.set_offline(True)
    page.locator("#report .sticky-action button").click()
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "1")
    office.check_width(page)
    reopened = page.context.new_page()
    page.close()
    reopened.context.set_offline(False)
    reopened.goto("/my-grid/report")
    expect(reopened.locator("#queue")).to_have_attribute("data-note", "sent")
    return reopened


def let_the_plan_come_into_force(database: FilledDatabase, place: SubdistrictIds) -> None:
    """Adopt a plan that gives each cell to the other grid, and let the day pass on which it comes into force."""
    execute_sql(database, ADOPT_SWAPPED_GRIDS.format(community=place.community_id))
    days = select_value(database, "SELECT today() + 1 - date '2000-01-01'")
    set_rehearsal_date(database.owner_url, date(2000, 1, 1) + timedelta(days=days))


def test_a_case_goes_from_a_dead_phone_to_its_end_across_a_new_plan(
    office: Office, guard: PageGuard, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    reporter = report_without_network(office)
    assert select_value(filled_database, "SELECT count(*) FROM incident") == 1
    case = f"/cases/{select_value(filled_database, 'SELECT id FROM incident')}"

    station = office.sign_in("station", case, "en")
    take(station, "accept")
    expect(station.locator('[name="worker"]:checked + span')).to_contain_text("Wang")
    take(station, "assign")
    reporter.goto(case)
    take(reporter, "send_back", "要用梯子车")
    let_the_plan_come_into_force(filled_database, east)
    station.goto(case)
    expect(station.locator("#case-steps")).to_contain_text("要用梯子车")
    expect(station.locator("#former-grid")).to_contain_text("east11")
    expect(station.locator('[name="worker"]:checked + span')).to_contain_text("Zhao")
    take(station, "assign")
    office.check_width(station)

    colleague = office.sign_in("colleague", "/cases/notices", "en", phone=True)
    colleague.get_by_role("link", name="You have this case now").click()
    take(colleague, "begin")
    colleague.locator("#step-close > summary").click()
    colleague.locator('[data-step="close"] input[type="file"]').set_input_files(
        {"name": "lamp.png", "mimeType": "image/png", "buffer": PICTURE}
    )
    take(colleague, "close", "lamp replaced")
    expect(colleague.locator(".photos img")).to_have_count(1)
    office.check_width(colleague)

    reporter.goto("/my-grid/report")
    expect(reporter.locator("[data-own-report]")).to_contain_text("已办结")
    office.check_width(reporter)
    leader = office.sign_in("leader", case, "zh-CN")
    expect(leader.locator("#case-steps")).to_contain_text("lamp replaced")
    expect(leader.locator("[data-step-action]")).to_have_count(6)
    leader.wait_for_selector(MAP_READY)
    office.check_width(leader)
    ignore_messages(guard, "ERR_INTERNET_DISCONNECTED")
