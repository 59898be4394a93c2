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
from gridmap.serving.application import login_urls
from tests.fixtures import postgis
from tests.postgres.backup_fixtures import BackupKey

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


def test_a_database_is_started_upgraded_and_stopped(
    cluster: Cluster, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GRIDMAP_DATABASE_ROLES")  # roles follow the name of the database, also after a restore
    assert run_json(capsys, "status")["running"] is False
    assert run_json(capsys, "start")["process"] == cluster.postmaster_pid()
    assert (
        run_json(capsys, "upgrade")["schema"]
        == fetch_rows(cluster.database_url(), "SELECT version_num FROM alembic_version")[0][0]
    )
    backup = run_json(capsys, "backup")["backup"]
    assert run_json(capsys, "restore", backup)["restored"] == backup
    assert fetch_rows(run_json(capsys, "url")["url"], "SELECT count(*) FROM subdistrict") == [(0,)]
    assert fetch_rows(login_urls(cluster.database_url())[0], "SELECT count(*) FROM subdistrict") == [(0,)]
    assert [check for check in run_json(capsys, "check")["checks"] if not check["holds"]] == []
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
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600


def test_a_backup_in_clear_text_says_first_what_everybody_can_read(
    given_database_url: str, tmp_path: Path, capsys: Captured
) -> None:
    run(["db", "backup", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert "in clear text: names, households and addresses of residents" in lines[0]
    assert "Backed up to" in lines[-1]


@pytest.mark.parametrize("option", [True, False])
def test_a_backup_for_a_recipient_warns_of_nothing(
    given_database_url: str, tmp_path: Path, capsys: Captured, option: bool
) -> None:
    key = BackupKey.create(tmp_path / "identity.txt")
    if not option:
        assert run(["keys", "recipient", key.recipient]) == ExitCode.OK
    capsys.readouterr()
    run(["db", "backup", str(tmp_path), *(["--recipient", key.recipient] if option else [])])
    assert "clear text" not in capsys.readouterr().out
    assert [path.suffix for path in tmp_path.glob("gridmap-*")] == [".age"]


def test_a_scheduled_backup_without_a_choice_is_refused(given_database_url: str, capsys: Captured) -> None:
    assert run(["db", "backup", "--scheduled"]) == ExitCode.BAD_INPUT
    assert "gridmap keys recipient --new FILE" in capsys.readouterr().err


def test_a_second_scheduled_backup_of_a_night_is_not_made(
    given_database_url: str, tmp_path: Path, capsys: Captured
) -> None:
    run(["keys", "recipient", "--clear-text"])
    assert run_json(capsys, "backup", str(tmp_path), "--scheduled")["backup"]
    assert run_json(capsys, "backup", str(tmp_path), "--scheduled")["backup"] is None


def test_the_status_tells_that_there_is_no_backup(given_database_url: str, tmp_path: Path, capsys: Captured) -> None:
    assert run_json(capsys, "status")["backup_alarm"] == ["No backup has been made yet."]
    run_json(capsys, "backup", str(tmp_path))
    assert run_json(capsys, "status")["backup_alarm"] == []


def test_a_folder_that_is_no_backup_is_refused_in_chinese(
    given_database_url: str, tmp_path: Path, capsys: Captured
) -> None:
    assert run(["db", "restore", str(tmp_path), "--language", "zh_CN"]) == ExitCode.BAD_INPUT
    assert "不是 gridmap 的备份" in capsys.readouterr().err


def test_a_key_pair_is_created_and_only_its_recipient_is_printed(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "identity.txt"
    assert run(["keys", "recipient", "--new", str(file)]) == ExitCode.OK
    printed, identity = capsys.readouterr().out, file.read_text().split()[-1]
    assert identity.startswith("AGE-SECRET-KEY-1")
    assert identity not in printed
    assert "Backups are encrypted for: age1" in printed


def test_two_choices_of_recipients_are_refused(capsys: Captured) -> None:
    assert run(["keys", "recipient", "age1x", "--clear-text"]) == ExitCode.BAD_INPUT
