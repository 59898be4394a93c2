"""Reveals on a phone, by taps and one line of words, and the administrator's pages, in both languages."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.browser.test_sign_in import STATUS_CONSOLE_MESSAGE
from tests.fixtures import web_app
from tests.fixtures.people import households
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import subdistricts

__all__ = ["subdistricts"]
OpenSignedIn = Callable[..., Page]
SMALL_TARGETS = """() => [...document.querySelectorAll("main .choice, main button, main .button, main input")]
  .filter((each) => each.offsetParent && !["radio", "checkbox", "hidden"].includes(each.type))
  .filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture
def app(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Flask]:
    households.begin_day_at_noon(filled_database)
    households.forget_reveals(filled_database)
    yield from web_app.open_application(filled_database)


@pytest.fixture
def open_as(app: Flask, open_page: OpenPage, guard: PageGuard) -> Iterator[OpenSignedIn]:
    """Return a function that signs in with a role and opens a page."""

    def open_signed_in(role: str, path: str, viewport: ViewportSize = PHONE, language: str = "en") -> Page:
        page = open_page(app, f"/sign-in?next={path}", viewport, locale=language)
        page.locator("#name").fill(f"east-{role}")
        page.locator("#password").fill(PASSWORD)
        with page.expect_navigation():
            page.locator("main form button").click()
        return page

    yield open_signed_in
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


def assert_fits(page: Page) -> None:
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert page.evaluate(SMALL_TARGETS) == []


def submit(page: Page) -> None:
    with page.expect_navigation():
        page.locator("form.reveal button").click()


def choose(page: Page, *values: str) -> None:
    for value in values:
        page.locator(f"label.choice:has(input[value={value}])").click()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_number_is_revealed_by_taps_and_words(
    open_as: OpenSignedIn, subdistricts: dict[str, SubdistrictIds], language: str
) -> None:
    page = open_as("worker", f"/residents/{subdistricts['east'].resident_ids[0]}", language=language)
    assert_fits(page)
    expect(page.locator("#matter_number")).to_be_hidden()
    choose(page, "phone", "matter")
    expect(page.locator("#matter_number")).to_be_visible()
    page.locator("#reason").fill("asdfgh")
    submit(page)
    assert_fits(page)
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator("#reason")).to_have_value("asdfgh")
    expect(page.locator("input[value=matter]")).to_be_checked()
    page.locator("#matter_number").fill("2026-17")
    page.locator("#reason").fill("补办老年证")
    submit(page)
    expect(page.locator("[data-revealed]")).to_have_text("13800138000")
    expect(page.locator("[data-households-left]")).to_have_attribute("data-households-left", "29")
    assert_fits(page)


def test_a_household_is_open_for_a_visit_until_it_is_ended(
    open_as: OpenSignedIn, subdistricts: dict[str, SubdistrictIds]
) -> None:
    page = open_as("worker", f"/residents/{subdistricts['east'].resident_ids[0]}")
    choose(page, "household", "door_visit")
    page.locator("#reason").fill("visit at the door")
    submit(page)
    expect(page.locator("[data-members]")).to_contain_text("张小明")
    expect(page.locator("a[href^='tel:']")).to_have_text("13800138000")
    assert_fits(page)
    page.reload()
    expect(page.locator("[data-members]")).to_contain_text("张小明")
    with page.expect_navigation():
        page.locator("main form button").click()
    expect(page.locator("[data-page=household]")).to_contain_text("张**")
    assert_fits(page)


def test_a_form_sent_by_a_double_click_is_one_reveal(
    open_as: OpenSignedIn, subdistricts: dict[str, SubdistrictIds]
) -> None:
    resident_id = subdistricts["east"].resident_ids[0]
    page = open_as("station", f"/residents/{resident_id}")
    choose(page, "name", "verification")
    page.locator("#reason").fill("check of the register")
    with page.expect_navigation():
        page.locator("form.reveal button").dblclick()
    expect(page.locator("[data-revealed]")).to_have_text("张小明")
    page.goto(f"/residents/{resident_id}/access-log")
    expect(page.locator("[data-action=reveal]")).to_have_count(1)
    assert_fits(page)


@pytest.mark.sampled(1)
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desk"])
def test_an_administrator_opens_a_special_task_and_sees_the_alarm(
    open_as: OpenSignedIn,
    filled_database: FilledDatabase,
    subdistricts: dict[str, SubdistrictIds],
    viewport: ViewportSize,
) -> None:
    page = open_as("admin", "/admin/special-tasks/new", viewport)
    page.locator("#purpose").fill("visits to the elderly")
    with page.expect_navigation():
        page.locator("main form button").click()
    expect(page.locator("#purpose")).to_have_value("visits to the elderly")
    expect(page.locator(".error-summary")).to_be_focused()
    assert_fits(page)
    page.locator("label.choice:has(input[value=phone])").click()
    page.locator("#households").fill("200")
    page.locator("#last").fill(page.locator("#first").input_value())
    page.locator("label.choice", has_text="East-Worker").click()
    web_app.execute_sql(filled_database, "UPDATE web_session SET password_confirmed_at = now() - interval '6 minutes'")
    with page.expect_navigation():
        page.locator("main form button").click()
    assert_fits(page)
    page.locator("#own_password").fill(PASSWORD)
    with page.expect_navigation():
        page.locator("main form button").click()
    expect(page.locator("[data-task]").first).to_contain_text("visits to the elderly")
    assert_fits(page)
    reach_the_limit(filled_database, subdistricts["east"])
    page.goto("/")
    expect(page.locator("[data-alarms]")).to_contain_text("East-Worker reached a limit of reveals")
    with page.expect_navigation():
        page.get_by_role("button", name="I have looked into it").click()
    expect(page.locator("[data-alarms]")).to_have_count(0)


def reach_the_limit(filled: FilledDatabase, east: SubdistrictIds) -> None:
    """Record a refusal of the worker of east."""
    who = f"{east.subdistrict_id}, {east.account_ids['worker']}"
    values = f"{who}, 'reveal_refused', jsonb_build_object('limit', 'budget')"
    web_app.execute_sql(filled, f"INSERT INTO audit (subdistrict_id, account_id, action, details) VALUES ({values})")
