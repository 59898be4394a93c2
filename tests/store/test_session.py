"""Connections: borrowed for a transaction or a single question, and never dead or changed when they are."""

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
    """With a single connection, so that everything comes over the same one, and a table."""
    database = Database(app_url(module_database_url), pool_size=1)
    with database.transaction() as session:
        session.execute(text("CREATE TEMPORARY TABLE probe (number integer)"))
    yield database
    database.close()


def insert_and_fail(database: Database) -> None:
    with suppress(ZeroDivisionError), database.transaction() as session:
        session.execute(text("INSERT INTO probe VALUES (1)"))
        raise ZeroDivisionError


def test_a_question_finds_the_first_row_or_none(database: Database) -> None:
    assert database.fetch_one("SELECT number FROM generate_series(%(first)s, 9) number", {"first": 7}) == {"number": 7}
    assert database.fetch_one("SELECT 1 FROM generate_series(1, 0)", {}) is None


def test_a_question_is_asked_for_an_account_and_that_is_forgotten(database: Database) -> None:
    acting = "SELECT current_setting('gridmap.account', true) AS id"
    assert database.fetch_one(acting, {}, 42) == {"id": "42"}
    assert database.fetch_one(acting, {}) in ({"id": ""}, {"id": None})


def test_a_question_is_all_that_is_sent(database: Database, module_database_url: str) -> None:
    asked = database.fetch_one("SELECT pg_backend_pid() AS pid", {})
    other = Database(app_url(module_database_url), pool_size=1)
    assert other.fetch_one(LAST_STATEMENT, asked or {}) == {"state": "idle", "query": "SELECT pg_backend_pid() AS pid"}
    other.close()


def test_a_transaction_after_a_question_is_one(database: Database) -> None:
    assert database.fetch_one(COUNT_ROWS, {}) == {"found": 0}
    insert_and_fail(database)
    assert database.fetch_one(COUNT_ROWS, {}) == {"found": 0}


def test_a_transaction_after_a_question_that_failed_is_one(database: Database) -> None:
    with pytest.raises(DBAPIError):
        database.fetch_one("SELECT 1 / 0", {})
    insert_and_fail(database)
    assert database.fetch_one(COUNT_ROWS, {}) == {"found": 0}


def test_a_connection_that_the_database_has_ended_is_replaced_unnoticed(
    database: Database, module_database_url: str
) -> None:
    before = database.fetch_one("SELECT pg_backend_pid() AS pid", {}) or {}
    other = Database(app_url(module_database_url), pool_size=1)
    assert other.fetch_one("SELECT pg_terminate_backend(%(pid)s, 5000) AS ended", before) == {"ended": True}
    other.close()
    assert database.fetch_one("SELECT pg_backend_pid() <> %(pid)s AS another", before) == {"another": True}
