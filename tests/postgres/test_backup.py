"""Backup and restore: a backup restores every row, only with its key, and a failed restore changes nothing."""

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pyrage import x25519
from sqlalchemy.engine import make_url

from gridmap.core.errors import InvalidInput
from gridmap.postgres.backups import backup as postgre_backup
from gridmap.postgres.backups.backup_file import BackupReader
from gridmap.postgres.client_programs import read_client
from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.postgres.urls import connect
from tests.fixtures import postgis
from tests.postgres.backup_fixtures import restore_file, table_digests

ROWS = (
    """INSERT INTO subdistrict (code, name, source, geometry) VALUES ('420106012', '水果湖街道', 'survey',
       ST_Multi(ST_MakeEnvelope(114.3, 30.5, 114.4, 30.6, 4326)))""",
    """INSERT INTO service_group (subdistrict_id, key, name_zh, name_en, access_class, purpose, in_use, source)
       SELECT id, 'volunteer', '志愿者', 'Volunteers', 'personal', 'service', true, 'survey' FROM subdistrict""",
    """INSERT INTO community (subdistrict_id, code, name, geometry) SELECT id, '01', '东湖社区', geometry
       FROM subdistrict""",
    """INSERT INTO incident_category (subdistrict_id, key, main_category, name_zh, name_en, access_class, source)
       SELECT id, 'noise', 'environment', '环境噪声', 'Noise', 'ordinary', 'data/incident_categories.toml'
       FROM subdistrict""",
    "CREATE TABLE walk (id int PRIMARY KEY, noted timestamptz, way geometry(LineString, 4326), seen bytea)",
    """INSERT INTO walk SELECT n, '2026-03-01Z'::timestamptz + n * interval '7 min', ST_SetSRID(ST_MakeLine(
       ST_MakePoint(114 + random(), 30 + random()), ST_MakePoint(114 + random(), 30 + random())), 4326),
       sha256(n::text::bytea) FROM generate_series(1, 5000) n""",
)
IDENTITY, OTHER_IDENTITY = x25519.Identity.generate(), x25519.Identity.generate()
RECIPIENTS = [IDENTITY.to_public()]
CLEAR: list[Any] = []
ENCRYPTED = [IDENTITY]
"""Identities for which the backups of a test are encrypted."""
parametrize_encryption = pytest.mark.parametrize("identities", [CLEAR, ENCRYPTED], ids=["clear", "encrypted"])


@pytest.fixture
def town_url(database_url: str, postgis_server: Cluster) -> Iterator[str]:
    """URL of a database with rows; databases that restores leave beside it are dropped."""
    execute(database_url, *ROWS)
    yield database_url
    restored_databases = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    for (name,) in fetch_rows(postgis_server.database_url(), restored_databases, f"{make_url(database_url).database}_"):
        postgis.drop_database(postgis_server.database_url(), name)


def write_backup(url: str, folder: Path, identities: list[Any]) -> Path:
    return postgre_backup.write_backup(url, folder, [identity.to_public() for identity in identities])


@parametrize_encryption
def test_a_restore_brings_back_every_row_of_every_table(
    town_url: str, tmp_path: Path, postgis_server: Cluster, identities: list[Any]
) -> None:
    before, backup = table_digests(town_url), write_backup(town_url, tmp_path, identities)
    execute(town_url, "DROP TABLE walk", "UPDATE subdistrict SET name = 'lost'")
    restore_file(town_url, backup, postgis_server, identities)
    assert table_digests(town_url) == before
    assert len(before) > 20


def test_one_of_several_keys_restores_a_backup(town_url: str, tmp_path: Path, postgis_server: Cluster) -> None:
    backup = write_backup(town_url, tmp_path, [IDENTITY, OTHER_IDENTITY])
    restore_file(town_url, backup, postgis_server, [OTHER_IDENTITY])
    assert fetch_rows(town_url, "SELECT count(*) FROM walk") == [(5000,)]


def test_the_replaced_database_is_kept_until_the_next_restore(
    town_url: str, tmp_path: Path, postgis_server: Cluster
) -> None:
    backup = write_backup(town_url, tmp_path, CLEAR)
    execute(town_url, "UPDATE subdistrict SET name = 'renamed'")
    kept = restore_file(town_url, backup, postgis_server)
    assert fetch_rows(postgis_server.database_url(kept), "SELECT name FROM subdistrict") == [("renamed",)]


def test_the_application_can_sign_in_after_a_restore(town_url: str, tmp_path: Path, postgis_server: Cluster) -> None:
    restore_file(town_url, write_backup(town_url, tmp_path, CLEAR), postgis_server)
    assert fetch_rows(postgis.app_url(town_url), "SELECT count(*) FROM subdistrict") == [(0,)]


def test_an_open_connection_does_not_delay_a_restore(town_url: str, tmp_path: Path, postgis_server: Cluster) -> None:
    backup = write_backup(town_url, tmp_path, CLEAR)
    with closing(connect(town_url)):
        restore_file(town_url, backup, postgis_server)
    assert fetch_rows(town_url, "SELECT count(*) FROM walk") == [(5000,)]


def test_nobody_writes_to_the_old_database_while_its_last_entries_are_taken_over(
    town_url: str, tmp_path: Path, postgis_server: Cluster
) -> None:
    refused = []

    def settle(old: Any, _restored_url: str, _manifest: object) -> None:
        with pytest.raises(InvalidInput, match="cannot be reached"):
            connect(town_url)
        with old.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            refused.append(cursor.fetchone())

    with closing(connect(town_url)):
        restore_file(town_url, write_backup(town_url, tmp_path, CLEAR), postgis_server, settle=settle)
    assert refused == [(1,)]


def test_a_failure_of_the_last_step_leaves_everything_as_it_was(
    town_url: str, tmp_path: Path, postgis_server: Cluster
) -> None:
    def settle(*_: object) -> None:
        raise ValueError("the audit cannot be written")

    before, backup = table_digests(town_url), write_backup(town_url, tmp_path, CLEAR)
    with pytest.raises(InvalidInput, match="the database is unchanged"):
        restore_file(town_url, backup, postgis_server, settle=settle)
    assert_unchanged(town_url, before)


Damage = Callable[[bytes], bytes]
DAMAGES: dict[str, Damage] = {
    "a changed byte": lambda content: content[:4000] + b"?" + content[4001:],
    "cut off in the middle": lambda content: content[: len(content) * 2 // 3],
    "without its last byte": lambda content: content[:-1],
    "without its end": lambda content: content[:-32],
    "bytes added": lambda content: content + b"\0",
    "a foreign file": lambda content: b"PGDMP" + content[5:],
    "empty": lambda content: b"",
}


@pytest.mark.sampled(5)
@pytest.mark.parametrize("damage", DAMAGES)
@parametrize_encryption
def test_a_damaged_backup_is_refused_and_changes_nothing(
    town_url: str, tmp_path: Path, postgis_server: Cluster, damage: str, identities: list[Any]
) -> None:
    before, backup = table_digests(town_url), write_backup(town_url, tmp_path, identities)
    backup.write_bytes(DAMAGES[damage](backup.read_bytes()))
    with pytest.raises(InvalidInput, match=r"is damaged or cut off|is no backup of gridmap"):
        restore_file(town_url, backup, postgis_server, identities)
    assert_unchanged(town_url, before)


def test_a_backup_cut_off_between_two_encrypted_chunks_is_refused(
    town_url: str, tmp_path: Path, postgis_server: Cluster
) -> None:
    backup = write_backup(town_url, tmp_path, ENCRYPTED)
    content = backup.read_bytes()
    header = content.index(b"\n---") + len(b"\n--- ") + 43 + 1 + 16  # of age: MAC, then the nonce of the payload
    backup.write_bytes(content[: header + 3 * (2**16 + 16)])
    with pytest.raises(InvalidInput, match="is damaged or cut off"):
        restore_file(town_url, backup, postgis_server, ENCRYPTED)


def assert_unchanged(url: str, before: dict[str, object]) -> None:
    assert table_digests(url) == before
    name = make_url(url).database
    assert fetch_rows(url, "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)", f"{name}_") == [(0,)]


@pytest.mark.parametrize(
    ("identities", "message"), [([], "is encrypted$"), ([OTHER_IDENTITY], "is encrypted for another key")]
)
def test_a_backup_is_refused_without_its_key(
    town_url: str, tmp_path: Path, postgis_server: Cluster, identities: list[Any], message: str
) -> None:
    before, backup = table_digests(town_url), write_backup(town_url, tmp_path, ENCRYPTED)
    with pytest.raises(InvalidInput, match=message):
        restore_file(town_url, backup, postgis_server, identities)
    assert_unchanged(town_url, before)


def test_an_encrypted_backup_shows_nothing_and_a_clear_one_shows_names(town_url: str, tmp_path: Path) -> None:
    execute(town_url, "ALTER TABLE subdistrict ALTER name SET STORAGE EXTERNAL")
    secrets = ["420106012", "walk", "pg_dump", "PostgreSQL", "gridmap_app"]
    clear, encrypted = (write_backup(town_url, tmp_path / str(n), n) for n in (CLEAR, ENCRYPTED))
    assert all(secret.encode() in clear.read_bytes() for secret in ("walk", "gridmap_app"))
    assert [secret for secret in secrets if secret.encode() in encrypted.read_bytes()] == []


@parametrize_encryption
def test_only_its_owner_can_read_a_backup(town_url: str, tmp_path: Path, identities: list[Any]) -> None:
    backup = write_backup(town_url, tmp_path / "backups", identities)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(backup.parent.stat().st_mode) == 0o700
    assert [path.name for path in backup.parent.iterdir()] == [backup.name]
    assert backup.name.endswith(".backup.age" if identities else ".backup")


def test_other_programs_can_take_the_dump_out_of_a_backup(town_url: str, tmp_path: Path) -> None:
    content = write_backup(town_url, tmp_path, CLEAR).read_bytes()
    manifest, dump, checksum = content.partition(b"\n")[0], content.partition(b"\n")[2][:-32], content[-32:]
    assert dump.startswith(b"PGDMP")
    assert hashlib.sha256(content[:-32]).digest() == checksum
    assert json.loads(manifest)["schema"] == fetch_rows(town_url, "SELECT version_num FROM alembic_version")[0][0]


def test_a_backup_that_fails_leaves_nothing_behind(tmp_path: Path, postgis_server: Cluster) -> None:
    with pytest.raises(InvalidInput, match=r"cannot be backed up|cannot be reached"):
        write_backup(postgis_server.database_url("no_such_database"), tmp_path / "backups", CLEAR)
    assert list((tmp_path / "backups").iterdir()) == []


@parametrize_encryption
def test_a_dump_that_fails_half_way_leaves_nothing_behind(
    town_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identities: list[Any]
) -> None:
    monkeypatch.setattr(
        "gridmap.postgres.backups.backup.read_client", lambda url, *_: read_client(url, "pg_dump", "--format=wrong")
    )
    with pytest.raises(InvalidInput, match="cannot be backed up") as caught:
        write_backup(town_url, tmp_path, identities)
    assert "invalid output format" in str(caught.value.faults[0].value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("free_mb", "fits"), [(255, False), (257, True)])
def test_a_backup_stops_before_the_disk_is_full(
    town_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int, fits: bool
) -> None:
    usage = type("Usage", (), {"free": free_mb * 2**20})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    if fits:
        assert write_backup(town_url, tmp_path, CLEAR).exists()
        return
    with pytest.raises(InvalidInput, match="cannot be backed up"):
        write_backup(town_url, tmp_path, CLEAR)
    assert list(tmp_path.iterdir()) == []


SLOW_BACKUP = """
import sys, time
from pathlib import Path
from gridmap.postgres.backups import backup
def slowly(chunks, folder):
    for chunk in chunks:
        yield chunk
        print("writing", flush=True)
        time.sleep(60)
backup._leave_space = slowly
backup.write_backup(sys.argv[1], Path(sys.argv[2]), ())
"""


def test_a_killed_backup_leaves_no_file_under_a_final_name_and_the_next_one_clears_up(
    town_url: str, tmp_path: Path
) -> None:
    arguments = [sys.executable, "-c", SLOW_BACKUP, town_url, str(tmp_path)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
        postgre_backup.remove_stale_parts(tmp_path)
        assert len(list(tmp_path.iterdir())) == 1  # it is being written
        os.kill(process.pid, signal.SIGKILL)
    assert list(tmp_path.glob("gridmap-*")) == []
    backup = write_backup(town_url, tmp_path, CLEAR)
    assert list(tmp_path.iterdir()) == [backup]


def test_two_backups_of_one_second_do_not_replace_each_other(
    town_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = type("Clock", (), {"now": lambda _: datetime(2026, 11, 23, tzinfo=UTC)})
    monkeypatch.setattr(postgre_backup, "datetime", clock)
    content = write_backup(town_url, tmp_path, CLEAR).read_bytes()
    with pytest.raises(InvalidInput, match="cannot be backed up"):
        write_backup(town_url, tmp_path, CLEAR)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [content]


@pytest.mark.parametrize("name", ["folder", "file"])
def test_what_is_no_backup_is_refused(tmp_path: Path, town_url: str, postgis_server: Cluster, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("not a backup\n" * 10)
    with pytest.raises(InvalidInput, match="no backup of gridmap"):
        restore_file(town_url, tmp_path / name, postgis_server)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no backup of gridmap"):
        BackupReader(tmp_path / "missing").read(lambda _: None)


def old_backup_folder(url: str, folder: Path) -> Path:
    """Write a backup as earlier versions did."""
    stream = write_backup(url, folder, CLEAR).read_bytes()
    manifest, _, rest = stream.partition(b"\n")
    (folder / "old").mkdir()
    (folder / "old" / "database.dump").write_bytes(rest[:-32])
    files = {"database.dump": hashlib.sha256(rest[:-32]).hexdigest()}
    (folder / "old" / "manifest.json").write_text(json.dumps({**json.loads(manifest), "files": files}))
    return folder / "old"


def test_a_backup_of_an_earlier_version_is_restored(town_url: str, tmp_path: Path, postgis_server: Cluster) -> None:
    before, backup = table_digests(town_url), old_backup_folder(town_url, tmp_path)
    execute(town_url, "DROP TABLE walk")
    restore_file(town_url, backup, postgis_server)
    assert table_digests(town_url) == before


def test_a_changed_backup_of_an_earlier_version_is_refused(
    town_url: str, tmp_path: Path, postgis_server: Cluster
) -> None:
    backup = old_backup_folder(town_url, tmp_path)
    (backup / "database.dump").write_bytes((backup / "database.dump").read_bytes()[:-1])
    with pytest.raises(InvalidInput, match="has changed since the backup"):
        restore_file(town_url, backup, postgis_server)


@pytest.mark.parametrize("name", ["gridmap-20261123T174210Z.backup", "gridmap-20261123T174210Z.backup.age"])
def test_the_name_of_a_backup_tells_its_time(name: str) -> None:
    assert str(postgre_backup.backup_time(Path(name))) == "2026-11-23 17:42:10+00:00"


@pytest.mark.parametrize("name", ["gridmap-2026.backup", "notes.txt", "gridmap-20261123T174210Z.age", "keys.json"])
def test_other_names_tell_no_time(name: str) -> None:
    assert postgre_backup.backup_time(Path(name)) is None
