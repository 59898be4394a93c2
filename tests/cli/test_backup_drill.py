"""A drill: the encrypted backup of one home is restored into another one, with its key and without."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.core.caller import OWNER
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from gridmap.services.accounts.encryption_keys import check_keys
from gridmap.services.grids import overview
from gridmap.services.grids.in_force import resolve_day
from gridmap.store.session import Database
from tests.fixtures import postgis, subdistricts
from tests.fixtures.subdistricts import PHONES, FilledDatabase
from tests.postgres.backup_fixtures import BackupKey, table_digests

pytestmark = pytest.mark.full

CHANGED_TABLES = {"audit", "web_session"}
"""Tables that a restore itself changes: it adds its own records, and ends sessions."""
NAME_OF_RESIDENT = "张小明"


@pytest.fixture
def town(gridmap_home: Path) -> Iterator[FilledDatabase]:
    """Private server of a first home, with two subdistricts."""
    assert run(["db", "start"]) == run(["db", "upgrade"]) == ExitCode.OK
    yield subdistricts.fill_database(Cluster(gridmap_home).database_url(), gridmap_home)
    postgis.remove_cluster(Cluster(gridmap_home))


@pytest.fixture
def other_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Another home, with its own private server."""
    home = tmp_path_factory.mktemp("home")
    yield home
    postgis.remove_cluster(Cluster(home))


def figures(url: str) -> list[object]:
    """Return the figures of the overview pages."""
    database = Database(url, trusted=True)
    with database.transaction() as session:
        rows = overview.list_subdistricts(session, OWNER)
        found: list[object] = [overview.load_overview(session, OWNER, resolve_day(session, row.id)) for row in rows]
    database.close()
    return found


def test_an_encrypted_backup_is_identical_in_another_home_and_unreadable_without_its_key(
    town: FilledDatabase,
    other_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key, other_key = (BackupKey.create(tmp_path / name) for name in ("key.txt", "other.txt"))
    before, figures_before = table_digests(town.owner_url), figures(town.owner_url)
    assert run(["db", "backup", str(tmp_path / "usb"), "--recipient", key.recipient]) == ExitCode.OK
    [file] = (tmp_path / "usb").iterdir()
    subprocess.run(["cp", "-a", town.home_dir / "secrets", other_home], check=True)

    content = file.read_bytes()
    secrets = [path.read_bytes().strip() for path in (town.home_dir / "secrets").iterdir()]
    for text in (NAME_OF_RESIDENT, *PHONES["east"], "east-worker", "east subdistrict", "argon2id", "PGDMP"):
        assert text.encode() not in content
    assert not [secret for secret in secrets if secret in content]

    monkeypatch.setenv("GRIDMAP_HOME", str(other_home))
    assert run(["db", "restore", str(file)]) == ExitCode.BAD_INPUT
    assert run(["db", "restore", str(file), "--identity", str(other_key.identity_file)]) == ExitCode.BAD_INPUT
    capsys.readouterr()
    assert run(["db", "restore", str(file), "--identity", str(key.identity_file), "--json"]) == ExitCode.OK
    report = json.loads(capsys.readouterr().out)

    url = Cluster(other_home).database_url()
    after = table_digests(url)
    assert {name: rows for name, rows in after.items() if name not in CHANGED_TABLES} == {
        name: rows for name, rows in before.items() if name not in CHANGED_TABLES
    }
    assert fetch_rows(url, "SELECT name FROM resident LIMIT 1") == [(NAME_OF_RESIDENT,)]
    assert figures(url) == figures_before
    assert report["secret_faults"] == []
    assert_numbers_are_readable(url)


def assert_numbers_are_readable(url: str) -> None:
    database = Database(url, trusted=True)
    with database.transaction() as session:
        result = check_keys(session, OWNER)
    database.close()
    assert (sum(result.values_by_key.values()), result.unreadable) == (8, ())
