"""The commands that look after the database, as a person or a machine sees them."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gridmap.cli import run
from gridmap.cli.voice import Exit
from gridmap.store.cluster.databases import asked
from gridmap.store.cluster.server import Cluster
from tests import postgis

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def cluster(own_home: Path) -> Iterator[Cluster]:
    """The cluster of this test's home, which commands start and stop."""
    cluster = Cluster(own_home)
    yield cluster
    postgis.removed(cluster)


@pytest.fixture
def given(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that the environment names."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url


def answer(capsys: Captured, *arguments: str) -> dict[str, Any]:
    """What a machine is told."""
    capsys.readouterr()
    run(["db", *arguments, "--json"])
    return dict(json.loads(capsys.readouterr().out))


def test_a_database_is_started_upgraded_and_stopped(cluster: Cluster, capsys: Captured) -> None:
    assert answer(capsys, "status")["running"] is False
    assert answer(capsys, "start")["process"] == cluster.postmaster()
    assert answer(capsys, "upgrade")["schema"] == asked(cluster.url(), "SELECT version_num FROM alembic_version")[0][0]
    backup = answer(capsys, "backup")["backup"]
    assert answer(capsys, "restore", backup)["restored"] == backup
    assert asked(answer(capsys, "url")["url"], "SELECT count(*) FROM subdistrict") == [(0,)]
    assert answer(capsys, "stop")["running"] is False


def test_status_tells_by_its_exit_code_that_nothing_runs(own_home: Path) -> None:
    assert run(["db", "status"]) == Exit.FAULTS


def test_the_password_is_told_only_by_url(given: str, capsys: Captured) -> None:
    run(["db", "status"])
    assert "***" in capsys.readouterr().out
    run(["db", "url"])
    assert capsys.readouterr().out.strip() == given


def test_a_backup_goes_where_it_is_told(given: str, tmp_path: Path, capsys: Captured) -> None:
    made = Path(answer(capsys, "backup", str(tmp_path / "safe"))["backup"])
    assert made.parent == tmp_path / "safe"
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_backup_that_is_none_is_told_in_chinese(given: str, tmp_path: Path, capsys: Captured) -> None:
    assert run(["db", "restore", str(tmp_path), "--language", "zh_CN"]) == Exit.BAD_INPUT
    assert "不是 gridmap 的备份" in capsys.readouterr().err
