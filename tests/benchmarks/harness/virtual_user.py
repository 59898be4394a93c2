"""Leader account with the scope of all subdistricts, signed in at the real service."""

import requests
from sqlalchemy import create_engine, text

from gridmap.services.accounts.passwords import hash_password
from tests.benchmarks.harness.demo_visitors import submit_form
from tests.benchmarks.harness.run_service import RunningService

LEADER_NAME, PASSWORD = "bench.leader", "four lamps over the wide river"
CREATE_ACCOUNT_SQL = """
WITH made AS (INSERT INTO account (name, display_name, role) VALUES (:name, :name, 'leader') RETURNING id),
    known AS (INSERT INTO credential (account_id, password_hash, must_change) SELECT id, :hash, false FROM made)
INSERT INTO account_scope (account_id, subdistrict_id, valid)
SELECT made.id, s.id, daterange('2020-01-01', NULL) FROM made, subdistrict s
"""


def create_leader(owner_url: str) -> None:
    """Create the account with the scope of every subdistrict."""
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.execute(text(CREATE_ACCOUNT_SQL), {"name": LEADER_NAME, "hash": hash_password(PASSWORD)})
    engine.dispose()


def sign_in(service: RunningService, owner_url: str) -> str:
    """Sign in through the page and return the cookie."""
    create_leader(owner_url)
    browser = requests.Session()
    submit_form(browser, f"{service.url}/sign-in", name=LEADER_NAME, password=PASSWORD)
    return str(browser.cookies["gridmap"])
