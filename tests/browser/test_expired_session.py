"""Forms of every role sent after the session has ended: the password is required, and no input is lost."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage, PageGuard
from tests.browser.test_sign_in import STATUS_CONSOLE_MESSAGE
from tests.browser.worker.test_phone import fill_report
from tests.fixtures import web_app
from tests.fixtures.people import households
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql, subdistricts

__all__ = ["subdistricts"]
NEW_PASSWORD = "a boat under seven bridges"
END_SESSIONS = "UPDATE web_session SET expires_at = now()"
OpenSignedIn = Callable[[str, str], Page]


@pytest.fixture
def app(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Flask]:
    households.begin_day_at_noon(filled_database)
    households.forget_reveals(filled_database)
    yield from web_app.open_application(filled_database)
    execute_sql(filled_database, "DELETE FROM incident")


@pytest.fixture
def open_as(app: Flask, open_page: OpenPage, guard: PageGuard) -> Iterator[OpenSignedIn]:
    """Return a function that signs in with a role and opens a page."""

    def open_signed_in(role: str, path: str) -> Page:
        page = open_page(app, f"/sign-in?next={path}", PHONE)
        sign_in(page, f"east-{role}")
        return page

    yield open_signed_in
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


def sign_in(page: Page, name: str) -> None:
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def sign_in_on_the_spot(page: Page, name: str) -> None:
    """Give the password on the page that a form of an ended session leads to."""
    expect(page.locator(".alert")).to_contain_text("Your session has ended")
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    sign_in(page, name)


def test_a_report_of_a_worker_is_sent(open_as: OpenSignedIn, filled_database: FilledDatabase) -> None:
    page = open_as("worker", "/my-grid/report")
    fill_report(page)
    page.locator("#title").fill("路灯不亮")
    execute_sql(filled_database, END_SESSIONS)
    page.get_by_role("button", name="Send").click()
    page.locator("#queue[data-note=signedOut] a").click()
    sign_in(page, "east-worker")
    expect(page.locator("#queue")).to_have_attribute("data-note", "sent")
    page.reload()
    expect(page.locator("[data-own-report]")).to_have_count(1)
    expect(page.locator("[data-own-report]")).to_contain_text("路灯不亮")


def test_a_reveal_is_sent_with_its_reason(
    open_as: OpenSignedIn, filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]
) -> None:
    page = open_as("station", f"/residents/{subdistricts['east'].resident_ids[0]}")
    for value in ("phone", "verification"):
        page.locator(f"label.choice:has(input[value={value}])").click()
    page.locator("#reason").fill("check of the register")
    execute_sql(filled_database, END_SESSIONS)
    page.locator("form.reveal button").click()
    sign_in_on_the_spot(page, "east-station")
    expect(page.locator("[data-revealed]")).to_have_text("13800138000")


def test_a_new_account_is_made(open_as: OpenSignedIn, filled_database: FilledDatabase) -> None:
    page = open_as("admin", "/admin/accounts/new")
    page.locator("#display_name").fill("Wang Fang")
    page.locator("#name").fill("wang.fang")
    page.locator("#role").select_option("leader")
    execute_sql(filled_database, END_SESSIONS)
    page.get_by_role("button", name="Make the account").click()
    sign_in_on_the_spot(page, "east-admin")
    expect(page.locator("main")).to_contain_text("wang.fang")


def test_an_own_password_is_changed(open_as: OpenSignedIn, filled_database: FilledDatabase) -> None:
    page = open_as("leader", "/account/password")
    page.locator("#current_password").fill(PASSWORD)
    page.locator("#password").fill(NEW_PASSWORD)
    page.locator("#repeat_password").fill(NEW_PASSWORD)
    execute_sql(filled_database, END_SESSIONS)
    page.locator("main form button").click()
    sign_in_on_the_spot(page, "east-leader")
    expect(page.locator(".alerts")).to_contain_text("Your password is changed")
