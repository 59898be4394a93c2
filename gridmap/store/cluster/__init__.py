"""The PostgreSQL with PostGIS that gridmap keeps its data in: the one in ``DATABASE_URL``, else a server of its own."""

from gridmap import config
from gridmap.core.progress import Progress, silent
from gridmap.store.cluster import address, databases
from gridmap.store.cluster.server import Cluster


def start(progress: Progress = silent) -> str:
    """Make sure that a database with PostGIS is there, and say where.

    Parameters
    ----------
    progress : Progress
        Told of the steps when PostGIS has to be fetched.

    Returns
    -------
    str
        SQLAlchemy address of the database, for its owner.

    Raises
    ------
    BadInput
        If there is none: the sentence says why, and what to do.
    """
    given = address.given()
    if given is None:
        return ours(progress).start()
    databases.extend(given)
    return given


def stop() -> None:
    """End our own server, if it runs; a server of others is left alone."""
    ours().stop()


def url() -> str:
    """SQLAlchemy address of the database, for its owner.

    Raises
    ------
    BadInput
        If the database is ours and does not run.
    """
    return address.given() or ours().url()


def running() -> bool:
    """Whether our own server takes connections."""
    return ours().answers()


def postmaster() -> int | None:
    """Process id of our own server, or None."""
    return ours().postmaster()


def ours(progress: Progress = silent) -> Cluster:
    """The cluster of the home that gridmap has now."""
    return Cluster(config.home(), progress=progress)
