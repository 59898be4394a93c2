"""A planner on a phone looks for plans from today's grids, compares them, and saves one with a double click."""

from flask import Flask
from playwright.sync_api import expect

from gridmap.services.accounts import sign_in
from gridmap.store.key_ring import create_key_ring
from gridmap.web import context
from tests.browser.conftest import PHONE, OpenPage
from tests.fixtures.subdistricts import PASSWORD
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.web.planner.test_pages import app, community_id, community_url, database_url, latest_revision, report

__all__ = ["app", "community_id", "community_url", "database_url", "report"]


def test_a_planner_saves_one_of_the_plans_once(
    app: Flask, open_page: OpenPage, database_url: str, community_id: int, community_url: str
) -> None:
    create_key_ring()
    token = sign_in.sign_in(app.extensions[context.ACCOUNT_DATABASE_EXTENSION], "planner", PASSWORD)
    account = sign_in.find_session_account(app.extensions[context.DATABASE_EXTENSION], token)
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: account
    page = open_page(app, community_url, PHONE)
    form = page.locator("#from-today")
    form.get_by_label("Minimum of households").fill("80")
    form.get_by_label("Maximum of households").fill("240")
    form.get_by_text("Locked grids").first.click()
    assert form.locator("input[name=locked]").count() == 4
    assert form.locator("label.choice").first.evaluate("each => each.getBoundingClientRect().height") >= 44
    form.get_by_role("button", name="Look for plans").dblclick()
    page.wait_for_url("**/jobs/**")
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    page.wait_for_url("**/repartitions/**")  # the page of the job has seen the end by itself
    page.wait_for_selector("#map[data-load-status=ready]")
    expect(page.locator("#moves tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Today").click()
    expect(page.get_by_role("button", name="Today")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    before = latest_revision(database_url, community_id)[1]
    page.get_by_role("button", name="Save plan 1").dblclick()
    page.wait_for_url("**/jobs/**")
    assert [end.outcome for end in run_waiting_jobs(database_url)] == ["done"]
    page.wait_for_url("**revision=**")
    assert latest_revision(database_url, community_id)[1] == before + 1
    page.go_back()
    page.wait_for_url("**/repartitions/**")
    page.reload()
    expect(page.locator("main")).to_contain_text("This plan was saved already")
