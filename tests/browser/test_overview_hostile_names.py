"""Hostile names from files on the overview: shown as text and never executed."""

import json

import pytest
from sqlalchemy import create_engine, text

from gridmap.core.vocabulary import Role
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_overview import OpenOverview, app, open_overview
from tests.fixtures.result_files import HOSTILE
from tests.fixtures.subdistricts import FilledDatabase

__all__ = ["app", "open_overview"]
RENAME_SQL = """
ALTER TABLE revision_grid DISABLE TRIGGER reject_change;
UPDATE subdistrict SET name = left(:name, 200) WHERE code = 'east';
UPDATE community SET name = left(:name, 200), code = 'east1' || left(:name, 30) WHERE code LIKE 'east1%';
UPDATE grid SET code = left(code, 6) || left(:name, 50) WHERE code LIKE 'east1%';
UPDATE revision_grid SET name = left(:name, 200), reason = cast(:reason AS jsonb);
INSERT INTO worker (subdistrict_id, community_id, name)
    SELECT subdistrict_id, id, 'worker' FROM community WHERE code LIKE 'east1%' AND NOT EXISTS (SELECT FROM worker);
UPDATE worker SET name = left(:name, 100);
INSERT INTO duty (subdistrict_id, worker_id, kind, grid_id, in_charge)
    SELECT w.subdistrict_id, w.id, 'own_grid', g.id, true FROM worker w JOIN grid g USING (community_id)
    WHERE NOT EXISTS (SELECT FROM duty);
"""


def rename_everything(url: str, name: str) -> None:
    """Give every object on the page the same name."""
    reason = json.dumps({"template": "{text}", "values": {"text": name}})
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in RENAME_SQL.strip().split(";\n"):
            connection.execute(text(statement.rstrip(";")), {"name": name, "reason": reason})
    engine.dispose()


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_as_text(open_overview: OpenOverview, filled_database: FilledDatabase, name: str) -> None:
    rename_everything(filled_database.owner_url, name)
    page = open_overview(Role.LEADER)
    assert page.locator("h1").evaluate("node => node.textContent") == name
    page.locator("[data-select-grid]").first.click()
    texts = page.locator("#panel [data-field]").evaluate_all("nodes => nodes.map(node => node.textContent)")
    assert name[:50] in texts[0]
    assert texts[1:3] == [name, name]
    assert page.evaluate("window.ran") is None


def test_long_names_do_not_widen_the_page_on_a_phone(
    open_overview: OpenOverview, filled_database: FilledDatabase
) -> None:
    rename_everything(filled_database.owner_url, "x" * 200)
    page = open_overview(Role.LEADER, viewport=PHONE)
    page.locator("[data-select-grid]").first.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"] < DESKTOP["width"]
