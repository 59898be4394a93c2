"""Pages of jobs in a browser: list, progress, cancel, result, failure and a file that is gone, for two roles."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from gridmap.core.vocabulary import Role
from gridmap.services.accounts import sign_in
from gridmap.store.key_ring import create_key_ring
from gridmap.web import context
from tests.browser.conftest import DESKTOP, PHONE, OpenPage
from tests.browser.test_overview import app
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase
from tests.fixtures.web_app import execute_sql
from tests.jobs.waiting_jobs import run_waiting_jobs

__all__ = ["app"]
CLEAR = "DELETE FROM job; DELETE FROM stored_file"
RUNNING = """UPDATE job SET state = 'running', token_hash = '\\x00', claimed_at = now(), attempts = 1,
    lease_expires_at = now() + interval '1 hour', progress_done = 3, progress_total = 4,
    progress_step = '{"template": "Drawing sheet by sheet", "values": {}}' WHERE state = 'queued'"""
GIVEN_BACK = "UPDATE job SET state = 'queued', lease_expires_at = NULL, token_hash = NULL WHERE state = 'running'"
LOST = "UPDATE job SET parameters = jsonb_set(parameters, '{code}', '\"gone\"')"


@pytest.fixture(autouse=True)
def no_jobs(filled_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("GRIDMAP_HOME", str(filled_database.home_dir))
    create_key_ring()
    execute_sql(filled_database, CLEAR)
    yield
    execute_sql(filled_database, CLEAR)


def open_files(app: Flask, open_page: OpenPage, role: Role, *, phone: bool = False) -> Page:
    """Open the page of files of the subdistrict east, signed in."""
    accounts = app.extensions[context.ACCOUNT_DATABASE_EXTENSION]
    token = sign_in.sign_in(accounts, f"east-{role}", PASSWORD)
    account = sign_in.find_session_account(app.extensions[context.DATABASE_EXTENSION], token)
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: account
    return open_page(app, "/subdistricts/east/files", PHONE if phone else DESKTOP)


def test_a_planner_watches_cancels_and_gets_a_file(
    app: Flask, open_page: OpenPage, filled_database: FilledDatabase
) -> None:
    page = open_files(app, open_page, Role.PLANNER)
    page.get_by_role("button", name="Draw the sheets").click()
    expect(page.locator("#job-state")).to_contain_text("waits")
    execute_sql(filled_database, RUNNING)
    expect(page.locator("#job")).to_contain_text("Drawing sheet by sheet")
    expect(page.locator("#job")).to_contain_text("75 %")
    execute_sql(filled_database, GIVEN_BACK)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("main")).to_contain_text("Nothing was saved")
    page.get_by_role("button", name="Try it again").click()
    assert [end.outcome for end in run_waiting_jobs(filled_database.owner_url)] == ["done"]
    with page.expect_download() as started:  # the page has seen the end by itself
        page.get_by_role("link", name="Download the file").click()
    assert started.value.suggested_filename.startswith("east subdistrict-Responsibility maps-")
    page.goto("/jobs")
    expect(page.locator("tr[data-job]")).to_contain_text("done")
    execute_sql(filled_database, "DELETE FROM stored_file")
    page.locator("tr[data-job] a").click()
    expect(page.locator("main")).to_contain_text("The file has had its time")


def test_a_station_reads_on_a_phone_why_a_job_failed(
    app: Flask, open_page: OpenPage, filled_database: FilledDatabase
) -> None:
    page = open_files(app, open_page, Role.STATION, phone=True)
    page.get_by_role("button", name="Make the file").click()
    expect(page.locator("#job-state")).to_contain_text("waits")
    execute_sql(filled_database, LOST)
    assert [end.outcome for end in run_waiting_jobs(filled_database.owner_url)] == ["failed"]
    expect(page.locator("main")).to_contain_text("does not exist any more, or is not in your area")
    page.goto("/jobs")
    expect(page.locator("tr[data-job]")).to_contain_text("failed")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
