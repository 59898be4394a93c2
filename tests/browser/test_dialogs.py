"""Dialogs that ask before an action: a cancelled one can be confirmed later, and sends nothing."""

from flask import Flask
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage
from tests.fixtures.subdistricts import PASSWORD
from tests.fixtures.web_app import app, subdistricts

__all__ = ["app", "subdistricts"]


def test_a_cancelled_dialog_can_be_confirmed_later(app: Flask, open_page: OpenPage) -> None:
    page = open_page(app, "/sign-in?next=/admin/accounts")
    page.locator("#name").fill("east-admin")
    page.locator("#password").fill(PASSWORD)
    page.locator("#password").press("Enter")
    page.get_by_role("link", name="East-Worker", exact=False).first.click()
    page.locator("[data-dialog=ask-password]").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("dialog#ask-password")).to_be_hidden()
    page.locator("[data-dialog=ask-password]").click()
    page.get_by_role("button", name="Give it").click()
    expect(page.locator("main")).to_contain_text("one-time password", ignore_case=True)
    expect(page.locator("dialog#ask-password")).to_be_hidden()
