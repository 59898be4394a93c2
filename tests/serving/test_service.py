"""The whole service: the command, the private PostGIS and gridmap's application."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gridmap.postgres.server import Cluster
from tests.fixtures import postgis
from tests.serving.service_process import GRIDMAP_SERVE, SupervisedService, is_running, launch_service, wait_until


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Database of the tests' common home, created by the first service that starts there."""
    made = Cluster(tmp_path_factory.mktemp("whole"))
    yield made
    postgis.remove_cluster(made)


@pytest.fixture(scope="module")
def whole_service(cluster: Cluster) -> Iterator[SupervisedService]:
    """The service in that home; the last test ends it."""
    service = launch_service(GRIDMAP_SERVE, cluster.home)
    yield service
    if service.supervisor.poll() is None:
        service.stop()


def is_ready(service: SupervisedService) -> bool:
    try:
        return service.get("/readyz").ok
    except requests.RequestException:
        return False


def kill_process(pid: int | None) -> int:
    assert pid
    os.kill(pid, signal.SIGKILL)
    return pid


def test_the_database_is_ready_when_the_service_says_it_runs(whole_service: SupervisedService) -> None:
    assert is_ready(whole_service)


def test_the_service_serves_the_application(whole_service: SupervisedService) -> None:
    assert "gridmap" in whole_service.get("/style-guide").text


def test_a_killed_database_is_back_within_fifteen_seconds(whole_service: SupervisedService, cluster: Cluster) -> None:
    before = kill_process(cluster.postmaster_pid())
    assert wait_until(lambda: cluster.postmaster_pid() not in (None, before) and is_ready(whole_service), 15)


def test_without_the_database_the_service_is_live_but_not_ready(
    whole_service: SupervisedService, cluster: Cluster
) -> None:
    kill_process(cluster.postmaster_pid())
    answer = whole_service.get("/readyz")
    assert answer.ok or (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert whole_service.get("/livez").ok


def test_secrets_and_logs_are_readable_by_their_owner_only(whole_service: SupervisedService, cluster: Cluster) -> None:
    files = [path for name in ("secrets", "log") for path in Path(cluster.home, name).rglob("*")]
    assert files
    others = 0o037 if os.geteuid() == 0 else 0o077  # the group of files that root makes is that of the web processes
    assert [path.name for path in files if path.stat().st_mode & others] == []
    assert {path.group() for path in files} <= {"root", "gridmap-web"} or os.geteuid() != 0


def test_a_new_supervisor_takes_over_the_database_of_a_killed_one(
    whole_service: SupervisedService, cluster: Cluster
) -> None:
    assert wait_until(lambda: is_ready(whole_service))
    before = cluster.postmaster_pid()
    os.kill(whole_service.supervisor.pid, signal.SIGKILL)
    whole_service.supervisor.communicate()
    successor = launch_service(GRIDMAP_SERVE, cluster.home)
    assert is_ready(successor)
    assert cluster.postmaster_pid() == before
    assert successor.stop() == 0
    assert not is_running(before or 0)
