"""A line is given by an administrator and used by a leader, from 360 to 1440 px, in both languages."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.browser.test_sign_in import STATUS_CONSOLE_MESSAGE
from tests.fixtures import web_app
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql, subdistricts
from tests.web.leader.test_service_lines import INCIDENTS, LINES

__all__ = ["subdistricts"]
OpenSignedIn = Callable[..., Page]
TABLET: ViewportSize = {"width": 1024, "height": 768}


@pytest.fixture
def app(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Flask]:
    execute_sql(filled_database, f"{INCIDENTS}; {LINES}; DELETE FROM account_scope_line")
    yield from web_app.open_application(filled_database)
    execute_sql(filled_database, "DELETE FROM account_scope_line; DELETE FROM incident")


@pytest.fixture
def open_as(app: Flask, open_page: OpenPage, guard: PageGuard) -> Iterator[OpenSignedIn]:
    """Return a function that signs in with a role and opens a page."""

    def open_signed_in(role: str, path: str, viewport: ViewportSize, language: str) -> Page:
        scheme = "dark" if viewport is TABLET else "light"
        page = open_page(app, f"/sign-in?next={path}", viewport, locale=language, color_scheme=scheme)
        page.locator("#name").fill(f"east-{role}")
        page.locator("#password").fill(PASSWORD)
        with page.expect_navigation():
            page.locator("main form button").click()
        return page

    yield open_signed_in
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


def look(page: Page, name: str) -> None:
    """Check that the page is not wider than the screen; keep its picture where a folder is named."""
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    if folder := os.environ.get("GRIDMAP_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def send(page: Page, form: str = "main form:has(select)") -> None:
    with page.expect_navigation():
        page.locator(f"{form} button").last.click()


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("viewport", "language"), [(PHONE, "zh-CN"), (TABLET, "en"), (DESKTOP, "zh-CN")], ids=["phone", "tablet", "desk"]
)
def test_a_line_is_given_and_its_incidents_are_seen_for_a_purpose(
    open_as: OpenSignedIn, subdistricts: dict[str, SubdistrictIds], viewport: ViewportSize, language: str
) -> None:
    leader_id, name = subdistricts["east"].account_ids["leader"], f"{viewport['width']}-{language}"
    admin = open_as("admin", "/admin/service-lines", viewport, language)
    look(admin, f"lines-{name}")
    admin.locator("[data-line=special] a").click()
    expect(admin.locator("input[value=mental_health]")).to_be_checked()
    look(admin, f"line-{name}")
    admin.goto(f"/admin/accounts/{leader_id}/lines")
    admin.locator("#line_id").select_option(index=1)
    send(admin)
    expect(admin.locator(".error-summary")).to_be_focused()
    look(admin, f"grant-refused-{name}")
    admin.locator("#legal_basis").fill("《精神卫生法》第六条")
    admin.locator("#last").fill(admin.evaluate("new Date(Date.now() + 1e10).toISOString().slice(0, 10)"))
    send(admin)
    expect(admin.locator("[data-grant]")).to_contain_text("《精神卫生法》第六条")
    look(admin, f"grant-{name}")
    leader = open_as("leader", "/heat/east?category=mental_health", viewport, language)
    expect(leader.locator("#line-status a")).to_be_visible()
    look(leader, f"figures-without-{name}")
    leader.locator("#line-status a").click()
    send(leader)
    look(leader, f"purpose-refused-{name}")
    leader.locator("#purpose").select_option("analysis")
    send(leader)
    assert leader.url.endswith("/heat/east?category=mental_health")
    look(leader, f"figures-{name}")
    leader.goto(f"/heat/east/grids/{subdistricts['east'].grid_ids[0]}?category=mental_health")
    expect(leader.locator("[data-incident]")).to_have_count(2)
    look(leader, f"list-{name}")
    leader.locator("[data-incident] a").first.click()
    expect(leader.locator("main")).to_contain_text("words of mental_health")
    look(leader, f"incident-{name}")
    leader.goto("/heat/east/lines")
    look(leader, f"purpose-{name}")
