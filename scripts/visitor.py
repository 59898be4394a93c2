"""Somebody who sees a whole city, signed in at the real service, for the bench beside this file."""

import re

import requests
from served import Served
from sqlalchemy import create_engine, text

from gridmap.services.passwords import hashed

NAME, PASSWORD = "bench.leader", "four lamps over the wide river"
ACCOUNT = """
WITH made AS (INSERT INTO account (name, display_name, role) VALUES (:name, :name, 'leader') RETURNING id),
    known AS (INSERT INTO credential (account_id, password, must_change) SELECT id, :hash, false FROM made)
INSERT INTO account_scope (account_id, subdistrict_id, valid)
SELECT made.id, s.id, daterange('2020-01-01', NULL) FROM made, subdistrict s
"""
WORD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def account(owner: str) -> None:
    """Make the account, with every subdistrict for its scope."""
    engine = create_engine(owner)
    with engine.begin() as connection:
        connection.execute(text(ACCOUNT), {"name": NAME, "hash": hashed(PASSWORD)})
    engine.dispose()


def cookie(service: Served, owner: str) -> str:
    """The cookie after signing in as people do."""
    account(owner)
    browser, page = requests.Session(), f"{service.address}/sign-in"
    found = WORD.search(browser.get(page, timeout=10).text)
    fields = {"csrf_token": found[1] if found else "", "name": NAME, "password": PASSWORD}
    browser.post(page, data=fields, timeout=10, allow_redirects=False)
    return str(browser.cookies["gridmap"])
