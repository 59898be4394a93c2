"""Keys: made once, changed without losing a value, and missed loudly."""

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from gridmap.core.errors import Unable
from gridmap.core.progress import Progress
from gridmap.services import keys as using
from gridmap.services import people
from gridmap.store import keys
from gridmap.store.session import Database
from tests import offices
from tests.offices import ID_NUMBERS, PHONES, Filled, Office

REASON = "上门核实"


@pytest.fixture
def filled(database_url: str, tmp_path: Path) -> Filled:
    """A database for every test: keys are changed in whole."""
    return offices.filled(database_url, tmp_path)


def state(owners: Database) -> using.State:
    with owners.transaction() as session:
        return using.check(session)


def phone(database: Database, east: Office) -> str:
    with database.transaction(east.accounts["worker"]) as session:
        return people.reveal(session, east.residents[0], "phone", REASON)


def test_everything_sealed_opens_and_is_found_again(owners: Database) -> None:
    found = state(owners)
    assert found.sound
    assert found.values == {found.keys[0]: 8}


def test_the_file_is_for_its_owner_alone(owners: Database) -> None:
    assert keys.path().stat().st_mode & 0o777 == 0o600


def test_a_change_of_keys_seals_everything_anew(database: Database, owners: Database, east: Office) -> None:
    before = state(owners).keys
    assert using.rotate(owners) == 4
    after = state(owners)
    assert after.sound
    assert after.values == {after.keys[0]: 8}
    assert after.keys != before
    assert phone(database, east) == PHONES["east"][0]


def test_people_are_found_by_number_after_a_change_of_keys(database: Database, owners: Database, east: Office) -> None:
    using.rotate(owners)
    with database.transaction(east.accounts["worker"]) as session:
        assert len(people.find(session, ID_NUMBERS["east"][0])) == 1


def test_an_interrupted_change_goes_on(
    database: Database, owners: Database, east: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(using, "BATCH", 1)
    with pytest.raises(KeyboardInterrupt):
        using.rotate(owners, interrupt_after(2))
    halfway = state(owners)
    assert sorted(halfway.values.values()) == [4, 4]
    assert not halfway.wrong
    assert phone(database, east) == PHONES["east"][0]
    assert using.rotate(owners) == 2
    assert state(owners).keys == halfway.keys[:1]


def interrupt_after(residents: int) -> Progress:
    def progress(step: object, done: int, total: int) -> None:
        if done == residents:
            raise KeyboardInterrupt

    return progress


def test_while_keys_are_changed_people_are_found_by_either(
    database: Database, owners: Database, east: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.save(keys.load().with_new())
    with database.transaction(east.accounts["station"]) as session:
        assert [len(people.find(session, number)) for number in PHONES["east"]] == [1, 1]


def test_a_missing_file_is_an_error_when_something_is_sealed(owners: Database) -> None:
    keys.path().unlink()
    with pytest.raises(Unable, match="keys are missing"):
        state(owners)
    with pytest.raises(Unable, match="keys are missing"):
        using.rotate(owners)
    assert not keys.path().exists()


def test_a_first_key_is_made_when_nothing_is_sealed(owners: Database) -> None:
    keys.path().unlink()
    with owners.transaction() as session:
        session.execute(text("DELETE FROM resident"))
        assert len(using.ring_or_new(session).keys) == 1


def test_the_web_never_makes_a_key(database: Database) -> None:
    with database.transaction() as session, pytest.raises(PermissionError):
        using.ring_or_new(session)


def test_the_keys_of_another_installation_are_told_apart(database: Database, owners: Database, east: Office) -> None:
    keys.path().unlink()
    keys.make()
    assert len(state(owners).wrong) == 8
    with pytest.raises(Unable, match="does not hold"):
        phone(database, east)


def test_a_damaged_key_does_not_open(database: Database, owners: Database, east: Office) -> None:
    ring = json.loads(keys.path().read_text())
    ring["keys"][0]["sealing"] = keys.Key.new().sealing
    keys.path().write_text(json.dumps(ring))
    with pytest.raises(Unable, match="does not open"):
        phone(database, east)


def test_a_wrong_key_changes_nothing(owners: Database) -> None:
    ring = json.loads(keys.path().read_text())
    good = ring["keys"][0]["sealing"]
    ring["keys"][0]["sealing"] = keys.Key.new().sealing
    keys.path().write_text(json.dumps(ring))
    with pytest.raises(Unable):
        using.rotate(owners)
    keys.path().write_text(keys.path().read_text().replace(ring["keys"][0]["sealing"], good))
    assert using.rotate(owners) == 4


@pytest.mark.parametrize("content", ["", "{}", '{"keys": [{"id": "1"}]}', "[1]", '{"keys": [{}]}'])
def test_a_file_without_keys_is_an_error(database: Database, east: Office, content: str) -> None:
    keys.path().write_text(content)
    with pytest.raises(Unable, match="holds no keys"):
        phone(database, east)


def test_a_file_that_others_can_read_is_an_error(database: Database, east: Office) -> None:
    keys.path().chmod(0o644)
    with pytest.raises(Unable, match="read by others"):
        phone(database, east)


def test_two_who_make_the_first_key_get_the_same() -> None:
    assert keys.make() == keys.make()


def test_a_ring_does_not_show_its_keys() -> None:
    ring = keys.make()
    assert ring.keys[0].sealing not in repr(ring)
    assert ring.keys[0].marking not in repr(ring)
