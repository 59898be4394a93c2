"""Second factor in a browser: set-up on a phone, the second step, a form that survives the repeated password."""

import re
import time
from collections.abc import Iterator

import pyotp
import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import DESKTOP, PHONE, OpenPage, PageGuard
from tests.browser.test_sign_in import STATUS_CONSOLE_MESSAGE
from tests.fixtures import web_app
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, SubdistrictIds
from tests.fixtures.web_app import execute_sql, subdistricts

__all__ = ["subdistricts"]


@pytest.fixture
def app(filled_database: FilledDatabase, subdistricts: dict[str, SubdistrictIds], guard: PageGuard) -> Iterator[Flask]:
    """Create the application; administrators and stations need a second factor."""
    execute_sql(filled_database, "UPDATE installation SET second_factor_roles = '{admin,station}'")
    yield from web_app.open_application(filled_database)
    execute_sql(filled_database, "UPDATE installation SET second_factor_roles = '{}'")
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


def sign_in(page: Page, name: str) -> None:
    page.goto("/sign-in")
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    submit(page)


def submit(page: Page) -> None:
    """Submit the form of the page, which fits the window."""
    with page.expect_navigation():
        page.locator("main form button").first.click()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def set_up(page: Page) -> str:
    """Set up the second factor that the page asks for; return its secret."""
    secret = re.sub(r"\s", "", page.locator("strong.code").inner_text())
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    submit(page)
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    return secret


def test_a_station_sets_up_an_app_and_signs_in_by_its_code(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/sign-in", PHONE, locale="zh-CN")
    sign_in(page, "east-station")
    expect(page.locator("h1")).to_have_text("设置两步验证")
    expect(page.locator("img.qr-code")).to_be_visible()
    secret = set_up(page)
    page.locator("details.menu summary").click()
    with page.expect_navigation():
        page.get_by_role("button", name="退出登录").click()
    sign_in(page, "east-station")
    page.locator("#code").fill("000000")
    submit(page)
    expect(page.get_by_role("alert")).to_contain_text("检查手机时间")
    page.locator("#code").fill(pyotp.TOTP(secret).at(time.time(), counter_offset=1))
    submit(page)
    page.goto("/account")
    expect(page.locator("main")).to_contain_text("剩余恢复码：10 个")
    expect(page.locator("main")).to_contain_text("本浏览器")


def test_a_filled_form_goes_on_after_the_password(
    app: Flask, open_page: OpenPage, filled_database: FilledDatabase
) -> None:
    page = open_page(app, "/sign-in", DESKTOP)
    sign_in(page, "east-admin")
    set_up(page)
    page.goto("/admin/accounts/new")
    page.locator("#display_name").fill("赵六")
    page.locator("#name").fill("zhao.liu")
    page.locator("#role").select_option("worker")
    page.locator("#subdistrict").select_option("east")
    execute_sql(filled_database, "UPDATE web_session SET password_confirmed_at = now() - interval '6 minutes'")
    submit(page)
    expect(page.locator("h1")).to_have_text("Your password, please")
    page.locator("#own_password").fill("not this one")
    submit(page)
    page.locator("#own_password").fill(PASSWORD)
    submit(page)
    expect(page.locator("main")).to_contain_text("zhao.liu")
    expect(page.locator("h1")).to_have_text("One-time password")
