"""Readiness: a full disk makes the service not ready; a wrong clock and an old backup are reported."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gridmap.postgres.databases import execute
from gridmap.services.operations import host_health, readiness
from gridmap.services.operations.readiness import Readiness, ReadinessCheck
from gridmap.store.session import Database
from tests.fixtures.postgis import app_url


@pytest.fixture
def check(database_url: str) -> Iterator[ReadinessCheck]:
    """Check of a web process, with a recent backup."""
    execute(database_url, "INSERT INTO audit (action) VALUES ('backup')")
    database = Database(app_url(database_url))
    yield ReadinessCheck(database)
    database.close()


def test_a_healthy_service_is_ready(check: ReadinessCheck) -> None:
    assert check.run() == Readiness(True, ["ready"])


@pytest.mark.parametrize(("free_mb", "ready", "status"), [(255, False, "not ready"), (256, True, "ready")])
def test_a_full_disk_makes_the_service_not_ready(
    check: ReadinessCheck, monkeypatch: pytest.MonkeyPatch, free_mb: int, ready: bool, status: str
) -> None:
    monkeypatch.setattr(host_health, "free_space", lambda: {"database": free_mb * 2**20})
    answer = check.run()
    assert (answer.is_ready, answer.lines[0]) == (ready, status)
    assert f"{free_mb} MB free for database" in answer.lines[1]


@pytest.mark.parametrize(("ahead_s", "reported"), [(20, False), (40, True), (-20, False), (-40, True)])
def test_a_clock_that_differs_from_that_of_the_database_is_told(
    check: ReadinessCheck, monkeypatch: pytest.MonkeyPatch, ahead_s: int, reported: bool
) -> None:
    monkeypatch.setattr(readiness, "time", type("Clock", (), {"time": staticmethod(lambda: time.time() + ahead_s)}))
    answer = check.run()
    assert answer.is_ready
    assert any("clock differs" in line for line in answer.lines) is reported


def test_the_age_of_the_last_backup_is_told_without_its_reasons(
    check: ReadinessCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = datetime.now(UTC) + timedelta(hours=37)
    monkeypatch.setattr(readiness, "datetime", type("Later", (), {"now": staticmethod(lambda _: later)}))
    answer = check.run()
    assert (answer.is_ready, answer.lines[1][:40]) == (True, "backup too old: the last one was made: 2")
