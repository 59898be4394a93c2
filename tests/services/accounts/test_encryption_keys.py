"""Keys: made once, changed without losing a value, and missed loudly."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.core.errors import NotPossible
from gridmap.core.progress import Progress
from gridmap.services.accounts import encryption_keys as using
from gridmap.services.people import residents as people_residents
from gridmap.store import key_ring
from gridmap.store.session import Database
from tests.fixtures import subdistricts
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import ID_NUMBERS, PHONES, FilledDatabase, SubdistrictIds

REASON = "上门核实"


@pytest.fixture
def filled_database(database_url: str, tmp_path: Path) -> FilledDatabase:
    """A database for every test: keys are changed in whole."""
    return subdistricts.fill_database(database_url, tmp_path)


def check_keys(owner_database: Database) -> using.KeyCheck:
    with owner_database.transaction() as session:
        return using.check_keys(session, caller_of(session))


def reveal_phone(database: Database, east: SubdistrictIds) -> str:
    with database.transaction(east.account_ids["worker"]) as session:
        return people_residents.reveal_value(session, caller_of(session), east.resident_ids[0], "phone", REASON)


def test_everything_sealed_opens_and_is_found_again(owner_database: Database) -> None:
    found = check_keys(owner_database)
    assert found.is_sound
    assert found.values_by_key == {found.key_ids[0]: 8}


def test_the_file_is_for_its_owner_alone(owner_database: Database) -> None:
    assert key_ring.key_file_path().stat().st_mode & 0o777 == 0o600


def test_a_change_of_keys_seals_everything_anew(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    before = check_keys(owner_database).key_ids
    assert using.rotate_keys(owner_database) == 4
    after = check_keys(owner_database)
    assert after.is_sound
    assert after.values_by_key == {after.key_ids[0]: 8}
    assert after.key_ids != before
    assert reveal_phone(database, east) == PHONES["east"][0]


def test_people_are_found_by_number_after_a_change_of_keys(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    using.rotate_keys(owner_database)
    with database.transaction(east.account_ids["worker"]) as session:
        assert len(people_residents.find_residents(session, caller_of(session), ID_NUMBERS["east"][0])) == 1


def test_an_interrupted_change_goes_on(
    database: Database, owner_database: Database, east: SubdistrictIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(using, "BATCH_SIZE", 1)
    with pytest.raises(KeyboardInterrupt):
        using.rotate_keys(owner_database, interrupt_after(2))
    halfway = check_keys(owner_database)
    assert sorted(halfway.values_by_key.values()) == [4, 4]
    assert not halfway.unreadable
    assert reveal_phone(database, east) == PHONES["east"][0]
    assert using.rotate_keys(owner_database) == 2
    assert check_keys(owner_database).key_ids == halfway.key_ids[:1]


def interrupt_after(residents: int) -> Progress:
    def progress(step: object, done: int, total: int) -> None:
        if done == residents:
            raise KeyboardInterrupt

    return progress


def test_while_keys_are_changed_people_are_found_by_either(
    database: Database, owner_database: Database, east: SubdistrictIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_ring.save_key_ring(key_ring.load_key_ring().with_new_key())
    with database.transaction(east.account_ids["station"]) as session:
        assert [
            len(people_residents.find_residents(session, caller_of(session), number)) for number in PHONES["east"]
        ] == [1, 1]


def test_a_missing_file_is_an_error_when_something_is_sealed(owner_database: Database) -> None:
    key_ring.key_file_path().unlink()
    with pytest.raises(NotPossible, match="keys are missing"):
        check_keys(owner_database)
    with pytest.raises(NotPossible, match="keys are missing"):
        using.rotate_keys(owner_database)
    assert not key_ring.key_file_path().exists()


def test_a_first_key_is_made_when_nothing_is_sealed(owner_database: Database) -> None:
    key_ring.key_file_path().unlink()
    with owner_database.transaction() as session:
        session.execute(text("DELETE FROM resident"))
        assert len(using.load_or_create_key_ring(session, caller_of(session)).keys) == 1


def test_the_web_never_makes_a_key(database: Database) -> None:
    with database.transaction() as session, pytest.raises(PermissionError):
        using.load_or_create_key_ring(session, caller_of(session))


def test_the_keys_of_another_installation_are_told_apart(
    database: Database, owner_database: Database, east: SubdistrictIds
) -> None:
    key_ring.key_file_path().unlink()
    key_ring.create_key_ring()
    assert len(check_keys(owner_database).unreadable) == 8
    with pytest.raises(NotPossible, match="does not hold"):
        reveal_phone(database, east)


def test_a_damaged_key_does_not_open(database: Database, owner_database: Database, east: SubdistrictIds) -> None:
    ring = json.loads(key_ring.key_file_path().read_text())
    ring["keys"][0]["sealing"] = key_ring.EncryptionKey.generate().sealing
    key_ring.key_file_path().write_text(json.dumps(ring))
    with pytest.raises(NotPossible, match="does not open"):
        reveal_phone(database, east)


def test_a_wrong_key_changes_nothing(owner_database: Database) -> None:
    ring = json.loads(key_ring.key_file_path().read_text())
    good = ring["keys"][0]["sealing"]
    ring["keys"][0]["sealing"] = key_ring.EncryptionKey.generate().sealing
    key_ring.key_file_path().write_text(json.dumps(ring))
    with pytest.raises(NotPossible):
        using.rotate_keys(owner_database)
    key_ring.key_file_path().write_text(key_ring.key_file_path().read_text().replace(ring["keys"][0]["sealing"], good))
    assert using.rotate_keys(owner_database) == 4


@pytest.mark.parametrize("content", ["", "{}", '{"keys": [{"id": "1"}]}', "[1]", '{"keys": [{}]}'])
def test_a_file_without_keys_is_an_error(database: Database, east: SubdistrictIds, content: str) -> None:
    key_ring.key_file_path().write_text(content)
    with pytest.raises(NotPossible, match="holds no keys"):
        reveal_phone(database, east)


def test_a_file_that_others_can_read_is_an_error(database: Database, east: SubdistrictIds) -> None:
    key_ring.key_file_path().chmod(0o644)
    with pytest.raises(NotPossible, match="read by others"):
        reveal_phone(database, east)


def test_two_who_make_the_first_key_get_the_same() -> None:
    assert key_ring.create_key_ring() == key_ring.create_key_ring()


def test_a_ring_does_not_show_its_keys() -> None:
    ring = key_ring.create_key_ring()
    assert ring.keys[0].sealing not in repr(ring)
    assert ring.keys[0].marking not in repr(ring)
