"""Somebody who sees a whole city, signed in at the real service, for the bench beside this file."""

import re

import requests
from sqlalchemy import create_engine, text

from gridmap.services.accounts.passwords import hash_password
from tests.benchmarks.harness.run_service import RunningService

LEADER_NAME, PASSWORD = "bench.leader", "four lamps over the wide river"
CREATE_ACCOUNT_SQL = """
WITH made AS (INSERT INTO account (name, display_name, role) VALUES (:name, :name, 'leader') RETURNING id),
    known AS (INSERT INTO credential (account_id, password_hash, must_change) SELECT id, :hash, false FROM made)
INSERT INTO account_scope (account_id, subdistrict_id, valid)
SELECT made.id, s.id, daterange('2020-01-01', NULL) FROM made, subdistrict s
"""
CSRF_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def create_leader(owner_url: str) -> None:
    """Make the account, with every subdistrict for its scope."""
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text(CREATE_ACCOUNT_SQL), {"name": LEADER_NAME, "hash": hash_password(PASSWORD)})
    engine.dispose()


def sign_in(service: RunningService, owner_url: str) -> str:
    """The cookie after signing in as people do."""
    create_leader(owner_url)
    browser, page = requests.Session(), f"{service.url}/sign-in"
    found = CSRF_TOKEN.search(browser.get(page, timeout=10).text)
    fields = {"csrf_token": found[1] if found else "", "name": LEADER_NAME, "password": PASSWORD}
    browser.post(page, data=fields, timeout=10, allow_redirects=False)
    return str(browser.cookies["gridmap"])
