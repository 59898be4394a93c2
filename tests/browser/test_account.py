"""Signing in on a phone, in both languages: every role, a wrong password, being locked out, a first password."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from gridmap.core.names import Role
from tests.browser.conftest import PHONE, Guard, Open
from tests.offices import PASSWORD, Filled, Office
from tests.web import offices
from tests.web.offices import places, told

__all__ = ["places"]
NEW = "a boat under seven bridges"
LANGUAGES = {
    "en": ("Sign in", "Sign out", "do not belong together", "Too many attempts", "Choose a password of your own"),
    "zh-CN": ("登录", "退出登录", "登录名或密码不正确", "尝试次数过多", "请先设置自己的密码"),
}
TELLS = "the server responded with a status of"
"""What Chromium says on the console of every answer from 400 on; ours are meant."""


@pytest.fixture
def app(filled: Filled, places: dict[str, Office]) -> Iterator[Flask]:
    yield from offices.application(filled)


@pytest.fixture
def sign_in(app: Flask, open_page: Open, guard: Guard) -> Iterator[offices.SignIn]:
    """Fill in the form on a phone."""
    pages: list[Page] = []

    def filled_in(name: str, password: str, language: str) -> Page:
        if not pages:
            pages.append(open_page(app, "/sign-in?next=/account", PHONE, locale=language))
        page = pages[0]
        page.locator("#name").fill(name)
        page.locator("#password").fill(password)
        with page.expect_navigation():
            page.locator("main form button").click()
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
        return page

    yield filled_in
    guard.complaints[:] = [each for each in guard.complaints if TELLS not in each]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", Role)
def test_every_role_signs_in_and_out(sign_in: offices.SignIn, role: Role, language: str) -> None:
    enter, leave, *_ = LANGUAGES[language]
    page = sign_in(f"east-{role}", PASSWORD, language)
    expect(page.locator("dl").first).to_contain_text(f"East-{role.title()}")
    page.locator("details.menu summary").click()
    page.get_by_role("button", name=leave).click()
    expect(page.locator("h1")).to_have_text(enter)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_password_is_told_and_then_locks(sign_in: offices.SignIn, language: str) -> None:
    *_, wrong, locked, _ = LANGUAGES[language]
    for _ in range(5):
        page = sign_in("east-worker", "not this one", language)
        expect(page.get_by_role("alert")).to_contain_text(wrong)
    page = sign_in("east-worker", PASSWORD, language)
    expect(page.get_by_role("alert")).to_contain_text(locked)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_password_set_by_somebody_else_is_changed_first(
    sign_in: offices.SignIn, filled: Filled, language: str
) -> None:
    told(filled, "UPDATE credential SET must_change = true")
    page = sign_in("east-worker", PASSWORD, language)
    expect(page.locator("main")).to_contain_text(LANGUAGES[language][-1])
    for field, value in {"old": PASSWORD, "password": NEW, "again": NEW}.items():
        page.locator(f"#{field}").fill(value)
    page.locator("main form button").click()
    expect(page.locator("dl").first).to_contain_text("East-Worker")
