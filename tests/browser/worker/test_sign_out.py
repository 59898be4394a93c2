"""Sign-out of a worker whose phone keeps reports that were not sent."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, OpenPage, PageGuard
from tests.browser.worker.test_phone import fill_report, ignore_messages
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import app, execute_sql, subdistricts

__all__ = ["app", "subdistricts"]


@pytest.fixture
def worker_page(app: Flask, filled_database: FilledDatabase, open_page: OpenPage) -> Iterator[Page]:
    """Return the first page of a worker who has signed in, in Chinese."""
    page = open_page(app, "/sign-in", PHONE, locale="zh-CN")
    page.set_default_timeout(10_000)
    page.locator("#name").fill("east-worker")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.wait_for_selector("[data-page=my-grid]")
    yield page
    execute_sql(filled_database, "DELETE FROM incident")


def sign_out(page: Page) -> None:
    page.locator(".page-header details.menu summary").click()
    page.locator("#sign-out button").click()


def test_a_sign_out_sends_what_waits_and_asks_before_it_deletes_the_rest(worker_page: Page, guard: PageGuard) -> None:
    page, dialog = worker_page, worker_page.locator("#unsent-reports")
    page.route("**/my-grid/reports", lambda route: route.abort())
    page.goto("/my-grid/report")
    fill_report(page)
    page.locator("#title").fill("二号梯停了")
    page.locator(".sticky-action button").click()
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "1")
    sign_out(page)
    expect(dialog.locator("li")).to_contain_text("二号梯停了")
    dialog.get_by_role("button", name="保持登录").click()
    sign_out(page)
    expect(dialog.get_by_role("button", name="退出登录并删除 1 条未上传的上报")).to_be_visible()
    dialog.get_by_role("button", name="保持登录").click()
    page.unroute("**/my-grid/reports")
    with page.expect_response(lambda each: each.request.method == "POST" and each.url.endswith("/reports")) as answer:
        sign_out(page)
    assert answer.value.status == 201
    page.wait_for_url("**/sign-in?signed_out=")
    ignore_messages(guard, "ERR_FAILED")


def test_what_is_not_sent_is_deleted_when_the_worker_says_so(worker_page: Page, guard: PageGuard) -> None:
    page = worker_page
    page.route("**/my-grid/reports", lambda route: route.abort())
    page.goto("/my-grid/report")
    fill_report(page)
    page.locator(".sticky-action button").click()
    expect(page.locator("#queue")).to_have_attribute("data-waiting", "1")
    sign_out(page)
    page.locator("#unsent-reports [data-sign-out]").click()
    page.wait_for_url("**/sign-in?signed_out=")
    assert "gridmap-reports" not in page.evaluate("indexedDB.databases().then((all) => all.map((each) => each.name))")
    ignore_messages(guard, "ERR_FAILED")
