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
    """A database with a single connection, and an empty table that its login may write."""
    owner = Database(module_database_url, trusted=True)
    with owner.transaction() as session:
        session.execute(text("DROP TABLE IF EXISTS probe"))
        session.execute(text("CREATE TABLE probe (number integer)"))
        session.execute(text("GRANT SELECT, INSERT ON probe TO gridmap_app"))
    owner.close()
    database = Database(app_url(module_database_url), pool_size=1)
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
    acting = "SELECT current_setting('gridmap.session_token', true) AS token"
    assert database.fetch_one(acting, {}, "a token") == {"token": "a token"}
    assert database.fetch_one(acting, {}) in ({"token": ""}, {"token": None})


def test_a_statement_is_sent_alone(module_database_url: str) -> None:
    first, second = (Database(module_database_url, trusted=True, pool_size=1) for _ in range(2))
    backend = first.fetch_one("SELECT pg_backend_pid() AS pid", {})
    assert second.fetch_one(LAST_STATEMENT, backend or {}) == {
        "state": "idle",
        "query": "SELECT pg_backend_pid() AS pid",
    }
    first.close()
    second.close()


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
