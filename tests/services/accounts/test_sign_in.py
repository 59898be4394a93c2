"""Sign-in, throttling of failed attempts, sessions and changes of the own password."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from argon2 import Parameters, PasswordHasher, extract_parameters
from sqlalchemy import text

from gridmap.core.errors import InvalidInput
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import passwords
from gridmap.services.accounts.sign_in import (
    InvalidCredentials,
    SignedInAccount,
    TooManyAttempts,
    change_password,
    find_session_account,
    sign_in,
    sign_out,
)
from gridmap.store.session import Database
from tests.fixtures.subdistricts import PASSWORD, SubdistrictIds, password_hash

CLIENT_ADDRESS, OTHER_ADDRESS = "192.0.2.1", "192.0.2.2"
NEW_PASSWORD = "a boat under seven bridges"


def sign_in_account(database: Database, name: str = "east-worker") -> SignedInAccount:
    account = find_session_account(database, sign_in(database, name, PASSWORD, CLIENT_ADDRESS))
    assert account is not None
    return account


def fail_sign_in(database: Database, name: str, address: str = CLIENT_ADDRESS) -> None:
    with pytest.raises(InvalidCredentials):
        sign_in(database, name, "not this one", address)


def execute_sql(owner_database: Database, statement: str) -> None:
    with owner_database.transaction() as session:
        session.execute(text(statement))


def audit_actions(owner_database: Database) -> list[str]:
    """Return the audit actions since the test began."""
    since = text("SELECT action FROM audit WHERE id > (SELECT max(id) FROM audit WHERE action = 'test') ORDER BY id")
    with owner_database.transaction() as session:
        return list(session.scalars(since))


@pytest.fixture(autouse=True)
def reset_sign_in(owner_database: Database) -> None:
    """Close all sessions, end all throttling, and reset all passwords."""
    for table in ("web_session", "sign_in_throttle"):
        execute_sql(owner_database, f"DELETE FROM {table}")
    execute_sql(owner_database, f"UPDATE credential SET password_hash = '{password_hash()}', must_change = false")
    execute_sql(owner_database, "UPDATE account SET active = true")
    execute_sql(owner_database, "INSERT INTO audit (action) VALUES ('test')")


def test_the_right_password_signs_in(database: Database, east: SubdistrictIds) -> None:
    account = sign_in_account(database)
    assert (account.id, account.role) == (east.account_ids["worker"], Role.WORKER)
    assert (account.caller.subdistrict_ids, account.subdistrict_name) == ((east.subdistrict_id,), "east subdistrict")


def test_a_name_is_accepted_in_any_case_and_width(database: Database) -> None:
    assert sign_in_account(database, " East-ＷＯＲＫＥＲ ").name == "east-worker"


def test_each_sign_in_has_its_own_token(database: Database) -> None:
    assert sign_in(database, "east-worker", PASSWORD) != sign_in(database, "east-worker", PASSWORD)


def test_the_database_stores_no_token(database: Database, owner_database: Database) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    with owner_database.transaction() as session:
        stored = bytes(session.scalar(text("SELECT token_hash FROM web_session")))
    assert token.encode() not in stored


@pytest.mark.parametrize("name", ["east-worker", "nobody"])
def test_a_wrong_password_is_refused_and_in_the_audit(database: Database, owner_database: Database, name: str) -> None:
    fail_sign_in(database, name)
    assert audit_actions(owner_database) == ["sign_in_failed"]


def test_an_admin_sees_failed_sign_ins_of_the_own_subdistrict_only(database: Database) -> None:
    fail_sign_in(database, "east-worker", "192.0.2.77")
    fail_sign_in(database, "west-worker", "192.0.2.77")
    with database.transaction(sign_in(database, "east-admin", PASSWORD)) as session:
        assert session.scalar(text("SELECT count(*) FROM audit WHERE ip_address = '192.0.2.77'")) == 1


@pytest.mark.parametrize("name", ["east-worker", "nobody"])
def test_the_sixth_attempt_has_to_wait_for_a_known_and_an_unknown_name(database: Database, name: str) -> None:
    for _ in range(5):
        fail_sign_in(database, name)
    with pytest.raises(TooManyAttempts) as caught:
        sign_in(database, name, PASSWORD, OTHER_ADDRESS)
    assert 50 < caught.value.retry_after_s <= 60


def test_waits_grow_and_end(database: Database, owner_database: Database) -> None:
    waits = []
    for attempt in range(8):
        fail_sign_in(database, "east-worker")
        if attempt >= 4:
            with pytest.raises(TooManyAttempts) as caught:
                sign_in(database, "east-worker", PASSWORD, CLIENT_ADDRESS)
            waits.append(round(caught.value.retry_after_s / 60))
            execute_sql(owner_database, "UPDATE sign_in_throttle SET locked_until = now()")
    assert waits == [1, 5, 15, 15]
    assert sign_in_account(database).name == "east-worker"


def test_a_successful_sign_in_resets_the_failures(database: Database) -> None:
    for _ in range(2):
        for _ in range(4):
            fail_sign_in(database, "east-worker")
        assert sign_in_account(database)


def test_attempts_with_many_names_from_one_address_are_throttled(database: Database, owner_database: Database) -> None:
    fail_sign_in(database, "nobody-0")
    execute_sql(owner_database, "UPDATE sign_in_throttle SET failures = 49")
    fail_sign_in(database, "nobody-1")
    with pytest.raises(TooManyAttempts):
        sign_in(database, "east-worker", PASSWORD, CLIENT_ADDRESS)
    assert sign_in(database, "east-worker", PASSWORD, OTHER_ADDRESS)


def test_ipv6_addresses_of_one_network_count_as_one(database: Database, owner_database: Database) -> None:
    fail_sign_in(database, "nobody-0", "2001:db8::1")
    execute_sql(owner_database, "UPDATE sign_in_throttle SET failures = 50, locked_until = now() + interval '1 minute'")
    with pytest.raises(TooManyAttempts):
        sign_in(database, "east-worker", PASSWORD, "2001:db8::2")


def test_concurrent_attempts_are_counted_one_by_one(database: Database) -> None:
    def attempt(_: int) -> str:
        try:
            sign_in(database, "east-worker", "not this one", CLIENT_ADDRESS)
        except (InvalidCredentials, TooManyAttempts) as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))
    assert outcomes.count("InvalidCredentials") == 5


def test_an_unknown_name_takes_as_much_work_as_a_known_one(
    database: Database, owner_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared, hasher = list[Parameters](), passwords.hasher

    def verify(stored: str, typed: str) -> bool:
        compared.append(extract_parameters(stored))
        return hasher.verify(stored, typed)

    monkeypatch.setattr(passwords, "hasher", SimpleNamespace(hash=hasher.hash, verify=verify))
    for name in ("nobody", "east-leader"):
        fail_sign_in(database, name)
    of_unknown, of_known = compared
    assert of_unknown == of_known


def test_a_deactivated_account_cannot_sign_in(database: Database, owner_database: Database) -> None:
    execute_sql(owner_database, "UPDATE account SET active = false WHERE name = 'east-worker'")
    with pytest.raises(InvalidCredentials):
        sign_in(database, "east-worker", PASSWORD)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE web_session SET expires_at = now()",
        "UPDATE web_session SET last_seen_at = now() - interval '8 hours'",
        "UPDATE account SET active = false",
    ],
)
def test_a_session_ends(database: Database, owner_database: Database, change: str) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    execute_sql(owner_database, change)
    assert find_session_account(database, token) is None


def test_a_session_in_use_lasts_at_most_a_day(database: Database, owner_database: Database) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    execute_sql(owner_database, "UPDATE web_session SET last_seen_at = now() - interval '7 hours'")
    assert find_session_account(database, token)
    with owner_database.transaction() as session:
        row = session.execute(text("SELECT now() - last_seen_at, expires_at - created_at FROM web_session")).one()
    assert row[0].total_seconds() < 60
    assert round(row[1].total_seconds() / 3600) == 24


def test_signing_out_closes_the_session(database: Database, owner_database: Database) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    sign_out(database, token)
    assert find_session_account(database, token) is None
    assert audit_actions(owner_database) == ["sign_in", "sign_out"]


def test_an_unknown_token_has_no_account(database: Database) -> None:
    assert find_session_account(database, "made up") is None


def test_a_hash_with_weaker_parameters_is_renewed(database: Database, owner_database: Database) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    execute_sql(owner_database, f"UPDATE credential SET password_hash = '{weak}'")
    assert sign_in_account(database)
    with owner_database.transaction() as session:
        now = text("SELECT password_hash FROM credential JOIN account ON id = account_id WHERE name = 'east-worker'")
        stored_hash = str(session.scalar(now))
    assert not passwords.needs_rehash(stored_hash)
    assert passwords.verify_password(stored_hash, PASSWORD)


def test_a_changed_password_signs_out_all_other_browsers(database: Database) -> None:
    other_token = sign_in(database, "east-worker", PASSWORD)
    token = change_password(database, sign_in_account(database), PASSWORD, NEW_PASSWORD)
    assert find_session_account(database, other_token) is None
    assert find_session_account(database, token)
    assert sign_in(database, "east-worker", NEW_PASSWORD)


def test_the_old_password_must_be_known(database: Database, owner_database: Database) -> None:
    with pytest.raises(InvalidInput, match="not the current password"):
        change_password(database, sign_in_account(database), "a guess at it", NEW_PASSWORD)
    assert audit_actions(owner_database)[-1] == "sign_in_failed"


def test_guesses_at_the_old_password_are_throttled(database: Database) -> None:
    signed_in = sign_in_account(database)
    for _ in range(5):
        with pytest.raises(InvalidInput):
            change_password(database, signed_in, "a guess at it", NEW_PASSWORD)
    with pytest.raises(TooManyAttempts):
        change_password(database, signed_in, PASSWORD, NEW_PASSWORD)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("short", "at least 10"),
        ("my east-worker password", "name of the account"),
        ("Password2024!!", "many people"),
        ("13800138000", "many people"),
        (PASSWORD, "same as the current"),
        ("x" * 300, "more than 200"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(database: Database, new: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        change_password(database, sign_in_account(database), PASSWORD, new)


def test_a_sentence_in_chinese_is_a_password(database: Database) -> None:
    new = "江边两盏灯照着七座桥"
    change_password(database, sign_in_account(database), PASSWORD, new)
    assert sign_in(database, "east-worker", new)
