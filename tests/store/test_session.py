"""Connections of the pool: for transactions and single statements, and replaced when the server has closed them."""

from collections.abc import Iterator
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridmap.store.session import Database
from tests.fixtures.postgis import app_url

COUNT_ROWS = "SELECT count(*) AS found FROM probe"
LAST_STATEMENT = "SELECT state, query FROM pg_stat_activity WHERE pid = %(pid)s"


@pytest.fixture
def database(module_database_url: str) -> Iterator[Database]:
    """A database with a single connection and a temporary table in it."""
    database = Database(app_url(module_database_url), pool_size=1)
    with database.transaction() as session:
        session.execute(text("CREATE TEMPORARY TABLE probe (number integer)"))
    yield database
    database.close()


def insert_and_fail(database: Database) -> None:
    with suppress(ZeroDivisionError), database.transaction() as session:
        session.execute(text("INSERT INTO probe VALUES (1)"))
        raise ZeroDivisionError


def test_a_statement_returns_its_first_row_or_none(database: Database) -> None:
    assert database.fetch_one("SELECT number FROM generate_series(%(first)s, 9) number", {"first": 7}) == {"number": 7}
    assert database.fetch_one("SELECT 1 FROM generate_series(1, 0)", {}) is None


def test_a_statement_acts_for_an_account_which_the_connection_forgets(database: Database) -> None:
    acting = "SELECT current_setting('gridmap.account', true) AS id"
    assert database.fetch_one(acting, {}, 42) == {"id": "42"}
    assert database.fetch_one(acting, {}) in ({"id": ""}, {"id": None})


def test_a_statement_is_sent_alone(database: Database, module_database_url: str) -> None:
    backend = database.fetch_one("SELECT pg_backend_pid() AS pid", {})
    other = Database(app_url(module_database_url), pool_size=1)
    assert other.fetch_one(LAST_STATEMENT, backend or {}) == {
        "state": "idle",
        "query": "SELECT pg_backend_pid() AS pid",
    }
    other.close()


def test_a_transaction_after_a_statement_is_rolled_back(database: Database) -> None:
    assert database.fetch_one(COUNT_ROWS, {}) == {"found": 0}
    insert_and_fail(database)
    assert database.fetch_one(COUNT_ROWS, {}) == {"found": 0}


def test_a_transaction_after_a_failed_statement_is_rolled_back(database: Database) -> None:
    with pytest.raises(DBAPIError):
        database.fetch_one("SELECT 1 / 0", {})
    insert_and_fail(database)
    assert database.fetch_one(COUNT_ROWS, {}) == {"found": 0}


def test_a_connection_that_the_server_has_closed_is_replaced(database: Database, module_database_url: str) -> None:
    before = database.fetch_one("SELECT pg_backend_pid() AS pid", {}) or {}
    other = Database(app_url(module_database_url), pool_size=1)
    assert other.fetch_one("SELECT pg_terminate_backend(%(pid)s, 5000) AS ended", before) == {"ended": True}
    other.close()
    assert database.fetch_one("SELECT pg_backend_pid() <> %(pid)s AS another", before) == {"another": True}
