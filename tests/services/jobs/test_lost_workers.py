"""Attempts whose processes of Dask die: they are repeated, and are no fault of the program."""

import pytest

from gridmap.jobs import dask_cluster
from gridmap.jobs.dask_cluster import WorkersLost
from gridmap.services.jobs.context import describe_end


def test_an_attempt_that_lost_its_workers_is_interrupted() -> None:
    assert describe_end(WorkersLost("KilledWorker")).outcome == "interrupted"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RuntimeError("Nanny failed to start."), WorkersLost),
        (TimeoutError(), WorkersLost),
        (RuntimeError("a fault of the work"), RuntimeError),
    ],
)
def test_the_end_of_a_process_is_told_from_a_fault_of_the_work(
    monkeypatch: pytest.MonkeyPatch, error: Exception, expected: type[Exception]
) -> None:
    def connect(_tasks: int) -> None:
        raise error

    monkeypatch.setattr(dask_cluster, "connect", connect)
    with pytest.raises(expected):
        dask_cluster.map_tasks(str, [1, 2], lambda _done: None)
