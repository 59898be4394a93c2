"""Backup and restore: a backup restores every row, and a failed restore changes nothing."""

import json
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from gridmap.core.errors import InvalidInput
from gridmap.postgres import backup as postgre_backup
from gridmap.postgres import databases, restore
from gridmap.postgres.databases import execute, fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.postgres.urls import connect
from tests.fixtures import postgis

ROWS = (
    """INSERT INTO subdistrict (code, name, source, geometry) VALUES ('420106012', '水果湖街道', 'survey',
       ST_Multi(ST_MakeEnvelope(114.3, 30.5, 114.4, 30.6, 4326)))""",
    """INSERT INTO community (subdistrict_id, code, name, geometry) SELECT id, '01', '东湖社区', geometry
       FROM subdistrict""",
    "CREATE TABLE walk (id int PRIMARY KEY, noted timestamptz, way geometry(LineString, 4326), seen bytea)",
    """INSERT INTO walk SELECT n, '2026-03-01Z'::timestamptz + n * interval '7 min', ST_SetSRID(ST_MakeLine(
       ST_MakePoint(114 + random(), 30 + random()), ST_MakePoint(114 + random(), 30 + random())), 4326),
       sha256(n::text::bytea) FROM generate_series(1, 5000) n""",
)
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys' ORDER BY 1"


@pytest.fixture
def town_url(database_url: str, postgis_server: Cluster) -> Iterator[str]:
    """URL of a database with rows; databases that restores leave beside it are dropped."""
    execute(database_url, *ROWS)
    yield database_url
    restored_databases = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    for (name,) in fetch_rows(postgis_server.database_url(), restored_databases, f"{make_url(database_url).database}_"):
        postgis.drop_database(postgis_server.database_url(), name)


@pytest.fixture
def keys_dir(tmp_path: Path) -> Path:
    """Folder of a key ring."""
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "keys.json").write_text("first key")
    return folder


def table_digests(url: str) -> dict[str, object]:
    """Return the digest of the rows of every table."""
    tables = [str(name) for (name,) in fetch_rows(url, TABLES)]
    return {
        name: fetch_rows(url, f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{name}\" t")
        for name in tables
    }


def restore_backup(url: str, folder: Path, keys_dir: Path, cluster: Cluster) -> str:
    """Restore a backup as on the private server."""

    def create_extensions(name: str) -> None:
        databases.create_extensions(cluster.database_url(name, "postgres"))

    return restore.restore(url, folder, keys_dir, create_extensions, postgis.migrate_template)


def test_a_restore_brings_back_every_row_of_every_table(
    town_url: str, keys_dir: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    before, backup = table_digests(town_url), postgre_backup.write_backup(town_url, keys_dir, tmp_path)
    execute(town_url, "DROP TABLE walk", "UPDATE subdistrict SET name = 'lost'")
    restore_backup(town_url, backup, keys_dir, postgis_server)
    assert table_digests(town_url) == before
    assert len(before) > 20


def test_the_replaced_database_is_kept_until_the_next_restore(
    town_url: str, keys_dir: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    backup = postgre_backup.write_backup(town_url, keys_dir, tmp_path)
    execute(town_url, "UPDATE subdistrict SET name = 'renamed'")
    kept = restore_backup(town_url, backup, keys_dir, postgis_server)
    assert fetch_rows(postgis_server.database_url(kept), "SELECT name FROM subdistrict") == [("renamed",)]


def test_the_application_can_sign_in_after_a_restore(
    town_url: str, keys_dir: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    restore_backup(town_url, postgre_backup.write_backup(town_url, keys_dir, tmp_path), keys_dir, postgis_server)
    assert fetch_rows(postgis.app_url(town_url), "SELECT count(*) FROM subdistrict") == [(0,)]


def test_an_open_connection_does_not_delay_a_restore(
    town_url: str, keys_dir: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    backup = postgre_backup.write_backup(town_url, keys_dir, tmp_path)
    with closing(connect(town_url)):
        restore_backup(town_url, backup, keys_dir, postgis_server)
    assert fetch_rows(town_url, "SELECT count(*) FROM walk") == [(5000,)]


def test_a_changed_backup_is_refused(town_url: str, keys_dir: Path, tmp_path: Path, postgis_server: Cluster) -> None:
    backup = postgre_backup.write_backup(town_url, keys_dir, tmp_path)
    with (backup / "database.dump").open("r+b") as dump:
        dump.seek(4000)
        dump.write(b"?")
    with pytest.raises(InvalidInput, match="has changed since the backup"):
        restore_backup(town_url, backup, keys_dir, postgis_server)


def test_a_failed_restore_leaves_everything_as_it_was(
    town_url: str, keys_dir: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    before, backup = table_digests(town_url), postgre_backup.write_backup(town_url, keys_dir, tmp_path)
    truncate_dump(backup)
    with pytest.raises(InvalidInput, match="the database is unchanged"):
        restore_backup(town_url, backup, keys_dir, postgis_server)
    assert table_digests(town_url) == before
    name = make_url(town_url).database
    assert fetch_rows(town_url, "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)", f"{name}_") == [(0,)]


def truncate_dump(backup: Path) -> None:
    """Truncate a dump and correct its checksum, as if it had been written incompletely."""
    dump, manifest = backup / "database.dump", json.loads((backup / "manifest.json").read_text())
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    manifest["files"]["database.dump"] = postgre_backup.checksum(dump)
    (backup / "manifest.json").write_text(json.dumps(manifest))


def test_a_restore_brings_back_keys_and_keeps_later_ones(
    town_url: str, keys_dir: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    backup = postgre_backup.write_backup(town_url, keys_dir, tmp_path)
    (keys_dir / "keys.json").write_text("second key")
    restore_backup(town_url, backup, keys_dir, postgis_server)
    assert (keys_dir / "keys.json").read_text() == "first key"
    assert [path.read_text() for path in keys_dir.glob("before-*")] == ["second key"]


def test_only_its_owner_can_read_a_backup(town_url: str, keys_dir: Path, tmp_path: Path) -> None:
    backup = postgre_backup.write_backup(town_url, keys_dir, tmp_path)
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in backup.glob("*.dump")}
    assert (stat.S_IMODE(backup.stat().st_mode), modes) == (0o700, {0})


def test_a_backup_that_fails_leaves_nothing_behind(keys_dir: Path, tmp_path: Path, postgis_server: Cluster) -> None:
    with pytest.raises(InvalidInput):
        postgre_backup.write_backup(postgis_server.database_url("no_such_database"), keys_dir, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_folder_without_a_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no backup of gridmap"):
        postgre_backup.read_manifest(tmp_path)
