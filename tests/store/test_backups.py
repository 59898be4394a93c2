"""The restore drill: what was backed up comes back, and what cannot come back does no harm."""

import json
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from gridmap.core.errors import BadInput
from gridmap.store.cluster import backups, databases, restoring
from gridmap.store.cluster.address import connected
from gridmap.store.cluster.databases import asked, told
from gridmap.store.cluster.server import Cluster
from tests import postgis

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
def town(database_url: str, postgis_server: Cluster) -> Iterator[str]:
    """Address of a database with rows; what restores leave beside it is removed."""
    told(database_url, *ROWS)
    yield database_url
    beside = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    for (name,) in asked(postgis_server.url(), beside, f"{make_url(database_url).database}_"):
        postgis.drop(postgis_server.url(), name)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Folder of a key ring."""
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o700)
    (folder / "keys.json").write_text("first key")
    return folder


def digests(url: str) -> dict[str, object]:
    """A sum of all rows, for every table."""
    named = [str(name) for (name,) in asked(url, TABLES)]
    return {
        name: asked(url, f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM \"{name}\" t")
        for name in named
    }


def restored(url: str, folder: Path, keys: Path, cluster: Cluster) -> str:
    """Restore in the way that the own server does."""

    def extend(name: str) -> None:
        databases.extend(cluster.url(name, "postgres"))

    return restoring.restore(url, folder, keys, extend, postgis.template)


def test_every_row_of_every_table_comes_back(town: str, keys: Path, tmp_path: Path, postgis_server: Cluster) -> None:
    before, backup = digests(town), backups.write(town, keys, tmp_path)
    told(town, "DROP TABLE walk", "UPDATE subdistrict SET name = 'lost'")
    restored(town, backup, keys, postgis_server)
    assert digests(town) == before
    assert len(before) > 20


def test_what_was_replaced_is_kept_until_the_next_restore(
    town: str, keys: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    backup = backups.write(town, keys, tmp_path)
    told(town, "UPDATE subdistrict SET name = 'renamed'")
    kept = restored(town, backup, keys, postgis_server)
    assert asked(postgis_server.url(kept), "SELECT name FROM subdistrict") == [("renamed",)]


def test_the_application_can_sign_in_after_a_restore(
    town: str, keys: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    restored(town, backups.write(town, keys, tmp_path), keys, postgis_server)
    assert asked(postgis.as_application(town), "SELECT count(*) FROM subdistrict") == [(0,)]


def test_somebody_connected_does_not_hold_a_restore_up(
    town: str, keys: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    backup = backups.write(town, keys, tmp_path)
    with closing(connected(town)):
        restored(town, backup, keys, postgis_server)
    assert asked(town, "SELECT count(*) FROM walk") == [(5000,)]


def test_a_changed_backup_is_refused(town: str, keys: Path, tmp_path: Path, postgis_server: Cluster) -> None:
    backup = backups.write(town, keys, tmp_path)
    with (backup / "database.dump").open("r+b") as dump:
        dump.seek(4000)
        dump.write(b"?")
    with pytest.raises(BadInput, match="not as it was"):
        restored(town, backup, keys, postgis_server)


def test_a_failed_restore_leaves_everything_as_it_was(
    town: str, keys: Path, tmp_path: Path, postgis_server: Cluster
) -> None:
    before, backup = digests(town), backups.write(town, keys, tmp_path)
    cut_short(backup)
    with pytest.raises(BadInput, match="the database is as it was"):
        restored(town, backup, keys, postgis_server)
    assert digests(town) == before
    name = make_url(town).database
    assert asked(town, "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)", f"{name}_") == [(0,)]


def cut_short(backup: Path) -> None:
    """Damage a dump so that its sum agrees: as if it had been written badly."""
    dump, manifest = backup / "database.dump", json.loads((backup / "manifest.json").read_text())
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    manifest["files"]["database.dump"] = backups.checksum(dump)
    (backup / "manifest.json").write_text(json.dumps(manifest))


def test_keys_come_back_and_later_ones_are_kept(town: str, keys: Path, tmp_path: Path, postgis_server: Cluster) -> None:
    backup = backups.write(town, keys, tmp_path)
    (keys / "keys.json").write_text("second key")
    restored(town, backup, keys, postgis_server)
    assert (keys / "keys.json").read_text() == "first key"
    assert [path.read_text() for path in keys.glob("before-*")] == ["second key"]


def test_nobody_else_can_read_a_backup(town: str, keys: Path, tmp_path: Path) -> None:
    backup = backups.write(town, keys, tmp_path)
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in backup.glob("*.dump")}
    assert (stat.S_IMODE(backup.stat().st_mode), modes) == (0o700, {0})


def test_a_backup_that_fails_leaves_nothing_behind(keys: Path, tmp_path: Path, postgis_server: Cluster) -> None:
    with pytest.raises(BadInput):
        backups.write(postgis_server.url("no_such_database"), keys, tmp_path / "backups")
    assert list((tmp_path / "backups").iterdir()) == []


def test_a_folder_without_a_backup_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no backup of gridmap"):
        backups.read(tmp_path)
