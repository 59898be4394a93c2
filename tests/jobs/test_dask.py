"""Work on several processes: a local cluster, and a scheduler of the office, of which one worker is killed midway."""

import os
import time
from collections.abc import Callable, Iterator
from math import sqrt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from gridmap.core.errors import NotPossible
from gridmap.core.vocabulary import Role
from gridmap.jobs import dask_cluster
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.files.demo_town import write_demo_town
from gridmap.services.imports.load_report import LoadOptions
from gridmap.services.imports.town import load_town_file
from gridmap.services.plans.partitions.partition_all import PartitionAllRequest, submit_partition_of_all
from gridmap.store.access.callers import load_caller
from gridmap.store.session import Database
from gridmap.store.writes.towns import SubdistrictInfo
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import EFFECTIVE_DATE
from tests.fixtures.subdistricts import app_url, open_sessions, token_of
from tests.jobs.office_cluster import (
    OfficeCluster,
    certificate_variables,
    free_port,
    open_office_cluster,
    write_certificates,
)
from tests.jobs.sample_work import StoppingTask, square_or_stop
from tests.jobs.waiting_jobs import run_waiting_jobs

HOUSEHOLDS = int(os.environ.get("DASK_TOWN_HOUSEHOLDS", "60000"))
ASSIGNMENTS = text("""
    SELECT r.community_id, a.cell_id, a.grid_id FROM assignment a JOIN revision r ON r.id = a.revision_id
    WHERE r.number = :number ORDER BY 1, 2
""")


@pytest.fixture
def office_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OfficeCluster]:
    with open_office_cluster(tmp_path, 2) as cluster:
        for name, value in cluster.variables.items():
            monkeypatch.setenv(name, value)
        yield cluster


@pytest.fixture(scope="module")
def town_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Load a generated town without plans, with a planner."""
    folder = tmp_path_factory.mktemp("town")
    write_demo_town(folder / "town.gpkg", HOUSEHOLDS)
    database = Database(module_database_url, trusted=True)
    identity = SubdistrictInfo("440100001", "大城街道", "town.gpkg", EFFECTIVE_DATE)
    load_town_file(database, folder / "town.gpkg", identity, LoadOptions(None, EFFECTIVE_DATE), lambda *_: None)
    with database.transaction() as session:
        create_account(session, caller_of(session), "planner", Role.PLANNER, "", ScopeRequest("440100001"))
        open_sessions(session)
    database.close()
    return module_database_url


def partition_all(owner_url: str) -> None:
    """Partition all communities of the town as a job."""
    database = Database(app_url(owner_url))
    owner = Database(owner_url, trusted=True)
    with owner.transaction() as session:
        account_id = session.execute(text("SELECT id FROM account WHERE name = 'planner'")).scalar_one()
        subdistrict_id = session.execute(text("SELECT id FROM subdistrict")).scalar_one()
    with database.transaction(token_of(account_id)) as session:
        request = PartitionAllRequest(subdistrict_id, 300, 500, seed=1)
        submit_partition_of_all(session, load_caller(session), request)
    database.close()
    owner.close()
    assert [end.outcome for end in run_waiting_jobs(owner_url)] == ["done"]


def assignments(owner_url: str, number: int) -> list[tuple[int, ...]]:
    """Return community, cell and grid of the revisions with a number."""
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        rows = [tuple(row) for row in session.execute(ASSIGNMENTS, {"number": number})]
    database.close()
    return rows


def kill_one_after_the_first_result(cluster: OfficeCluster) -> Callable[..., None]:
    """Return a function that waits for results as the real one, and kills a worker once the first is there."""
    wait_for_all = dask_cluster._wait_for_all

    def wait_and_kill(futures: Any, on_done: Callable[[int], None]) -> None:
        def on_done_and_kill(done: int) -> None:
            if 0 < done < len(futures):
                cluster.workers[0].kill()
            on_done(done)

        wait_for_all(futures, on_done_and_kill)

    return wait_and_kill


@pytest.mark.full
def test_a_town_is_partitioned_by_the_office_as_here_though_a_worker_is_killed(
    town_url: str, office_cluster: OfficeCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_cluster, "_wait_for_all", kill_one_after_the_first_result(office_cluster))
    partition_all(town_url)
    assert office_cluster.workers[0].wait(60) != 0
    assert office_cluster.workers[1].poll() is None
    monkeypatch.setattr(dask_cluster, "map_tasks", lambda function, items, _on_done: list(map(function, items)))
    partition_all(town_url)
    first = assignments(town_url, 1)
    assert len(first) > HOUSEHOLDS / 100
    assert first == assignments(town_url, 2)


@pytest.mark.full
def test_a_local_cluster_returns_results_in_order() -> None:
    done: list[int] = []
    assert dask_cluster.map_tasks(sqrt, [1.0, 4.0, 9.0], done.append) == [1.0, 2.0, 3.0]
    assert done[-1] == 3


@pytest.mark.full
def test_a_stopped_worker_is_replaced_and_its_tasks_are_done(tmp_path: Path) -> None:
    tasks = [StoppingTask(number, tmp_path / "stopped") for number in range(6)]
    begun = time.monotonic()
    assert dask_cluster.map_tasks(square_or_stop, tasks, lambda _done: None) == [0, 1, 4, 9, 16, 25]
    assert time.monotonic() - begun < 50
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "stopped").read_text()), 0)


@pytest.mark.full
def test_a_failing_task_ends_the_work() -> None:
    with pytest.raises(ValueError, match="math domain"):
        dask_cluster.map_tasks(sqrt, [1.0, -1.0], lambda _done: None)


def test_a_single_task_needs_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_cluster, "connect", None)
    assert dask_cluster.map_tasks(sqrt, [4.0], lambda _done: None) == [2.0]


def test_a_scheduler_without_certificates_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_DASK_SCHEDULER", "tls://127.0.0.1:1")
    with pytest.raises(NotPossible, match="needs certificates"):
        dask_cluster.map_tasks(sqrt, [1.0, 4.0], lambda _done: None)


def test_a_scheduler_that_is_away_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = write_certificates(tmp_path)
    monkeypatch.setattr(dask_cluster, "CONNECT_TIMEOUT_S", 1)
    monkeypatch.setenv("GRIDMAP_DASK_SCHEDULER", f"tls://127.0.0.1:{free_port()}")
    for name, value in certificate_variables(files).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NotPossible, match="cannot be reached by TLS"):
        dask_cluster.map_tasks(sqrt, [1.0, 4.0], lambda _done: None)


def test_a_scheduler_without_workers_gets_nothing() -> None:
    versions: dict[str, Any] = {"client": {"packages": {}}, "scheduler": {"packages": {}}, "workers": {}}
    with pytest.raises(NotPossible, match="has no worker"):
        dask_cluster.require_same_versions("tls://a:1", versions)


@pytest.mark.parametrize("place", ["scheduler", "worker"])
def test_other_versions_are_refused(place: str) -> None:
    ours, other = {"packages": {"python": "3.11.2", "numba": "0.68.1"}}, {"packages": {"python": "3.11.2"}}
    versions = {
        "client": ours,
        "scheduler": other if place == "scheduler" else ours,
        "workers": {"tls://b:2": other if place == "worker" else ours},
    }
    with pytest.raises(NotPossible, match=r"numba None instead of 0\.68\.1"):
        dask_cluster.require_same_versions("tls://a:1", versions)
