"""Problems of the host: free space and clocks, on both sides of their limits, and what the log says of them."""

import logging
from dataclasses import dataclass
from pathlib import Path

import pytest

from gridmap.services.operations import host_health
from gridmap.services.operations.host_health import ClockWatch, HostWatch, clock_problems, disk_problems

MB = 2**20


@pytest.mark.parametrize(
    ("free_bytes", "problem"),
    [
        (256 * MB - 1, "disk full: 255 MB free for home"),
        (256 * MB, "disk nearly full: 256 MB free for home"),
        (1024 * MB - 1, "disk nearly full: 1023 MB free for home"),
        (1024 * MB, None),
    ],
)
def test_a_disk_is_full_below_256_mb_and_nearly_full_below_1_gb(free_bytes: int, problem: str | None) -> None:
    assert [str(each) for each in disk_problems({"home": free_bytes})] == ([problem] if problem else [])


def test_each_disk_is_named() -> None:
    problems = disk_problems({"home": 5000 * MB, "database": 3 * MB})
    assert [str(problem) for problem in problems] == ["disk full: 3 MB free for database"]


@dataclass
class Clocks:
    """Two clocks that tests set."""

    wall_s: float = 1_800_000_000.0
    steady_s: float = 100.0

    def watch(self) -> ClockWatch:
        return ClockWatch(lambda: self.wall_s, lambda: self.steady_s)

    def run(self, seconds: float, jump_s: float = 0.0) -> None:
        self.wall_s += seconds + jump_s
        self.steady_s += seconds


@pytest.mark.parametrize(
    ("jump_s", "reported"), [(5.0, None), (5.1, 5.1), (-5.0, None), (-5.1, -5.1), (315_619_200.0, 315_619_200.0)]
)
def test_a_jump_of_more_than_five_seconds_is_reported(jump_s: float, reported: float | None) -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.run(0.0, jump_s)
    assert watch.check() == (pytest.approx(reported) if reported else None)


def test_a_jump_is_reported_for_an_hour() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.run(1.0, 60.0)
    assert watch.check() == pytest.approx(60.0)
    clocks.run(3599.0)
    assert watch.check() == pytest.approx(60.0)
    clocks.run(1.0)
    assert watch.check() is None


def test_the_slow_correction_by_a_time_server_is_no_jump() -> None:
    clocks = Clocks()
    watch = clocks.watch()
    clocks.run(86_400.0, 86_400 * 0.0005)
    assert watch.check() is None


def test_the_clock_of_the_machine_does_not_jump_in_a_test() -> None:
    assert ClockWatch().check() is None


@pytest.mark.parametrize(("difference_s", "count"), [(30.0, 0), (30.1, 1), (-30.0, 0), (-30.1, 1), (None, 0)])
def test_a_difference_from_the_database_of_more_than_30_s_is_reported(difference_s: float | None, count: int) -> None:
    assert len(clock_problems(None, difference_s)) == count


def test_the_clock_problems_are_told_in_words() -> None:
    assert [str(problem) for problem in clock_problems(3600.0, -45.0)] == [
        "clock jumped: by +3600 s within the last hour",
        "clock differs from the database's: it is -45 s from here",
    ]


def test_the_log_tells_when_a_problem_begins_and_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    watch, free = HostWatch(Clocks().watch()), {"home": 5000 * MB}
    monkeypatch.setattr(host_health, "free_space", lambda: free)
    for megabytes in (5000, 100, 99, 5000, 5000):
        free["home"] = megabytes * MB
        watch.check()
    assert caplog.messages == ["disk full: 100 MB free for home", "no longer: disk full"]


def test_the_free_space_of_home_and_private_server_is_known_before_they_exist(
    gridmap_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDMAP_HOME", str(gridmap_home / "not" / "yet"))
    space = host_health.free_space()
    assert set(space) == {"home", "database"}
    assert min(space.values()) > 0


def test_only_the_home_is_watched_with_a_server_of_somebody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://anna:secret@db/town")
    assert set(host_health.free_space()) == {"home"}
