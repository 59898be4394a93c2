"""The backup of the night: when the service begins it, and what it does after success and failure."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gridmap import config
from gridmap.services.operations import backups
from gridmap.serving import watches
from gridmap.serving.watches import NightlyBackup

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, gridmap_home: Path) -> list[datetime]:
    """Clock of the component; no delay at the start, and a program that ends at once."""
    now = [NOON]
    config.log_file().parent.mkdir(parents=True)
    monkeypatch.setattr(watches, "datetime", type("Clock", (), {"now": staticmethod(lambda _: now[0])}))
    monkeypatch.setattr(watches, "START_DELAY_S", 0.0)
    monkeypatch.setattr(watches, "CHECK_INTERVAL_S", 0.0)
    return now


def set_program(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """Run a program in place of the command, which notes its run."""
    monkeypatch.setattr(watches, "CLI_CODE", text)


SUCCESS = "import sys; open(sys.argv[-1] + '/runs', 'a').write('x'); print('Backed up to there')"


def poll_until_idle(component: NightlyBackup) -> None:
    end = time.monotonic() + 20
    component.poll()
    while component.process is not None and time.monotonic() < end:
        component.poll()
        time.sleep(0.01)


def count_runs(folder: Path) -> int:
    return len((folder / "runs").read_text()) if (folder / "runs").exists() else 0


def test_a_backup_is_made_once_a_night(
    clock: list[datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    set_program(monkeypatch, SUCCESS)
    backups.save_recipients([], clear_text=True)
    component = NightlyBackup(tmp_path, 3)
    component.start()
    for hours, runs in ((0, 1), (1, 1), (14.99, 1), (15, 2), (16, 2)):  # noon to 3 o'clock of the next day
        clock[0] = NOON + timedelta(hours=hours)
        poll_until_idle(component)
        assert count_runs(tmp_path) == runs


def test_nothing_is_made_without_a_choice(
    clock: list[datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    set_program(monkeypatch, SUCCESS)
    component = NightlyBackup(tmp_path, 3)
    component.start()
    poll_until_idle(component)
    assert count_runs(tmp_path) == 0
    assert "no recipient of backups is chosen" in caplog.text


def test_a_failed_backup_is_logged_and_tried_again_after_half_an_hour(
    clock: list[datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    set_program(monkeypatch, f"{SUCCESS}; sys.exit('the disk is full')")
    backups.save_recipients([], clear_text=True)
    component = NightlyBackup(tmp_path, 3)
    component.start()
    poll_until_idle(component)
    poll_until_idle(component)
    assert count_runs(tmp_path) == 1
    assert "the disk is full" in caplog.text
    assert 1790 < component.next_check_at - time.monotonic() <= 1800
    component.next_check_at = 0.0
    poll_until_idle(component)
    assert count_runs(tmp_path) == 2


def test_a_running_backup_ends_with_the_service(
    clock: list[datetime], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_program(monkeypatch, "import time; time.sleep(60)")
    backups.save_recipients([], clear_text=True)
    component = NightlyBackup(tmp_path, 3)
    component.start()
    component.poll()
    process = component.process
    component.stop()
    assert process is not None
    assert process.poll() is not None
