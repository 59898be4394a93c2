"""The PostgreSQL with PostGIS that gridmap keeps its data in: the one in ``DATABASE_URL``, else a server of its own."""

from pathlib import Path
from typing import Any

from gridmap import config
from gridmap.core.progress import Progress, silent
from gridmap.store import secrets
from gridmap.store.cluster import address, backups, databases, lock_file, restoring
from gridmap.store.cluster.server import SUPERUSER, Cluster


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


def renew(progress: Progress = silent) -> None:
    """Fetch our own copy of PostGIS anew and start the server with it."""
    ours(progress).renew()


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


def status() -> dict[str, Any]:
    """What there is to know about the database: by name, ready for JSON.

    ``ours`` tells whose server it is; where it cannot be reached, ``running`` is false and what only the server knows
    is left out.
    """
    given = address.given()
    about: dict[str, Any] = {"ours": given is None}
    if given is None:
        place = ours().place
        about |= {"running": running(), "process": postmaster(), "data": str(place.data()), "home": str(place.home)}
        return about | (databases.about(url()) if about["running"] else {})
    return about | {"running": True} | databases.about(given)


def backup(folder: Path | None = None) -> Path:
    """Folder of a new backup of the database and the key ring, in a folder, else in ``backups`` of gridmap's home."""
    return backups.write(url(), secrets.folder(), folder or config.home() / "backups")


def restore(folder: Path) -> str:
    """Put a backup in the place of the database, which is kept; see `gridmap.store.cluster.restoring`."""
    from gridmap.store import migrations  # brings Alembic, which web processes can do without

    return restoring.restore(start(), folder, secrets.folder(), _extend, migrations.upgrade)


def _extend(database: str) -> None:
    given = address.given()
    databases.extend(address.elsewhere(given, database) if given else ours().url(database, SUPERUSER))


def running() -> bool:
    """Whether our own server takes connections."""
    return ours().answers()


def postmaster() -> int | None:
    """Process id of our own server, or None."""
    return ours().postmaster()


def noted_port() -> int | None:
    """Port that our own server has noted."""
    return lock_file.port(ours().place.data())


def ours(progress: Progress = silent) -> Cluster:
    """The cluster of the home that gridmap has now."""
    return Cluster(config.home().absolute(), progress=progress)
