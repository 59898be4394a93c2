"""Browsers known to an account, whose sign-in strangers cannot prevent, and times written while the clock was ahead."""

import pytest
from sqlalchemy import text

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput
from gridmap.services.accounts import accounts
from gridmap.services.accounts.sign_in import (
    InvalidCredentials,
    TooManyAttempts,
    change_password,
    find_session_account,
    sign_in,
)
from gridmap.store.session import Database
from tests.fixtures.subdistricts import PASSWORD, SubdistrictIds, password_hash

OFFICE, ELSEWHERE = "192.0.2.1", "198.51.100.7"
NEW_PASSWORD = "a boat under seven bridges"


def execute_sql(owner_database: Database, statement: str) -> None:
    with owner_database.transaction() as session:
        session.execute(text(statement))


def fail_sign_ins(database: Database, count: int, name: str = "east-worker", browser: str | None = None) -> None:
    for _ in range(count):
        with pytest.raises(InvalidCredentials):
            sign_in(database, name, "not this one", OFFICE, browser)


def wait_s(database: Database, browser: str | None = None, address: str = OFFICE, name: str = "east-worker") -> int:
    """Return the seconds to wait after which a sign-in is accepted; 0 where it is accepted."""
    try:
        sign_in(database, name, PASSWORD, address, browser)
    except TooManyAttempts as error:
        return error.retry_after_s
    return 0


@pytest.fixture(autouse=True)
def reset_sign_in(owner_database: Database) -> None:
    for table in ("web_session", "sign_in_throttle", "known_device"):
        execute_sql(owner_database, f"DELETE FROM {table}")
    execute_sql(owner_database, f"UPDATE credential SET password_hash = '{password_hash()}', must_change = false")
    execute_sql(owner_database, "UPDATE account SET active = true")


def test_guesses_of_strangers_do_not_shut_out_a_known_browser(database: Database) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    fail_sign_ins(database, 5)
    assert 50 < wait_s(database, "another browser", ELSEWHERE) <= 60
    assert wait_s(database, "my browser") == 0


def test_a_known_browser_is_known_to_its_account_only(database: Database) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    fail_sign_ins(database, 5, "east-leader")
    assert wait_s(database, "my browser", name="east-leader") > 0


def test_a_known_browser_has_five_attempts_of_its_own(database: Database) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    fail_sign_ins(database, 5, browser="my browser")
    assert 50 < wait_s(database, "my browser") <= 60
    assert wait_s(database, "another browser") == 0


def test_failures_of_a_known_browser_do_not_count_for_the_address(database: Database, owner_database: Database) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    execute_sql(owner_database, "DELETE FROM sign_in_throttle")
    fail_sign_ins(database, 4, browser="my browser")
    with owner_database.transaction() as session:
        assert session.scalars(text("SELECT failures FROM sign_in_throttle")).all() == [4]


def test_fifty_guesses_under_invented_names_leave_the_browsers_of_the_office_alone(
    database: Database, owner_database: Database
) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    fail_sign_ins(database, 1, "invented")
    execute_sql(owner_database, "UPDATE sign_in_throttle SET failures = 49")
    fail_sign_ins(database, 1, "invented-too")
    assert wait_s(database, name="east-leader") > 0
    assert wait_s(database, "my browser") == 0


def test_after_fifty_guesses_new_browsers_at_that_address_wait_ten_seconds(
    database: Database, owner_database: Database
) -> None:
    fail_sign_ins(database, 1, "invented")
    execute_sql(owner_database, "UPDATE sign_in_throttle SET failures = 48")
    fail_sign_ins(database, 2, "invented-too")
    assert 5 < wait_s(database, "new browser") <= 10
    assert wait_s(database, "new browser", ELSEWHERE) == 0


def test_after_forty_nine_guesses_nobody_at_that_address_waits(database: Database, owner_database: Database) -> None:
    fail_sign_ins(database, 1, "invented")
    execute_sql(owner_database, "UPDATE sign_in_throttle SET failures = 48")
    fail_sign_ins(database, 1, "invented-too")
    assert wait_s(database, "new browser") == 0


@pytest.mark.parametrize(("failures", "longest"), [(98, 10), (99, 60), (5000, 60)])
def test_an_address_is_slowed_and_never_shut_out(
    database: Database, owner_database: Database, failures: int, longest: int
) -> None:
    fail_sign_ins(database, 1, "invented")
    execute_sql(owner_database, f"UPDATE sign_in_throttle SET failures = {failures}")
    fail_sign_ins(database, 1, "invented-too")
    assert longest - 5 < wait_s(database, "new browser") <= longest


def test_a_sign_in_by_a_known_browser_leaves_the_count_of_strangers(database: Database) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    fail_sign_ins(database, 4)
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    fail_sign_ins(database, 1)
    assert wait_s(database) > 0


@pytest.mark.parametrize(("days", "is_known"), [(179, True), (181, False), (-3650, False)])
def test_a_browser_is_known_for_180_days(
    database: Database, owner_database: Database, days: int, is_known: bool
) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    execute_sql(owner_database, f"UPDATE known_device SET last_used_at = now() - interval '{days} days'")
    fail_sign_ins(database, 5)
    assert (wait_s(database, "my browser") == 0) is is_known


def test_an_account_knows_its_last_twenty_browsers(database: Database) -> None:
    for number in range(21):
        sign_in(database, "east-worker", PASSWORD, OFFICE, f"browser {number}")
    fail_sign_ins(database, 5)
    assert wait_s(database, "browser 0") > 0
    assert wait_s(database, "browser 1") == 0


def test_a_password_reset_makes_every_browser_unknown(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    with owner_database.transaction() as session:
        accounts.reset_password(session, OWNER, east.account_ids["worker"])
    fail_sign_ins(database, 5)
    with pytest.raises(TooManyAttempts):
        sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")


def test_a_deactivation_makes_every_browser_unknown(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    with owner_database.transaction() as session:
        accounts.set_active(session, OWNER, east.account_ids["worker"], active=False)
        accounts.set_active(session, OWNER, east.account_ids["worker"], active=True)
    fail_sign_ins(database, 5)
    assert wait_s(database, "my browser") > 0


def test_the_browser_that_changes_its_password_stays_known(database: Database) -> None:
    account = find_session_account(database, sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser"))
    assert account is not None
    change_password(database, account, PASSWORD, NEW_PASSWORD, OFFICE, "my browser")
    fail_sign_ins(database, 5)
    assert sign_in(database, "east-worker", NEW_PASSWORD, OFFICE, "my browser")


def test_guesses_at_the_own_password_count_for_the_browser(database: Database) -> None:
    account = find_session_account(database, sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser"))
    assert account is not None
    for _ in range(5):
        with pytest.raises(InvalidInput):
            change_password(database, account, "a guess at it", NEW_PASSWORD, OFFICE, "my browser")
    assert wait_s(database, "my browser") > 0
    assert wait_s(database, "another browser") == 0


def test_the_database_stores_no_token_of_a_browser(database: Database, owner_database: Database) -> None:
    sign_in(database, "east-worker", PASSWORD, OFFICE, "my browser")
    with owner_database.transaction() as session:
        assert b"my browser" not in bytes(session.scalar(text("SELECT token_hash FROM known_device")))


@pytest.mark.parametrize("future", ["locked_until = now() + interval '10 years'", "locked_until = 'infinity'"])
def test_a_wait_written_while_the_clock_was_ahead_is_fifteen_minutes_from_now(
    database: Database, owner_database: Database, future: str
) -> None:
    fail_sign_ins(database, 1)
    execute_sql(owner_database, f"UPDATE sign_in_throttle SET {future}, last_attempt_at = now() + interval '10 years'")
    assert 880 < wait_s(database) <= 900
    execute_sql(owner_database, "UPDATE sign_in_throttle SET locked_until = locked_until - interval '15 minutes'")
    assert wait_s(database) == 0


def test_counts_of_the_future_are_forgotten_a_day_from_now(database: Database, owner_database: Database) -> None:
    fail_sign_ins(database, 4)
    execute_sql(owner_database, "UPDATE sign_in_throttle SET last_attempt_at = now() + interval '10 years'")
    with pytest.raises(InvalidCredentials):
        sign_in(database, "nobody", "not this one", ELSEWHERE)
    with owner_database.transaction() as session:
        assert session.scalar(text("SELECT max(last_attempt_at) < now() + interval '1 minute' FROM sign_in_throttle"))


@pytest.mark.parametrize(
    ("change", "is_open"),
    [
        ("expires_at = now() + interval '24 hours 3 minutes'", True),
        ("expires_at = now() + interval '24 hours 7 minutes'", False),
        ("expires_at = now() + interval '10 years'", False),
        ("last_seen_at = now() + interval '3 minutes'", True),
        ("last_seen_at = now() + interval '7 minutes'", False),
        ("last_seen_at = now() + interval '10 years'", False),
    ],
)
def test_a_session_from_the_future_is_over(
    database: Database, owner_database: Database, change: str, is_open: bool
) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    execute_sql(owner_database, f"UPDATE web_session SET {change}")
    assert (find_session_account(database, token) is not None) is is_open


def test_sessions_from_the_future_are_deleted_at_the_next_sign_in(database: Database, owner_database: Database) -> None:
    sign_in(database, "east-leader", PASSWORD)
    execute_sql(owner_database, "UPDATE web_session SET expires_at = now() + interval '10 years'")
    sign_in(database, "east-worker", PASSWORD)
    with owner_database.transaction() as session:
        assert session.scalar(text("SELECT count(*) FROM web_session")) == 1
