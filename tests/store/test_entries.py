"""Counts of what was entered since a time."""

from datetime import UTC, datetime, timedelta

from gridmap.postgres.databases import execute
from gridmap.store.queries.operations.entries import count_entries
from gridmap.store.session import Database

ACCOUNT = "INSERT INTO account (name, display_name, role, created_at) VALUES (%r, 'x', 'planner', '2026-04-01T12:00Z')"
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def test_rows_made_after_a_time_are_counted_by_table(database_url: str) -> None:
    execute(database_url, ACCOUNT % "li", ACCOUNT % "wang")
    database = Database(database_url, trusted=True)
    with database.transaction() as session:
        assert count_entries(session, NOON - timedelta(seconds=1)) == {"account": 2}
        assert count_entries(session, NOON) == {}
    database.close()


def test_sessions_and_failed_sign_ins_are_no_entries(database_url: str) -> None:
    execute(
        database_url,
        ACCOUNT % "li",
        "INSERT INTO web_session (token_hash, account_id, expires_at) SELECT 'x', id, now() FROM account",
    )
    database = Database(database_url, trusted=True)
    with database.transaction() as session:
        assert count_entries(session, NOON) == {}
    database.close()
