"""Border streets in a browser: a planner finds a street on the map, gives it to a grid and saves it once."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import Row, create_engine, text

from gridmap.app import create_app
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.store.session import Database
from tests.browser.conftest import PHONE, OpenPage, PageGuard
from tests.browser.test_sign_in import STATUS_CONSOLE_MESSAGE
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE
from tests.fixtures.subdistricts import PASSWORD, app_settings, password_hash
from tests.fixtures.web_app import close_databases
from tests.services.plans.street_town import StreetTown, find_town, load_street_town, plant_incidents

MAP_READY = "#map[data-load-status=ready]"
SAVE = "Save as a new revision"


@pytest.fixture(scope="module")
def owner_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Load the town with its incidents and a planner."""
    load_street_town(module_database_url, tmp_path_factory.mktemp("town"))
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        plant_incidents(session, find_town(session).subdistrict_id)
        create_account(session, caller_of(session), "planner", Role.PLANNER, "planner", ScopeRequest(SUBDISTRICT_CODE))
        change = text("UPDATE credential SET password_hash = :hash, must_change = false")
        session.execute(change, {"hash": password_hash()})
    database.close()
    return module_database_url


@pytest.fixture(scope="module")
def town(owner_url: str) -> StreetTown:
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        found = find_town(session)
    database.close()
    return found


@pytest.fixture
def app(owner_url: str) -> Iterator[Flask]:
    opened = create_app(app_settings(owner_url))
    yield opened
    close_databases(opened)


@pytest.fixture
def guard(guard: PageGuard) -> Iterator[PageGuard]:
    """Accept the console messages of answers that refuse."""
    yield guard
    guard.problems[:] = [each for each in guard.problems if STATUS_CONSOLE_MESSAGE not in each]


def open_streets(open_page: OpenPage, app: Flask, town: StreetTown, **options: Any) -> Page:
    path = f"/planner/revisions/{town.revision_id}/streets"
    page = open_page(app, f"/sign-in?next={path}", **options)
    give_password(page)
    page.wait_for_selector(MAP_READY)
    return page


def give_password(page: Page) -> None:
    page.locator("#name").fill("planner")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button").click()


def choose_side(page: Page, short_code: str, note: str) -> None:
    """Give the only street to a grid; fill in the note."""
    page.locator("#border-streets select").select_option(label=short_code)
    page.get_by_label("Note").fill(note)


def saved_notes(owner_url: str) -> list[str]:
    """Return the notes of the revisions saved by the planner, in order."""
    return [row.note for row in execute(owner_url, "SELECT note FROM revision WHERE note IS NOT NULL ORDER BY id")]


def execute(owner_url: str, statement: str) -> Sequence[Row[Any]]:
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        result = connection.execute(text(statement))
        rows = result.all() if result.returns_rows else []
    engine.dispose()
    return rows


def test_a_street_is_shown_on_the_map_given_and_saved_once(
    app: Flask, open_page: OpenPage, owner_url: str, town: StreetTown
) -> None:
    page = open_streets(open_page, app, town)
    before = page.locator("#map").screenshot()
    page.get_by_role("link", name="人民路").click()
    assert page.locator("#map").screenshot() != before
    choose_side(page, "001", "double click")
    page.get_by_role("button", name=SAVE).dblclick()
    page.wait_for_url("**/planner/communities/**")
    expect(page.locator(".given-street-label")).to_have_text("→ 001")
    expect(page.locator("[data-street-changes]")).to_contain_text("between 001 and 002: counts in 001")
    assert saved_notes(owner_url).count("double click") == 1


def test_going_back_tells_of_the_newer_revision(app: Flask, open_page: OpenPage, town: StreetTown) -> None:
    page = open_streets(open_page, app, town)
    choose_side(page, "002", "first")
    page.get_by_role("button", name=SAVE).click()
    page.wait_for_url("**/planner/communities/**")
    page.go_back()
    expect(page.locator(".alert").first).to_contain_text("This is not the latest revision")


def test_a_form_that_another_tab_overtook_is_refused_and_kept(
    app: Flask, open_page: OpenPage, owner_url: str, town: StreetTown
) -> None:
    late, early = (open_streets(open_page, app, town) for _ in range(2))
    choose_side(early, "002", "early")
    early.get_by_role("button", name=SAVE).click()
    early.wait_for_url("**/planner/communities/**")
    choose_side(late, "001", "late")
    late.get_by_role("button", name=SAVE).click()
    expect(late.locator(".alert").first).to_contain_text("early")
    expect(late.locator("#border-streets select option:checked")).to_have_text("001")
    expect(late.get_by_label("Note")).to_have_value("late")
    assert "late" not in saved_notes(owner_url)


def test_nothing_is_lost_when_the_session_ends(
    app: Flask, open_page: OpenPage, owner_url: str, town: StreetTown
) -> None:
    page = open_streets(open_page, app, town)
    choose_side(page, "002", "after the break")
    execute(owner_url, "UPDATE web_session SET expires_at = now()")
    page.get_by_role("button", name=SAVE).click()
    expect(page.locator(".alert").first).to_contain_text("Your session has ended")
    give_password(page)
    page.wait_for_url("**/planner/communities/**")
    expect(page.locator(".given-street-label")).to_have_text("→ 002")
    assert "after the break" in saved_notes(owner_url)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_page_fits_a_phone(app: Flask, open_page: OpenPage, town: StreetTown, locale: str) -> None:
    page = open_streets(open_page, app, town, viewport=PHONE, locale=locale)
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.get_by_role("link", name="人民路").click()
    expect(page.locator("#map")).to_be_in_viewport()
