"""Backups by schedule: once for all hosts, recorded, with retention and an alarm."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gridmap.core.errors import InvalidInput, Message, NotPossible
from gridmap.postgres.databases import execute, fetch_rows
from gridmap.services.operations import backups
from gridmap.store import locks
from gridmap.store.queries.backups import BackupStatus
from gridmap.store.session import Database
from tests.fixtures import subdistricts
from tests.postgres.backup_fixtures import BackupKey

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
RECORDS = "SELECT action, details FROM audit WHERE action LIKE 'backup%%' ORDER BY id"


@pytest.fixture
def url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url


@pytest.fixture
def key(tmp_path: Path) -> BackupKey:
    return BackupKey.create(tmp_path / "identity.txt")


def test_a_backup_is_recorded_with_its_file_and_size(url: str, tmp_path: Path, key: BackupKey) -> None:
    file = backups.back_up(tmp_path / "backups", [key.recipient])
    details = {"file": file.name, "bytes": file.stat().st_size, "encrypted": True, "scheduled": False}
    assert fetch_rows(url, RECORDS) == [("backup", details)]


def test_every_admin_sees_the_record_of_a_backup(url: str, gridmap_home: Path, tmp_path: Path) -> None:
    subdistricts.fill_database(url, gridmap_home)
    backups.back_up(tmp_path)
    rows = fetch_rows(
        url, "SELECT s.code FROM audit JOIN subdistrict s ON s.id = subdistrict_id WHERE action = 'backup'"
    )
    assert sorted(rows) == [("east",), ("west",)]


def test_a_failure_is_recorded_with_its_reason(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InvalidInput, match="cannot be backed up"):
        backups.back_up(tmp_path / "file")
    [(action, details)] = fetch_rows(url, RECORDS)
    assert (action, details["scheduled"]) == ("backup_failed", False)
    assert "File exists" in str(details["reason"])


def test_a_scheduled_backup_needs_a_choice(url: str) -> None:
    with pytest.raises(NotPossible, match="need a recipient"):
        backups.back_up_if_due()


def test_the_backup_of_the_night_is_made_once(url: str, tmp_path: Path, key: BackupKey) -> None:
    backups.save_recipients([key.recipient])
    first, second = backups.back_up_if_due(tmp_path / "one"), backups.back_up_if_due(tmp_path / "two")
    assert (first is not None, second) == (True, None)
    assert not (tmp_path / "two").exists()


def test_a_backup_by_hand_does_not_replace_that_of_the_night(url: str, tmp_path: Path, key: BackupKey) -> None:
    backups.save_recipients([key.recipient])
    backups.back_up(tmp_path)
    assert backups.back_up_if_due(tmp_path / "nightly")


def test_no_second_backup_is_made_while_another_host_makes_one(url: str, tmp_path: Path) -> None:
    backups.save_recipients([], clear_text=True)
    with closing(Database(url, trusted=True)) as other_host, other_host.transaction() as session:
        assert locks.try_backup_lock(session)
        assert backups.back_up_if_due(tmp_path) is None
    assert backups.back_up_if_due(tmp_path)


def test_a_scheduled_backup_deletes_expired_ones_and_nothing_else(url: str, tmp_path: Path) -> None:
    backups.save_recipients([], clear_text=True)
    names = [f"gridmap-202401{day:02}T190000Z.backup" for day in range(1, 29)]
    for name in (*names, "notes.txt", "gridmap-.backup"):
        (tmp_path / name).touch()
    new = backups.back_up_if_due(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert new is not None
    assert {new.name, "notes.txt", "gridmap-.backup", names[-1]} <= left
    assert names[0] not in left


def test_a_failed_backup_deletes_none(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups.save_recipients([], clear_text=True)
    for day in range(1, 29):
        (tmp_path / f"gridmap-202401{day:02}T190000Z.backup").touch()
    monkeypatch.setattr("gridmap.postgres.backups.backup.read_client", fail)
    with pytest.raises(InvalidInput):
        backups.back_up_if_due(tmp_path)
    assert len(list(tmp_path.iterdir())) == 28


def fail(*_: object) -> Iterator[bytes]:
    raise OSError("no such program")


def test_a_recipient_is_chosen_by_a_new_key(tmp_path: Path) -> None:
    assert not backups.load_recipients().is_chosen
    recipient = backups.create_recipient(tmp_path / "identity.txt")
    assert backups.load_recipients().recipients == [recipient]
    assert (tmp_path / "identity.txt").stat().st_mode & 0o777 == 0o600
    with pytest.raises(InvalidInput, match="cannot be written"):
        backups.create_recipient(tmp_path / "identity.txt")


@pytest.mark.parametrize("text", ["age1nonsense", "", "ssh-ed25519 AAAA"])
def test_what_is_no_recipient_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="is no recipient"):
        backups.save_recipients([text])


def test_an_identity_is_no_recipient_and_is_not_repeated(key: BackupKey) -> None:
    identity = key.identity_file.read_text().split()[-1]
    with pytest.raises(InvalidInput, match="must stay secret") as caught:
        backups.save_recipients([identity])
    assert identity not in str(caught.value.faults)


FAILURE = Message("the disk of {folder} is full", {"folder": "/mnt"})


@pytest.mark.parametrize(
    ("status", "sentences"),
    [
        (BackupStatus(NOW - timedelta(hours=36)), []),
        (BackupStatus(NOW - timedelta(hours=36), NOW, FAILURE), []),
        (BackupStatus(), ["No backup has been made yet."]),
        (
            BackupStatus(NOW - timedelta(hours=37)),
            ["The last backup was made on 2026-11-22 07:00, 37 hours ago.", "No backup has been tried since."],
        ),
        (
            BackupStatus(NOW - timedelta(hours=50), NOW, FAILURE),
            [
                "The last backup was made on 2026-11-21 18:00, 50 hours ago.",
                "An attempt on 2026-11-23 20:00 failed: the disk of /mnt is full",
            ],
        ),
        (
            BackupStatus(NOW - timedelta(hours=50), NOW - timedelta(hours=51), FAILURE),
            ["The last backup was made on 2026-11-21 18:00, 50 hours ago.", "No backup has been tried since."],
        ),
        (
            BackupStatus(None, NOW),
            ["No backup has been made yet.", "An attempt on 2026-11-23 20:00 failed."],
        ),
    ],
)
def test_the_alarm_tells_the_last_backup_and_the_reason(status: BackupStatus, sentences: list[str]) -> None:
    shown = [str(sentence) for sentence in backups.describe_alarm(status, NOW)]
    assert [text[: len(sentence)] for text, sentence in zip(shown, sentences, strict=True)] == sentences


def test_the_status_comes_from_the_audit(url: str) -> None:
    execute(
        url,
        "INSERT INTO audit (at, action) VALUES ('2026-11-20Z', 'backup'), ('2026-11-21Z', 'backup')",
        "INSERT INTO audit (at, action, details) VALUES ('2026-11-22Z', 'backup_failed',"
        ' \'{"reason": {"template": "full", "values": {}}}\')',
    )
    with closing(Database(url, trusted=True)) as database, database.transaction() as session:
        status = backups.get_status(session)
    assert status == BackupStatus(
        datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC), Message("full")
    )
