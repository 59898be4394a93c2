"""Commands for the database: output, files and exit codes."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.postgres.databases import fetch_rows
from gridmap.postgres.server import Cluster
from tests.fixtures import postgis

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def cluster(gridmap_home: Path) -> Iterator[Cluster]:
    """Return the cluster of this test's home, which commands start and stop."""
    cluster = Cluster(gridmap_home)
    yield cluster
    postgis.remove_cluster(cluster)


@pytest.fixture
def given_database_url(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Set DATABASE_URL to the database of this test."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url


def run_json(capsys: Captured, *arguments: str) -> dict[str, Any]:
    """Run a command of the database and return its JSON output."""
    capsys.readouterr()
    run(["db", *arguments, "--json"])
    return dict(json.loads(capsys.readouterr().out))


def test_a_database_is_started_upgraded_and_stopped(cluster: Cluster, capsys: Captured) -> None:
    assert run_json(capsys, "status")["running"] is False
    assert run_json(capsys, "start")["process"] == cluster.postmaster_pid()
    assert (
        run_json(capsys, "upgrade")["schema"]
        == fetch_rows(cluster.database_url(), "SELECT version_num FROM alembic_version")[0][0]
    )
    backup = run_json(capsys, "backup")["backup"]
    assert run_json(capsys, "restore", backup)["restored"] == backup
    assert fetch_rows(run_json(capsys, "url")["url"], "SELECT count(*) FROM subdistrict") == [(0,)]
    assert run_json(capsys, "stop")["running"] is False


def test_status_exits_with_1_if_the_database_is_not_running(gridmap_home: Path) -> None:
    assert run(["db", "status"]) == ExitCode.FAULTS


def test_only_url_prints_the_password(given_database_url: str, capsys: Captured) -> None:
    run(["db", "status"])
    assert "***" in capsys.readouterr().out
    run(["db", "url"])
    assert capsys.readouterr().out.strip() == given_database_url


def test_a_backup_is_written_to_the_given_folder(given_database_url: str, tmp_path: Path, capsys: Captured) -> None:
    backup = Path(run_json(capsys, "backup", str(tmp_path / "safe"))["backup"])
    assert backup.parent == tmp_path / "safe"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o700


def test_a_folder_that_is_no_backup_is_refused_in_chinese(
    given_database_url: str, tmp_path: Path, capsys: Captured
) -> None:
    assert run(["db", "restore", str(tmp_path), "--language", "zh_CN"]) == ExitCode.BAD_INPUT
    assert "不是 gridmap 的备份" in capsys.readouterr().err
