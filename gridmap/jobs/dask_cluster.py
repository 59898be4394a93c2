"""Numeric work of a job on several processes, by Dask: a local cluster for the time of the work, or the office's own.

Dask runs code that is sent to it. A scheduler of the office is therefore reached by TLS only, with certificates on both
sides, and gets no work before its versions and those of all its workers have been compared with ours.
"""

import logging
import os
from asyncio import CancelledError
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.environment import read_variable
from gridmap.jobs.stopped_processes import kill_stopped_children

CONNECT_TIMEOUT_S = 15
POLL_INTERVAL_S = 1.0
COMPARED_PACKAGES = ("gridmap", "distributed", "geopandas", "numba", "numpy", "pandas", "scipy", "shapely")
"""Packages whose version decides about the result; also the version of Python is compared."""
UNREACHABLE = N_("The Dask scheduler {address} cannot be reached by TLS: {reason}. Look at GRIDMAP_DASK_SCHEDULER.")
NO_CERTIFICATES = N_("A Dask scheduler needs certificates: set GRIDMAP_DASK_CA, GRIDMAP_DASK_CERTIFICATE and _KEY.")
NO_WORKERS = N_("The Dask scheduler {address} has no worker. Nothing was sent to it.")
OTHER_VERSIONS = N_("The Dask scheduler {address} or a worker has other versions: {differences}. Nothing was sent.")
FAILED_TO_START = "failed to start"
"""Words of Dask where a process of its local cluster died while it started."""
ItemT = TypeVar("ItemT")
ResultT = TypeVar("ResultT")
log = logging.getLogger(__name__)


class WorkersLost(Exception):
    """Processes of Dask died more often than their tasks are done again; the attempt is to be repeated."""


def map_tasks(
    function: Callable[[ItemT], ResultT], items: Sequence[ItemT], on_done: Callable[[int], None]
) -> list[ResultT]:
    """Return the results of a function for all items, in their order.

    Parameters
    ----------
    function : callable
        Function of a module, without side effects: where a worker dies, its tasks are done again by another one.
    items : sequence
        One task each. A single one is done in this process.
    on_done : callable
        Called with the number of tasks done, about once a second; what it raises ends the work.

    Raises
    ------
    NotPossible
        If the scheduler of the office cannot be reached, has no worker or other versions.
    WorkersLost
        If the processes died more often than their tasks are done again.
    """
    if len(items) < 2:
        return [function(item) for item in items]
    try:
        with connect(len(items)) as client, client.as_current():
            futures = client.map(function, items, pure=False, retries=2)
            _wait_for_all(futures, on_done)
            results: list[ResultT] = client.gather(futures)
    except _lost_errors() as error:
        raise WorkersLost(type(error).__name__) from error
    except RuntimeError as error:
        if FAILED_TO_START not in str(error):
            raise
        raise WorkersLost(FAILED_TO_START) from error
    return results


def _lost_errors() -> tuple[type[BaseException], ...]:
    """Return the errors that say nothing about the work: its processes died, or cannot be reached any more."""
    distributed = _distributed()
    return distributed.KilledWorker, distributed.comm.CommClosedError, CancelledError, TimeoutError


@contextmanager
def connect(tasks: int) -> Iterator[Any]:
    """Yield a client of the office's scheduler, else of a local cluster that ends with the work.

    Parameters
    ----------
    tasks : int
        Number of tasks: a local cluster has no more workers.
    """
    import dask.config

    address = read_variable("GRIDMAP_DASK_SCHEDULER")
    distributed = _distributed()  # first: leaving the block would take the defaults away that this import brings
    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"}):
        if address is None:
            with _local_cluster(tasks) as client:
                yield client
            return
        try:
            client = distributed.Client(
                address, security=office_security(), timeout=CONNECT_TIMEOUT_S, set_as_default=False
            )
        except (OSError, ValueError, TypeError) as error:
            values = {"address": address, "reason": type(error).__name__}
            raise NotPossible(Message(UNREACHABLE, values)) from error
        with client:
            require_same_versions(address, client.get_versions(packages=list(COMPARED_PACKAGES)))
            yield client


def office_security() -> Any:
    """Return the certificates for the scheduler of the office.

    Raises
    ------
    NotPossible
        If one of the variables is not set.
    """
    files = [read_variable(f"GRIDMAP_DASK_{name}") for name in ("CA", "CERTIFICATE", "KEY")]
    if None in files:
        raise NotPossible(Message(NO_CERTIFICATES))
    ca_file, certificate, key = files
    return _distributed().Security(
        tls_ca_file=ca_file, tls_client_cert=certificate, tls_client_key=key, require_encryption=True
    )


def require_same_versions(address: str, versions: Mapping[str, Any]) -> None:
    """Refuse a scheduler without workers, or with other versions than this process.

    Parameters
    ----------
    address : str
    versions : mapping
        As `distributed.Client.get_versions` returns them.

    Raises
    ------
    NotPossible
        If results could differ from those of this machine.

    Examples
    --------
    >>> ours = {"packages": {"python": "3.11.2", "numpy": "2.4.1"}}
    >>> worker = {"packages": {"python": "3.11.2", "numpy": "2.4.0"}}
    >>> require_same_versions("tls://a:1", {"client": ours, "scheduler": ours, "workers": {"tls://b:2": worker}})
    Traceback (most recent call last):
    ...
    gridmap.core.errors.NotPossible: The Dask scheduler tls://a:1 or a worker has other versions: tls://b:2 numpy 2.4.0
    instead of 2.4.1. Nothing was sent.
    """
    if not versions["workers"]:
        raise NotPossible(Message(NO_WORKERS, {"address": address}))
    ours = versions["client"]["packages"]
    others = {address: versions["scheduler"], **versions["workers"]}
    differences = [
        f"{place} {name} {found} instead of {ours[name]}"
        for place, host in others.items()
        for name in ("python", *COMPARED_PACKAGES)
        if (found := host["packages"].get(name)) != ours.get(name)
    ]
    if differences:
        values = {"address": address, "differences": "; ".join(differences[:5])}
        raise NotPossible(Message(OTHER_VERSIONS, values))


@contextmanager
def _local_cluster(tasks: int) -> Iterator[Any]:
    """Yield a client of worker processes on this machine, which nobody else can send work to."""
    distributed = _distributed()
    workers = max(1, min(tasks, len(os.sched_getaffinity(0))))
    security = distributed.Security.temporary()
    log.info("a local cluster of %s workers starts", workers)
    with (
        kill_stopped_children(),  # a stopped worker answers nobody, and would be waited for; Dask starts another
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls://",
            security=security,
            dashboard_address=None,
            memory_limit=0,
            silence_logs=logging.ERROR,
        ) as cluster,
        distributed.Client(cluster, security=security, set_as_default=False) as client,
    ):
        yield client


def _wait_for_all(futures: Sequence[Any], on_done: Callable[[int], None]) -> None:
    """Wait until all tasks are done; raise the error of one that has failed."""
    wait = _distributed().wait
    waiting = set(futures)
    while waiting:
        try:
            done, waiting = wait(waiting, timeout=POLL_INTERVAL_S, return_when="FIRST_COMPLETED")
        except TimeoutError:
            done = set()
        for future in done:
            if future.status == "error":
                future.result()
        on_done(len(futures) - len(waiting))


def _distributed() -> Any:
    """Return the package of Dask's scheduler, which is slow to load and has types in part only."""
    import distributed

    return distributed
