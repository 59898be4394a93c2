"""Signing in, being slowed down, and sessions that end."""

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from gridmap.core.errors import BadInput
from gridmap.core.names import Role
from gridmap.services import passwords
from gridmap.services.signing_in import Account, Refused, Wait, change_password, recognise, sign_in, sign_out
from gridmap.store.session import Database
from tests.offices import PASSWORD, Office, known

HERE, THERE = "192.0.2.1", "192.0.2.2"
NEW = "a boat under seven bridges"


def person(database: Database, name: str = "east-worker") -> Account:
    found = recognise(database, sign_in(database, name, PASSWORD, HERE))
    assert found is not None
    return found


def fail(database: Database, name: str, address: str = HERE) -> None:
    with pytest.raises(Refused):
        sign_in(database, name, "not this one", address)


def told(owners: Database, statement: str) -> None:
    with owners.transaction() as session:
        session.execute(text(statement))


def deeds(owners: Database) -> list[str]:
    """What was written down since the test began."""
    since = text("SELECT action FROM audit WHERE id > (SELECT max(id) FROM audit WHERE action = 'test') ORDER BY id")
    with owners.transaction() as session:
        return list(session.scalars(since))


@pytest.fixture(autouse=True)
def fresh(owners: Database) -> None:
    """Nobody signed in, nobody slowed down, every password as it was."""
    for table in ("web_session", "sign_in_brake"):
        told(owners, f"DELETE FROM {table}")
    told(owners, f"UPDATE credential SET password = '{known()}', must_change = false")
    told(owners, "UPDATE account SET active = true")
    told(owners, "INSERT INTO audit (action) VALUES ('test')")


def test_who_knows_the_password_is_recognised(database: Database, east: Office) -> None:
    found = person(database)
    assert (found.id, found.role) == (east.accounts["worker"], Role.WORKER)
    assert (found.subdistricts, found.subdistrict_name) == ((east.id,), "east subdistrict")


def test_names_are_typed_in_any_case_and_width(database: Database) -> None:
    assert person(database, " East-ＷＯＲＫＥＲ ").name == "east-worker"


def test_each_sign_in_has_a_token_of_its_own(database: Database) -> None:
    assert sign_in(database, "east-worker", PASSWORD) != sign_in(database, "east-worker", PASSWORD)


def test_the_database_keeps_no_token(database: Database, owners: Database) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    with owners.transaction() as session:
        kept = bytes(session.scalar(text("SELECT token FROM web_session")))
    assert token.encode() not in kept


@pytest.mark.parametrize("name", ["east-worker", "nobody"])
def test_a_wrong_password_is_refused_and_written_down(database: Database, owners: Database, name: str) -> None:
    fail(database, name)
    assert deeds(owners) == ["sign_in_failed"]


def test_an_admin_finds_failed_sign_ins_of_the_own_people_only(database: Database, east: Office) -> None:
    fail(database, "east-worker", "192.0.2.77")
    fail(database, "west-worker", "192.0.2.77")
    with database.transaction(east.accounts["admin"]) as session:
        assert session.scalar(text("SELECT count(*) FROM audit WHERE address = '192.0.2.77'")) == 1


@pytest.mark.parametrize("name", ["east-worker", "nobody"])
def test_the_sixth_attempt_has_to_wait_whoever_it_is(database: Database, name: str) -> None:
    for _ in range(5):
        fail(database, name)
    with pytest.raises(Wait) as caught:
        sign_in(database, name, PASSWORD, THERE)
    assert 50 < caught.value.seconds <= 60


def test_waits_grow_and_end(database: Database, owners: Database) -> None:
    waits = []
    for attempt in range(8):
        fail(database, "east-worker")
        if attempt >= 4:
            with pytest.raises(Wait) as caught:
                sign_in(database, "east-worker", PASSWORD, HERE)
            waits.append(round(caught.value.seconds / 60))
            told(owners, "UPDATE sign_in_brake SET locked_until = now()")
    assert waits == [1, 5, 15, 15]
    assert person(database).name == "east-worker"


def test_a_success_forgives_the_failures(database: Database) -> None:
    for _ in range(2):
        for _ in range(4):
            fail(database, "east-worker")
        assert person(database)


def test_many_names_cannot_be_tried_from_one_address(database: Database, owners: Database) -> None:
    fail(database, "nobody-0")
    told(owners, "UPDATE sign_in_brake SET failures = 49")
    fail(database, "nobody-1")
    with pytest.raises(Wait):
        sign_in(database, "east-worker", PASSWORD, HERE)
    assert sign_in(database, "east-worker", PASSWORD, THERE)


def test_the_addresses_of_one_home_count_as_one(database: Database, owners: Database) -> None:
    fail(database, "nobody-0", "2001:db8::1")
    told(owners, "UPDATE sign_in_brake SET failures = 50, locked_until = now() + interval '1 minute'")
    with pytest.raises(Wait):
        sign_in(database, "east-worker", PASSWORD, "2001:db8::2")


def test_attempts_at_the_same_time_are_counted_one_by_one(database: Database) -> None:
    def attempt(_: int) -> str:
        try:
            sign_in(database, "east-worker", "not this one", HERE)
        except (Refused, Wait) as error:
            return type(error).__name__
        return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))
    assert outcomes.count("Refused") == 5


def test_an_unknown_name_takes_as_long_as_a_known_one(database: Database, owners: Database) -> None:
    def typical(name: str) -> float:
        taken = []
        for attempt in range(5):
            start = time.perf_counter()
            fail(database, f"{name}", f"192.0.2.{attempt + 10}")
            taken.append(time.perf_counter() - start)
        return statistics.median(taken)

    fail(database, "warm-up")
    assert typical("nobody") == pytest.approx(typical("east-leader"), rel=0.5)


def test_an_account_out_of_use_is_refused(database: Database, owners: Database) -> None:
    told(owners, "UPDATE account SET active = false WHERE name = 'east-worker'")
    with pytest.raises(Refused):
        sign_in(database, "east-worker", PASSWORD)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE web_session SET expires_at = now()",
        "UPDATE web_session SET seen_at = now() - interval '8 hours'",
        "UPDATE account SET active = false",
    ],
)
def test_a_session_ends(database: Database, owners: Database, change: str) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    told(owners, change)
    assert recognise(database, token) is None


def test_a_session_in_use_lasts_but_no_longer_than_a_day(database: Database, owners: Database) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    told(owners, "UPDATE web_session SET seen_at = now() - interval '7 hours'")
    assert recognise(database, token)
    with owners.transaction() as session:
        row = session.execute(text("SELECT now() - seen_at, expires_at - opened_at FROM web_session")).one()
    assert row[0].total_seconds() < 60
    assert round(row[1].total_seconds() / 3600) == 24


def test_signing_out_closes_the_session(database: Database, owners: Database) -> None:
    token = sign_in(database, "east-worker", PASSWORD)
    sign_out(database, token)
    assert recognise(database, token) is None
    assert deeds(owners) == ["sign_in", "sign_out"]


def test_a_made_up_token_is_nobody(database: Database) -> None:
    assert recognise(database, "made up") is None


def test_a_hash_with_weaker_parameters_is_renewed(database: Database, owners: Database) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
    told(owners, f"UPDATE credential SET password = '{weak}'")
    assert person(database)
    with owners.transaction() as session:
        now = text("SELECT password FROM credential JOIN account ON id = account_id WHERE name = 'east-worker'")
        kept = str(session.scalar(now))
    assert not passwords.outdated(kept)
    assert passwords.matches(kept, PASSWORD)


def test_a_changed_password_signs_out_all_but_the_browser_at_hand(database: Database) -> None:
    elsewhere = sign_in(database, "east-worker", PASSWORD)
    token = change_password(database, person(database), PASSWORD, NEW)
    assert recognise(database, elsewhere) is None
    assert recognise(database, token)
    assert sign_in(database, "east-worker", NEW)


def test_the_old_password_must_be_known(database: Database, owners: Database) -> None:
    with pytest.raises(BadInput, match="not the password of today"):
        change_password(database, person(database), "a guess at it", NEW)
    assert deeds(owners)[-1] == "sign_in_failed"


def test_guessing_the_old_password_is_slowed_down_too(database: Database) -> None:
    signed_in = person(database)
    for _ in range(5):
        with pytest.raises(BadInput):
            change_password(database, signed_in, "a guess at it", NEW)
    with pytest.raises(Wait):
        change_password(database, signed_in, PASSWORD, NEW)


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ("short", "at least 10"),
        ("my east-worker password", "name of the account"),
        ("Password2024!!", "many people"),
        ("13800138000", "many people"),
        (PASSWORD, "password of today"),
        ("x" * 300, "more than 200"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(database: Database, new: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        change_password(database, person(database), PASSWORD, new)


def test_a_sentence_in_chinese_is_a_password(database: Database) -> None:
    new = "江边两盏灯照着七座桥"
    change_password(database, person(database), PASSWORD, new)
    assert sign_in(database, "east-worker", new)
