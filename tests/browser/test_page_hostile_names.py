"""Hostile names in every text column, shown on every page that a role may open: none of them is executed.

The pages come from the URL map of the application, so that a new page is tested without a change here.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page
from sqlalchemy import Connection, String, create_engine, text

from gridmap.app import create_app
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import sign_in
from gridmap.store.schema import Base
from gridmap.web import context
from gridmap.web.access import can_access
from tests.access_sweep.probe_requests import PathValues, fill_path, parameter_names, parameter_values, url_rules
from tests.browser.conftest import PHONE, OpenPage, PageGuard
from tests.fixtures.subdistricts import PASSWORD, FilledDatabase, app_settings
from tests.fixtures.web_app import close_databases, open_application

HOSTILE_NAME = (
    "<img src=x onerror=window.ran=1>${window.ran=2}`-window.ran-`</script><script>window.ran=3</script>{{7*7}}{%x%}"
    '" onfocus="window.ran=4" autofocus x=\'<svg onload=window.ran=5>javascript:window.ran=6 \u202e&lt;b&gt;'
)
FIND_EXECUTED = """(window.ran && `ran ${window.ran}`)
  || document.querySelector("img[src=x], [onfocus], [onload], a[href^=javascript]")?.outerHTML"""
"""Return a script that ran, or an element made from a name, even if the policy of the page blocked it."""
NAME_COLUMNS = (
    "name title note display_name address use subject kind office_phone supervision_phone station_phone source"
    " purpose reason name_zh name_en legal_basis"
)
EXTRA_ROWS_SQL = """
INSERT INTO shop (subdistrict_id, name, address, building_id, cell_id, geometry, valid)
    SELECT b.subdistrict_id, 'n', 'n', b.id, c.cell_id, ST_Centroid(b.geometry), '[2020-01-01,)'
    FROM building b JOIN building_cell c ON c.building_id = b.id;
INSERT INTO facility (subdistrict_id, kind, name, building_id, cell_id, geometry, valid)
    SELECT subdistrict_id, 'n', 'n', building_id, cell_id, geometry, valid FROM shop;
INSERT INTO organisation (subdistrict_id, kind, name, building_id, cell_id, geometry, valid)
    SELECT subdistrict_id, 'n', 'n', building_id, cell_id, geometry, valid FROM shop;
INSERT INTO incident_category (subdistrict_id, key, main_category, name_zh, name_en, access_class, source)
    SELECT DISTINCT subdistrict_id, left(:name, 80), 'n', 'n', 'n', 'ordinary', 'n' FROM shop;
INSERT INTO incident (id, access_class, near_cell_ids, subdistrict_id, number, category, title, channel, occurred_at,
        building_id, cell_id, geometry)
    SELECT id, 'ordinary', '{}', subdistrict_id, 'n' || id, left(:name, 80), 'n', 'file', now() - interval '2 days',
        building_id, cell_id, geometry
    FROM shop;
INSERT INTO service_group_member (subdistrict_id, resident_id, service_group_id, source)
    SELECT r.subdistrict_id, r.id, g.id, 'n' FROM resident r JOIN service_group g USING (subdistrict_id)
    WHERE g.key = 'volunteer' ORDER BY r.id;
INSERT INTO estate (subdistrict_id, community_id, name) SELECT subdistrict_id, id, 'n' FROM community;
INSERT INTO courtyard (subdistrict_id, community_id, estate_id, name)
    SELECT subdistrict_id, community_id, id, 'n' FROM estate;
UPDATE building b SET name = 'n', address = 'n', use = 'n', levels = 6, courtyard_id = c.id, estate_id = c.estate_id
    FROM courtyard c WHERE c.community_id = b.community_id;
INSERT INTO resident_group (subdistrict_id, community_id, name, geometry)
    SELECT subdistrict_id, id, 'n', geometry FROM community;
INSERT INTO street (subdistrict_id, name, kind, geometry)
    SELECT id, 'n', 'local', ST_ExteriorRing(ST_GeometryN(geometry, 1)) FROM subdistrict;
INSERT INTO worker (subdistrict_id, community_id, name, office_phone, valid)
    SELECT subdistrict_id, id, 'n', 'n', '[2020-01-01,)' FROM community;
INSERT INTO duty (subdistrict_id, worker_id, kind, grid_id, in_charge, valid)
    SELECT w.subdistrict_id, w.id, 'own_grid', g.id, true, w.valid
    FROM worker w JOIN grid g ON g.community_id = w.community_id AND g.code LIKE '%1';
INSERT INTO duty (subdistrict_id, worker_id, kind, line_of_work, valid)
    SELECT subdistrict_id, id, 'field', 'n', valid FROM worker;
INSERT INTO service_line (subdistrict_id, key, name_zh, name_en) SELECT id, 'n', 'n', 'n' FROM subdistrict;
INSERT INTO account_scope_line (subdistrict_id, account_scope_id, service_line_id, valid, legal_basis)
    SELECT s.subdistrict_id, s.id, l.id, '[2020-01-01,)', 'n' FROM account_scope s JOIN service_line l
    USING (subdistrict_id) JOIN account a ON a.id = s.account_id AND a.role = 'leader';
UPDATE revision_grid SET name = 'n', reason = jsonb_build_object(
    'template', '{text}', 'values', jsonb_build_object('text', cast(:name AS text)));
UPDATE adoption SET note = 'n';
INSERT INTO special_task (subdistrict_id, purpose, fields, households, valid, opened_by)
    SELECT s.subdistrict_id, 'n', '{name}', 9, '[2020-01-01,2099-01-01)', s.account_id
    FROM account_scope s JOIN account a ON a.id = s.account_id AND a.role = 'admin';
INSERT INTO special_task_account (subdistrict_id, special_task_id, account_id)
    SELECT t.subdistrict_id, t.id, s.account_id FROM special_task t JOIN account_scope s USING (subdistrict_id)
    JOIN account a ON a.id = s.account_id AND a.role IN ('worker', 'station');
INSERT INTO audit (subdistrict_id, account_id, action, subject, subject_id, resident_ids, reason, details)
    SELECT r.subdistrict_id, s.account_id, action, 'resident', r.id, ARRAY[r.id], 'n', '{"limit": "budget"}'
    FROM resident r JOIN account_scope s USING (subdistrict_id), unnest('{reveal,reveal_refused}'::text[]) action;
"""


@pytest.fixture(scope="module")
def hostile_database(filled_database: FilledDatabase) -> FilledDatabase:
    """Fill both subdistricts with one object of every kind, each named `HOSTILE_NAME`."""
    engine = create_engine(filled_database.owner_url)
    with engine.begin() as connection:
        for name in Base.metadata.tables:
            connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
        for statement in EXTRA_ROWS_SQL.strip().split(";\n"):
            connection.execute(text(statement.rstrip(";")), {"name": HOSTILE_NAME} if ":name" in statement else {})
        rename_everything(connection)
    engine.dispose()
    return filled_database


def rename_everything(connection: Connection) -> None:
    """Set every text column without a CHECK to the hostile name, cut to the length of the column."""
    for name, table in Base.metadata.tables.items():
        checked = {str(each.sqltext).split(" ")[0] for each in table.constraints if hasattr(each, "sqltext")}
        for column in table.columns:
            if not isinstance(column.type, String) or column.name not in NAME_COLUMNS.split() or column.name in checked:
                continue
            if column.primary_key or (name == "account" and column.name == "name"):
                continue
            max_length = getattr(column.type, "length", None) or 400
            connection.execute(
                text(f"UPDATE {name} SET {column.name} = left(:name, {max_length})"), {"name": HOSTILE_NAME}
            )


@pytest.fixture
def app(hostile_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    monkeypatch.setenv("GRIDMAP_HOME", str(hostile_database.home_dir))
    yield from open_application(hostile_database)


def path_values(database: FilledDatabase) -> PathValues:
    """Return the values of URL parameters, from the subdistrict east."""
    east = database.subdistricts["east"]
    return {
        "subdistrict_id": str(east.subdistrict_id),
        "subdistrict_code": "east",
        "community_id": str(east.community_id),
        "grid_id": str(east.grid_ids[0]),
        "grid_code": "east11",
        "building_id": str(east.building_ids[0]),
        "resident_id": str(east.resident_ids[0]),
        "household_id": "1",
        "account_id": str(east.account_ids["worker"]),
        "scope_id": "1",
        "revision_id": "1",
        "incident_category_id": "1",
        "incident_id": "1",
        "photo_id": "00000000-0000-4000-8000-000000000001",
        "service_line_id": "1",
        **dict.fromkeys(("facility_id", "organisation_id", "shop_id"), "1"),
        **dict.fromkeys(("service_group_id", "service_group_member_id"), "1"),
        "sheet_kind": "shops",
        "plan_number": "1",
        **dict.fromkeys(("dwelling_id", "job_id", "norm_id", "person_export_id", "picture_id", "worker_id"), "1"),
        **dict.fromkeys(("import_draft_id", "import_run_id"), "1"),
    }


def page_paths(app: Flask, role: Role | None, values: PathValues) -> list[str]:
    """Return the addresses of all pages that a role may open."""
    with app.app_context():
        rules = [rule for rule in url_rules(app) if "GET" in (rule.methods or ()) and can_access(rule.endpoint, role)]
    rules = [rule for rule in rules if rule.endpoint != "static" and not rule.rule.endswith((".pbf", ".csv", ".xlsx"))]
    return [fill_path(rule, [parameter_values(name, values)[0] for name in parameter_names(rule)]) for rule in rules]


def find_execution(page: Page, path: str) -> str | None:
    """Open a page, expand and focus its elements; return the executed script or the failure of the response."""
    try:
        answer = page.goto(path)
    except PlaywrightError as error:
        if "Download is starting" in error.message:
            return None  # a file runs nothing
        raise
    if answer is None or answer.status >= 500:
        return f"{path}: {answer.status if answer else 'no answer'}"
    if "html" in answer.headers.get("content-type", ""):
        page.wait_for_selector("#map:not([data-load-status])", state="detached")
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        page.keyboard.press("Tab")
    executed = page.evaluate(FIND_EXECUTED)
    return f"{path}: {executed}" if executed else None


@pytest.mark.parametrize(
    "role", [None, Role.STATION, *(pytest.param(each, marks=pytest.mark.full) for each in Role if each != Role.STATION)]
)
def test_names_never_run_on_any_page(
    app: Flask, hostile_database: FilledDatabase, open_page: OpenPage, guard: PageGuard, role: Role | None
) -> None:
    database = app.extensions[context.ACCOUNT_DATABASE_EXTENSION]
    account = role and sign_in.find_session_account(database, sign_in.sign_in(database, f"east-{role}", PASSWORD))
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: account
    page = open_page(app, "/livez", PHONE)
    paths = page_paths(app, role, path_values(hostile_database))
    failures = [failure for path in paths if (failure := find_execution(page, path))]
    guard.problems[:] = [each for each in guard.problems if "the server responded with a status of 4" not in each]
    assert failures == []


def test_a_page_without_escaping_is_detected(
    hostile_database: FilledDatabase, monkeypatch: pytest.MonkeyPatch, open_page: OpenPage, guard: PageGuard
) -> None:
    monkeypatch.setenv("GRIDMAP_HOME", str(hostile_database.home_dir))
    app = create_app(app_settings(hostile_database.owner_url))
    app.jinja_env.autoescape, app.jinja_env.bytecode_cache = False, None  # templates are compiled with escaping
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = lambda: None
    assert find_execution(open_page(app, "/livez", PHONE), "/public/east") is not None
    assert any("Content Security Policy" in each for each in guard.problems)
    guard.problems.clear()
    close_databases(app)
