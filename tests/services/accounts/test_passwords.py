"""Pepper of passwords outside the database, and passwords that attackers try first."""

import subprocess
import sys

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from gridmap.secret_files import Secret, create_missing_secret, is_private, secret_path
from gridmap.services.accounts import passwords
from gridmap.services.accounts.password_blocklist import common_words, is_common
from gridmap.services.accounts.pepper import find_missing_peppers, load_peppers
from gridmap.services.accounts.sign_in import InvalidCredentials, sign_in
from gridmap.store.session import Database
from tests.fixtures.subdistricts import PASSWORD, password_hash


@pytest.fixture(autouse=True)
def reset_passwords(owner_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GRIDMAP_PEPPER")
    create_missing_secret(Secret.PEPPER)
    set_hashes(owner_database, password_hash())


def set_hashes(owner_database: Database, stored_hash: str) -> None:
    with owner_database.transaction() as session:
        session.execute(text("DELETE FROM sign_in_throttle"))
        session.execute(text("UPDATE credential SET password_hash = :hash"), {"hash": stored_hash})


def stored_hash(owner_database: Database) -> str:
    query = text("SELECT password_hash FROM credential JOIN account ON id = account_id WHERE name = 'east-worker'")
    with owner_database.transaction() as session:
        return str(session.scalar(query))


def replace_pepper(pepper: str) -> None:
    secret_path(Secret.PEPPER).write_text(pepper)


def test_a_stolen_hash_alone_does_not_tell_whether_a_guess_is_right(gridmap_home: object) -> None:
    argon2_hash = passwords.split_pepper_id(password_hash())[1]
    assert not passwords.verify_password(argon2_hash, PASSWORD)


def test_a_guess_costs_what_rfc_9106_recommends() -> None:
    show = "from gridmap.services.accounts.passwords import hasher as h; print(h.memory_cost, h.time_cost, h.hash_len)"
    shown = subprocess.run([sys.executable, "-c", show], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["65536", "3", "32"]  # KiB, passes, bytes


def test_only_its_owner_reads_the_pepper() -> None:
    load_peppers()
    assert is_private(secret_path(Secret.PEPPER))


def test_a_hash_without_pepper_works_and_is_renewed_at_the_next_sign_in(
    database: Database, owner_database: Database
) -> None:
    set_hashes(owner_database, PasswordHasher().hash(PASSWORD))
    assert sign_in(database, "east-worker", PASSWORD)
    assert stored_hash(owner_database).startswith(f"{load_peppers()[0].id}$argon2id$")
    assert sign_in(database, "east-worker", PASSWORD)


def test_a_replaced_pepper_works_from_the_second_line_until_the_next_sign_in(
    database: Database, owner_database: Database
) -> None:
    old = load_peppers()[0]
    replace_pepper(f"another-new-pepper\n{old.key.decode()}\n")
    assert sign_in(database, "east-worker", PASSWORD)
    assert stored_hash(owner_database).partition("$")[0] == load_peppers()[0].id != old.id
    replace_pepper(old.key.decode())


def test_another_pepper_is_named_by_the_check_and_in_the_log(
    database: Database, owner_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    old = load_peppers()[0]
    replace_pepper("the-pepper-of-another-home")
    with pytest.raises(InvalidCredentials):
        sign_in(database, "east-worker", PASSWORD)
    with owner_database.transaction() as session:
        [fault] = find_missing_peppers(session)
    replace_pepper(old.key.decode())
    assert old.id in str(fault)
    assert "secrets/pepper" in str(fault)
    assert old.id in caplog.text
    assert old.key.decode() not in caplog.text


def test_the_check_finds_nothing_where_the_pepper_is_right(owner_database: Database) -> None:
    with owner_database.transaction() as session:
        assert find_missing_peppers(session) == []


def test_the_list_of_common_words_is_long() -> None:
    assert len(common_words()) >= 20_000


@pytest.mark.parametrize(
    "password",
    [
        "basketball",
        "p@ssw0rd123",
        "P@$$w0rd2026",
        "b4sk3tb411!",
        "1loveyou2026",
        "!!trustno1!!",
        "zhangwei1990",
        "shequ2026shequ2026",
        "Qwertyuiop",
        "20261128123",
        "abababababab",
    ],
)
def test_a_common_password_is_refused(password: str) -> None:
    assert is_common(password)


@pytest.mark.parametrize(
    "password", ["a boat under seven bridges", "江边两盏灯照着七座桥", "k7#vmq2-xw9r", "202611281234567"]
)
def test_an_uncommon_password_is_accepted(password: str) -> None:
    assert not is_common(password)
