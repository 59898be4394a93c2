"""The whole service: the command, its own PostGIS, gridmap's application."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from gridmap.store.cluster.server import Cluster
from tests import postgis
from tests.serving.conftest import SERVE, Served, alive, eventually, launch


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The database of a home that the tests share, made by the first service that is started there."""
    made = Cluster(tmp_path_factory.mktemp("whole"))
    yield made
    postgis.removed(made)


@pytest.fixture(scope="module")
def whole(cluster: Cluster) -> Iterator[Served]:
    """The service, running in that home; the last test ends it."""
    service = launch(SERVE, cluster.home)
    yield service
    if service.supervisor.poll() is None:
        service.stop()


def ready(service: Served) -> bool:
    try:
        return service.get("/readyz").ok
    except requests.RequestException:
        return False


def killed(number: int | None) -> int:
    assert number
    os.kill(number, signal.SIGKILL)
    return number


def test_when_it_says_that_it_runs_the_database_is_ready(whole: Served) -> None:
    assert ready(whole)


def test_the_first_page_is_gridmaps_own(whole: Served) -> None:
    assert "gridmap" in whole.get("/components").text


def test_a_killed_database_is_back_within_fifteen_seconds(whole: Served, cluster: Cluster) -> None:
    before = killed(cluster.postmaster())
    assert eventually(lambda: cluster.postmaster() not in (None, before) and ready(whole), 15)


def test_while_the_database_is_away_people_are_told_to_come_again(whole: Served, cluster: Cluster) -> None:
    killed(cluster.postmaster())
    answer = whole.get("/readyz")
    assert answer.ok or (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert whole.get("/livez").ok


def test_no_secret_of_the_service_is_for_others_to_read(whole: Served, cluster: Cluster) -> None:
    files = [path for name in ("secrets", "log") for path in Path(cluster.home, name).rglob("*")]
    assert files
    assert [path.name for path in files if path.stat().st_mode & 0o077] == []


def test_after_a_killed_supervisor_the_next_goes_on_with_the_same_database_and_ends_it(
    whole: Served, cluster: Cluster
) -> None:
    assert eventually(lambda: ready(whole))
    before = cluster.postmaster()
    os.kill(whole.supervisor.pid, signal.SIGKILL)
    whole.supervisor.communicate()
    successor = launch(SERVE, cluster.home)
    assert ready(successor)
    assert cluster.postmaster() == before
    assert successor.stop() == 0
    assert not alive(before or 0)
