"""Sign-in on a phone in both languages: each role, a wrong password, the lock and a one-time password."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from gridmap.core.vocabulary import Role
from tests.browser.conftest import PHONE, OpenPage, PageGuard
from tests.fixtures import web_app
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql, subdistricts

__all__ = ["subdistricts"]
NEW_PASSWORD = "a boat under seven bridges"
LANGUAGES = {
    "en": ("Sign in", "Sign out", "do not belong together", "Too many attempts", "Choose a password of your own"),
    "zh-CN": ("登录", "退出登录", "登录名或密码不正确", "尝试次数过多", "请先设置自己的密码"),
}
STATUS_CONSOLE_MESSAGE = "the server responded with a status of"
"""The console message of Chromium for every response from 400 on; the tests expect these responses."""


@pytest.fixture
def app(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds]) -> Iterator[Flask]:
    yield from web_app.open_application(filled_database)


@pytest.fixture
def sign_in(app: Flask, open_page: OpenPage, guard: PageGuard) -> Iterator[web_app.SignIn]:
    """Return a function that fills in and submits the form on a phone."""
    pages: list[Page] = []

    def submit(name: str, password: str, language: str) -> Page:
        if not pages:
            pages.append(open_page(app, "/sign-in?next=/account", PHONE, locale=language))
        page = pages[0]
        page.locator("#name").fill(name)
        page.locator("#password").fill(password)
        with page.expect_navigation():
            page.locator("main form button").click()
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return page

    yield submit
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


@pytest.mark.sampled(5)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", Role)
def test_every_role_signs_in_and_out(sign_in: web_app.SignIn, role: Role, language: str) -> None:
    enter, leave, *_ = LANGUAGES[language]
    page = sign_in(f"east-{role}", PASSWORD, language)
    expect(page.locator("dl").first).to_contain_text(f"East-{role.title()}")
    page.locator("details.menu summary").click()
    page.locator("details.menu").get_by_role("button", name=leave).click()
    expect(page.locator("h1")).to_have_text(enter)


def test_a_language_chosen_in_the_header_stays_and_leads_back_to_the_page(sign_in: web_app.SignIn) -> None:
    page = sign_in("east-worker", PASSWORD, "en")
    page.goto(f"{page.url}?page=1")
    page.get_by_role("button", name="中文").click()
    expect(page.locator("h1")).to_have_text("我的账号")
    assert page.url.endswith("/account?page=1")
    page.goto(page.url)
    expect(page.get_by_role("button", name="English")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_password_is_reported_and_locks_the_sign_in_after_five_attempts(
    sign_in: web_app.SignIn, language: str
) -> None:
    *_, wrong, locked, _ = LANGUAGES[language]
    for _ in range(5):
        page = sign_in("east-worker", "not this one", language)
        expect(page.get_by_role("alert")).to_contain_text(wrong)
    page = sign_in("east-worker", PASSWORD, language)
    expect(page.get_by_role("alert")).to_contain_text(locked)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_password_set_by_somebody_else_is_changed_first(
    sign_in: web_app.SignIn, filled_database: FilledDatabase, language: str
) -> None:
    execute_sql(filled_database, "UPDATE credential SET must_change = true")
    page = sign_in("east-worker", PASSWORD, language)
    expect(page.locator("main")).to_contain_text(LANGUAGES[language][-1])
    for field, value in {
        "current_password": PASSWORD,
        "password": NEW_PASSWORD,
        "repeat_password": NEW_PASSWORD,
    }.items():
        page.locator(f"#{field}").fill(value)
    page.locator("main form button").click()
    expect(page.locator("[data-page=my-grid]")).to_have_attribute("data-code", "east11")
