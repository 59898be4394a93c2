"""Second factor: set-up, codes that count once, recovery codes, throttling, reset; sessions and recent passwords."""

import math
import time
from collections.abc import Iterator

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import own_sessions, second_factor, totp
from gridmap.services.accounts.encryption_keys import check_keys, load_key_ring, rotate_keys
from gridmap.services.accounts.sign_in import (
    CodeRequired,
    InvalidCode,
    SecondStepOver,
    SignedInAccount,
    TooManyAttempts,
    change_password,
    complete_sign_in,
    confirm_password,
    find_session_account,
    hash_token,
    is_password_recent,
    sign_in,
)
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import PASSWORD, SubdistrictIds, password_hash

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AT_MIDNIGHT_S = 1_767_225_600
"""Beginning of a time step."""
CLEARED_TABLES = (
    "web_session",
    "sign_in_throttle",
    "known_device",
    "pending_sign_in",
    "recovery_code",
    "second_factor",
)
NEW_PASSWORD = "a boat under seven bridges"


@pytest.fixture(autouse=True)
def reset_accounts(owner_database: Database) -> Iterator[None]:
    """Remove sessions and second factors before each test, and the rule of roles after it."""
    for table in CLEARED_TABLES:
        execute_sql(owner_database, f"DELETE FROM {table}")
    execute_sql(owner_database, f"UPDATE credential SET password_hash = '{password_hash()}', must_change = false")
    yield
    execute_sql(owner_database, "UPDATE installation SET second_factor_roles = '{}'")


def execute_sql(owner_database: Database, statement: str) -> None:
    with owner_database.transaction() as session:
        session.execute(text(statement))


def count(owner_database: Database, table: str) -> int:
    with owner_database.transaction() as session:
        return int(session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def last_audit(owner_database: Database) -> tuple[str, dict[str, object]]:
    with owner_database.transaction() as session:
        return tuple(session.execute(text("SELECT action, details FROM audit ORDER BY id DESC LIMIT 1")).one())


def sign_in_account(database: Database, name: str = "east-station") -> SignedInAccount:
    account = find_session_account(database, sign_in(database, name, PASSWORD))
    assert account is not None
    return account


def enrol(database: Database, account: SignedInAccount) -> tuple[str, list[str]]:
    """Set up a second factor by the code of now; return its secret and recovery codes."""
    with database.transaction(account.token) as session:
        secret = second_factor.begin_enrolment(session, account).key_text.replace(" ", "")
        return secret, list(second_factor.confirm_enrolment(session, account, code_of(secret)))


def code_of(secret: str, steps: int = 0) -> str:
    """Return the code of the present time step, or of one that many steps later."""
    return pyotp.TOTP(secret).at(time.time(), counter_offset=steps)


def pending_token(database: Database, name: str = "east-station") -> str:
    with pytest.raises(CodeRequired) as caught:
        sign_in(database, name, PASSWORD)
    return caught.value.token


@pytest.mark.parametrize(("seconds", "accepted"), [(-31, False), (-30, True), (0, True), (59, True), (60, False)])
def test_a_code_is_accepted_one_step_early_or_late(seconds: int, accepted: bool) -> None:
    code = pyotp.TOTP(SECRET).at(AT_MIDNIGHT_S)
    assert (totp.find_step(SECRET, code, AT_MIDNIGHT_S + seconds) is not None) == accepted


def test_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the eight digits at 59 s end with the six that apps show."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert totp.find_step(secret, "287082", 59) == 1


def test_recovery_codes_are_too_long_to_be_tried() -> None:
    code = totp.normalise_code(totp.make_recovery_codes()[0])
    assert set(code) <= set(totp.RECOVERY_ALPHABET)
    assert len(code) * math.log2(len(set(totp.RECOVERY_ALPHABET))) >= 112  # bits, ASVS 5.0, 6.5.2


def test_a_secret_is_stored_encrypted(database: Database, owner_database: Database) -> None:
    secret, codes = enrol(database, sign_in_account(database))
    with owner_database.transaction() as session:
        stored = bytes(session.scalar(text("SELECT secret FROM second_factor")) or b"")
        hashes = [bytes(row) for row in session.scalars(text("SELECT code_hash FROM recovery_code"))]
        assert load_key_ring(session).decrypt(stored) == secret
    assert secret.encode() not in stored
    assert len(codes) == len(hashes) == 10
    assert all(totp.normalise_code(codes[0]).encode() not in each for each in hashes)


def test_a_wrong_code_sets_nothing_up(database: Database, owner_database: Database) -> None:
    account = sign_in_account(database)
    with database.transaction(account.token) as session:
        secret = second_factor.begin_enrolment(session, account).key_text.replace(" ", "")
        with pytest.raises(InvalidInput, match="not the code"):
            second_factor.confirm_enrolment(session, account, code_of(secret, 5))
    assert count(owner_database, "second_factor WHERE confirmed_at IS NOT NULL") == 0
    assert sign_in_account(database)


def test_the_set_up_ends_other_sessions_and_is_in_the_audit(database: Database, owner_database: Database) -> None:
    other, own = sign_in_account(database), sign_in_account(database)
    enrol(database, own)
    assert find_session_account(database, other.token) is None
    assert find_session_account(database, own.token) is not None
    assert last_audit(owner_database)[0] == "second_factor_set"


def test_a_secret_that_another_session_has_seen_is_not_set_up(database: Database) -> None:
    stranger, own = sign_in_account(database), sign_in_account(database)
    with database.transaction(stranger.token) as session:
        seen = second_factor.begin_enrolment(session, stranger).key_text
    with database.transaction(own.token) as session:
        assert second_factor.begin_enrolment(session, own).key_text != seen


def test_no_session_is_open_before_the_second_step(database: Database, owner_database: Database) -> None:
    enrol(database, sign_in_account(database))
    before = count(owner_database, "web_session")
    pending = pending_token(database)
    assert count(owner_database, "web_session") == before
    assert find_session_account(database, pending) is None
    with database.transaction(pending) as session:
        assert session.scalar(text("SELECT my_account()")) is None
        assert session.scalar(text("SELECT count(*) FROM resident")) == 0


def test_the_database_opens_no_session_by_the_password_alone(database: Database, east: SubdistrictIds) -> None:
    enrol(database, sign_in_account(database))
    with pytest.raises(ProgrammingError, match="not allowed"), database.transaction() as session:
        session.execute(text("SELECT open_session(:id, '\\x00', NULL, NULL)"), {"id": east.account_ids["station"]})


def test_a_code_signs_in_once(database: Database) -> None:
    secret, _ = enrol(database, sign_in_account(database))
    code = code_of(secret, 1)
    first, second = pending_token(database), pending_token(database)
    assert find_session_account(database, complete_sign_in(database, first, code)) is not None
    with pytest.raises(InvalidCode):
        complete_sign_in(database, second, code)


def test_the_code_of_the_set_up_does_not_sign_in(database: Database, owner_database: Database) -> None:
    secret, _ = enrol(database, sign_in_account(database))
    with owner_database.transaction() as session:
        step = session.scalar(text("SELECT last_step FROM second_factor"))
    with pytest.raises(InvalidCode):
        complete_sign_in(database, pending_token(database), pyotp.HOTP(secret).at(step))


def test_a_second_step_is_taken_once(database: Database) -> None:
    secret, codes = enrol(database, sign_in_account(database))
    pending = pending_token(database)
    complete_sign_in(database, pending, code_of(secret, 1))
    with pytest.raises(SecondStepOver):
        complete_sign_in(database, pending, codes[0])


@pytest.mark.parametrize(("age", "is_open"), [("4 minutes 50 seconds", True), ("5 minutes 1 second", False)])
def test_a_second_step_ends_after_five_minutes(
    database: Database, owner_database: Database, age: str, is_open: bool
) -> None:
    secret, _ = enrol(database, sign_in_account(database))
    pending = pending_token(database)
    execute_sql(owner_database, f"UPDATE pending_sign_in SET expires_at = expires_at - interval '{age}'")
    if is_open:
        assert complete_sign_in(database, pending, code_of(secret, 1))
    else:
        with pytest.raises(SecondStepOver):
            complete_sign_in(database, pending, code_of(secret, 1))


def test_a_recovery_code_signs_in_once_and_says_how_many_are_left(database: Database, owner_database: Database) -> None:
    _, codes = enrol(database, sign_in_account(database))
    token = complete_sign_in(database, pending_token(database), f" {codes[3].upper()} ")
    assert last_audit(owner_database) == ("recovery_code_used", {"left": 9})
    with pytest.raises(InvalidCode):
        complete_sign_in(database, pending_token(database), codes[3])
    with database.transaction(token) as session:
        status = second_factor.find_status(session)
    assert status
    assert status.codes_left == 9


def test_recovery_codes_of_another_account_do_not_sign_in(database: Database) -> None:
    enrol(database, sign_in_account(database))
    _, foreign_codes = enrol(database, sign_in_account(database, "east-admin"))
    with pytest.raises(InvalidCode):
        complete_sign_in(database, pending_token(database), foreign_codes[0])


def test_wrong_codes_are_in_the_audit_and_wait_like_passwords(database: Database, owner_database: Database) -> None:
    secret, _ = enrol(database, sign_in_account(database))
    pending = pending_token(database)
    for _ in range(4):
        with pytest.raises(InvalidCode):
            complete_sign_in(database, pending, code_of(secret, 9))
    assert last_audit(owner_database)[0] == "second_factor_failed"
    with pytest.raises(TooManyAttempts) as caught:
        complete_sign_in(database, pending, code_of(secret, 1))
    assert 50 < caught.value.retry_after_s <= 60


def test_a_last_code_of_a_clock_that_was_ahead_shuts_nobody_out(database: Database, owner_database: Database) -> None:
    secret, _ = enrol(database, sign_in_account(database))
    execute_sql(owner_database, "UPDATE second_factor SET last_step = last_step + 100000")
    assert complete_sign_in(database, pending_token(database), code_of(secret, 1))


def test_a_change_of_the_own_password_keeps_the_second_factor(database: Database) -> None:
    account = sign_in_account(database)
    enrol(database, account)
    token = change_password(database, account, PASSWORD, NEW_PASSWORD)
    assert find_session_account(database, token) is not None
    with pytest.raises(CodeRequired):
        sign_in(database, "east-station", NEW_PASSWORD)


@pytest.mark.parametrize(("role", "must_enrol"), [("station", True), ("admin", True), ("planner", False)])
def test_a_role_that_needs_a_second_factor_must_set_it_up(
    database: Database, owner_database: Database, role: str, must_enrol: bool
) -> None:
    with owner_database.transaction() as session:
        second_factor.require_for_roles(session, [Role.ADMIN, Role.STATION])
    assert sign_in_account(database, f"east-{role}").must_enrol is must_enrol


def test_a_second_factor_meets_the_need(database: Database, owner_database: Database) -> None:
    account = sign_in_account(database)
    enrol(database, account)
    execute_sql(owner_database, "UPDATE installation SET second_factor_roles = '{station}'")
    found = find_session_account(database, account.token)
    assert found
    assert not found.must_enrol


def test_an_admin_resets_a_second_factor_and_ends_the_sessions(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    station, admin = sign_in_account(database), sign_in_account(database, "east-admin")
    enrol(database, station)
    with database.transaction(admin.token) as session:
        assert second_factor.has_second_factor(session, station.id)
        second_factor.reset_second_factor(session, caller_of(session), station.id, "192.0.2.9")
    assert find_session_account(database, station.token) is None
    assert last_audit(owner_database)[0] == "second_factor_reset"
    assert sign_in_account(database).id == east.account_ids["station"]


def test_nobody_resets_a_foreign_or_the_own_second_factor(
    database: Database, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    admin = sign_in_account(database, "east-admin")
    for account_id in (west.account_ids["station"], east.account_ids["admin"]):
        with database.transaction(admin.token) as session, pytest.raises(NotFound):
            second_factor.reset_second_factor(session, caller_of(session), account_id)
        with pytest.raises(ProgrammingError, match="not allowed"), database.transaction(admin.token) as session:
            session.execute(text("SELECT reset_second_factor(:id, NULL)"), {"id": account_id})


def test_the_owner_resets_any_second_factor(database: Database, owner_database: Database) -> None:
    station = sign_in_account(database)
    enrol(database, station)
    with owner_database.transaction() as session:
        second_factor.reset_second_factor(session, OWNER, station.id)
    assert count(owner_database, "second_factor") == count(owner_database, "recovery_code") == 0


def test_a_rotation_of_keys_keeps_second_factors(database: Database, owner_database: Database) -> None:
    secret, _ = enrol(database, sign_in_account(database))
    rotate_keys(owner_database)
    with owner_database.transaction() as session:
        assert check_keys(session, OWNER).is_sound
    assert complete_sign_in(database, pending_token(database), code_of(secret, 1))


def test_own_sessions_are_listed_and_ended(database: Database, owner_database: Database) -> None:
    other, own, foreign = (sign_in_account(database, f"east-{name}") for name in ("leader", "leader", "planner"))
    with database.transaction(own.token) as session:
        listed = own_sessions.list_sessions(session)
        assert [each.is_current for each in listed] == [True, False]
        assert not {each.handle for each in listed} & {hash_token(each.token).hex() for each in (own, other)}
        assert own_sessions.end_session(session, listed[1].handle) == 1
        assert own_sessions.end_session(session, listed[0].handle) == 0
    assert last_audit(owner_database) == ("sessions_ended", {"sessions": 1})
    found = [find_session_account(database, each.token) is not None for each in (other, own, foreign)]
    assert found == [False, True, True]


def test_all_other_sessions_are_ended_at_once(database: Database) -> None:
    others, own = [sign_in_account(database, "east-leader") for _ in range(3)], sign_in_account(database, "east-leader")
    with database.transaction(own.token) as session:
        assert own_sessions.end_other_sessions(session) == 3
    assert [find_session_account(database, each.token) for each in others] == [None] * 3


@pytest.mark.parametrize(
    ("age", "is_recent"), [("4 minutes 50 seconds", True), ("5 minutes 1 second", False), ("-1 minute", False)]
)
def test_a_password_is_recent_for_five_minutes(
    database: Database, owner_database: Database, age: str, is_recent: bool
) -> None:
    admin = sign_in_account(database, "east-admin")
    execute_sql(owner_database, f"UPDATE web_session SET password_confirmed_at = now() - interval '{age}'")
    assert is_password_recent(database, admin) is is_recent


def test_a_password_typed_again_is_recent_in_its_session_only(database: Database, owner_database: Database) -> None:
    admin, other = sign_in_account(database, "east-admin"), sign_in_account(database, "east-admin")
    execute_sql(owner_database, "UPDATE web_session SET password_confirmed_at = now() - interval '6 minutes'")
    confirm_password(database, admin, PASSWORD)
    assert (is_password_recent(database, admin), is_password_recent(database, other)) == (True, False)


@pytest.mark.parametrize(
    "call",
    [
        "create_account('li.na', '', 'worker', 'x', {subdistrict}, NULL, NULL, daterange('2020-01-01', NULL), false)",
        "grant_scope({worker}, {subdistrict}, {community}, NULL, daterange('2000-01-01', '2000-02-01'), false)",
        "end_scope((SELECT id FROM account_scope WHERE account_id = {worker}))",
        "set_password({worker}, 'x', NULL)",
        "set_active({worker}, false)",
        "set_active({worker}, true)",
        "reset_second_factor({worker}, NULL)",
    ],
)
def test_the_database_changes_no_other_account_without_a_recent_password(
    database: Database, owner_database: Database, east: SubdistrictIds, call: str
) -> None:
    admin = sign_in_account(database, "east-admin")
    keys = {"subdistrict": east.subdistrict_id, "community": east.community_id, "worker": east.account_ids["worker"]}
    statement = text(f"SELECT {call.format(**keys)}")
    execute_sql(owner_database, "UPDATE web_session SET password_confirmed_at = now() - interval '301 seconds'")
    with pytest.raises(ProgrammingError, match="typed again"), database.transaction(admin.token) as session:
        session.execute(statement)
    confirm_password(database, admin, PASSWORD)
    with database.transaction(admin.token) as session:
        session.execute(statement)
        session.rollback()
