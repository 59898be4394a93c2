"""Encryption keys: creation, rotation without losing a value, and errors for missing or invalid keys."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.core.errors import NotPossible
from gridmap.core.progress import Progress
from gridmap.secret_files import is_private
from gridmap.services.accounts import encryption_keys
from gridmap.services.people import residents as people_residents
from gridmap.store import key_ring
from gridmap.store.session import Database
from tests.fixtures import subdistricts
from tests.fixtures.callers import caller_of
from tests.fixtures.people.reveals import reveal
from tests.fixtures.subdistricts import ID_NUMBERS, PHONES, FilledDatabase, SubdistrictIds


@pytest.fixture
def filled_database(database_url: str, tmp_path: Path) -> FilledDatabase:
    """Fill a database for every test: a rotation changes all of it."""
    return subdistricts.fill_database(database_url, tmp_path)


def check_keys(owner_database: Database) -> encryption_keys.KeyCheck:
    with owner_database.transaction() as session:
        return encryption_keys.check_keys(session, caller_of(session))


def reveal_phone(database: Database, east: SubdistrictIds) -> str:
    return str(reveal(database, east.account_ids["worker"], east.resident_ids[0]).value)


def test_every_encrypted_value_is_readable(owner_database: Database) -> None:
    result = check_keys(owner_database)
    assert result.is_sound
    assert result.values_by_key == {result.key_ids[0]: 8}


def test_only_the_owner_can_read_the_key_file(owner_database: Database) -> None:
    assert is_private(key_ring.key_file_path())


def test_a_rotation_encrypts_every_value_with_the_new_key(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    before = check_keys(owner_database).key_ids
    assert encryption_keys.rotate_keys(owner_database) == 4
    after = check_keys(owner_database)
    assert after.is_sound
    assert after.values_by_key == {after.key_ids[0]: 8}
    assert after.key_ids != before
    assert reveal_phone(database, east) == PHONES["east"][0]


def test_residents_are_found_by_number_after_a_rotation(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    encryption_keys.rotate_keys(owner_database)
    with database.transaction(east.token("worker")) as session:
        assert len(people_residents.find_residents(session, caller_of(session), ID_NUMBERS["east"][0])) == 1


def test_an_interrupted_rotation_is_continued(
    database: Database, owner_database: Database, east: SubdistrictIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encryption_keys, "BATCH_SIZE", 1)
    with pytest.raises(KeyboardInterrupt):
        encryption_keys.rotate_keys(owner_database, interrupt_after(2))
    halfway = check_keys(owner_database)
    assert sorted(halfway.values_by_key.values()) == [4, 4]
    assert not halfway.unreadable
    assert reveal_phone(database, east) == PHONES["east"][0]
    assert encryption_keys.rotate_keys(owner_database) == 2
    assert check_keys(owner_database).key_ids == halfway.key_ids[:1]


def interrupt_after(residents: int) -> Progress:
    def progress(step: object, done: int, total: int) -> None:
        if done == residents:
            raise KeyboardInterrupt

    return progress


def test_residents_are_found_by_either_key_during_a_rotation(
    database: Database, owner_database: Database, east: SubdistrictIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_ring.save_key_ring(key_ring.load_key_ring().with_new_key())
    with database.transaction(east.token("station")) as session:
        assert [
            len(people_residents.find_residents(session, caller_of(session), number)) for number in PHONES["east"]
        ] == [1, 1]


def test_a_missing_file_is_an_error_if_there_are_encrypted_values(owner_database: Database) -> None:
    key_ring.key_file_path().unlink()
    with pytest.raises(NotPossible, match="keys are missing"):
        check_keys(owner_database)
    with pytest.raises(NotPossible, match="keys are missing"):
        encryption_keys.rotate_keys(owner_database)
    assert not key_ring.key_file_path().exists()


def test_a_first_key_is_created_if_there_is_no_encrypted_value(owner_database: Database) -> None:
    key_ring.key_file_path().unlink()
    with owner_database.transaction() as session:
        session.execute(text("DELETE FROM resident"))
        assert len(encryption_keys.load_or_create_key_ring(session, caller_of(session)).keys) == 1


def test_the_web_never_creates_a_key(database: Database) -> None:
    with database.transaction() as session, pytest.raises(PermissionError):
        encryption_keys.load_or_create_key_ring(session, caller_of(session))


def test_keys_of_another_installation_are_recognised(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    key_ring.key_file_path().unlink()
    key_ring.create_key_ring()
    assert len(check_keys(owner_database).unreadable) == 8
    with pytest.raises(NotPossible, match="does not hold"):
        reveal_phone(database, east)


def test_a_damaged_key_decrypts_nothing(database: Database, owner_database: Database, east: SubdistrictIds) -> None:
    ring = json.loads(key_ring.key_file_path().read_text())
    ring["keys"][0]["sealing"] = key_ring.EncryptionKey.generate().encryption_key
    key_ring.key_file_path().write_text(json.dumps(ring))
    with pytest.raises(NotPossible, match="does not decrypt"):
        reveal_phone(database, east)


def test_a_wrong_key_changes_nothing(owner_database: Database) -> None:
    ring = json.loads(key_ring.key_file_path().read_text())
    valid_key = ring["keys"][0]["sealing"]
    ring["keys"][0]["sealing"] = key_ring.EncryptionKey.generate().encryption_key
    key_ring.key_file_path().write_text(json.dumps(ring))
    with pytest.raises(NotPossible):
        encryption_keys.rotate_keys(owner_database)
    key_ring.key_file_path().write_text(
        key_ring.key_file_path().read_text().replace(ring["keys"][0]["sealing"], valid_key)
    )
    assert encryption_keys.rotate_keys(owner_database) == 4


@pytest.mark.parametrize("content", ["", "{}", '{"keys": [{"id": "1"}]}', "[1]", '{"keys": [{}]}'])
def test_a_file_without_keys_is_an_error(database: Database, east: SubdistrictIds, content: str) -> None:
    key_ring.key_file_path().write_text(content)
    with pytest.raises(NotPossible, match="holds no keys"):
        reveal_phone(database, east)


def test_a_file_that_others_can_read_is_an_error(database: Database, east: SubdistrictIds) -> None:
    key_ring.key_file_path().chmod(0o644)
    with pytest.raises(NotPossible, match="read by others"):
        reveal_phone(database, east)


def test_two_processes_that_create_the_first_key_get_the_same() -> None:
    assert key_ring.create_key_ring() == key_ring.create_key_ring()


def test_a_ring_does_not_show_its_keys() -> None:
    ring = key_ring.create_key_ring()
    assert ring.keys[0].encryption_key not in repr(ring)
    assert ring.keys[0].index_key not in repr(ring)
