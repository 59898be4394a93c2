"""The PostgreSQL with PostGIS that gridmap keeps its data in: the one in ``DATABASE_URL``, else a server of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gridmap import config, secret_files
from gridmap.core.progress import Progress, ignore_progress
from gridmap.postgres import backup as backups
from gridmap.postgres import databases, postmaster, urls
from gridmap.postgres import restore as restoring
from gridmap.postgres.server import SUPERUSER, Cluster


def start(progress: Progress = ignore_progress) -> str:
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
    given = urls.from_environment()
    if given is None:
        return private_cluster(progress).start()
    databases.create_extensions(given)
    return given


def renew(progress: Progress = ignore_progress) -> None:
    """Fetch our own copy of PostGIS anew and start the server with it."""
    private_cluster(progress).renew()


def stop() -> None:
    """End our own server, if it runs; a server of others is left alone."""
    private_cluster().stop()


def database_url() -> str:
    """SQLAlchemy address of the database, for its owner.

    Raises
    ------
    BadInput
        If the database is ours and does not run.
    """
    return urls.from_environment() or private_cluster().database_url()


def status() -> dict[str, Any]:
    """What there is to know about the database: by name, ready for JSON.

    ``ours`` tells whose server it is; where it cannot be reached, ``running`` is false and what only the server knows
    is left out.
    """
    given = urls.from_environment()
    about: dict[str, Any] = {"ours": given is None}
    if given is None:
        place = private_cluster().paths
        about |= {
            "running": is_running(),
            "process": postmaster_pid(),
            "data": str(place.data_folder()),
            "home": str(place.home),
        }
        return about | (databases.describe(database_url()) if about["running"] else {})
    return about | {"running": True} | databases.describe(given)


def backup(folder: Path | None = None) -> Path:
    """Folder of a new backup of the database and the key ring, in a folder, else in ``backups`` of gridmap's home."""
    return backups.write_backup(database_url(), secret_files.secrets_folder(), folder or config.data_dir() / "backups")


def restore(folder: Path, upgrade: Callable[[str], None]) -> str:
    """Put a backup in the place of the database, which is kept; see `gridmap.postgres.restore`.

    Parameters
    ----------
    folder : Path
        Of the backup.
    upgrade : callable
        Brings the restored database, by its URL, to the schema of this version.
    """
    return restoring.restore(start(), folder, secret_files.secrets_folder(), _create_extensions, upgrade)


def _create_extensions(database: str) -> None:
    given = urls.from_environment()
    databases.create_extensions(
        urls.with_database(given, database) if given else private_cluster().database_url(database, SUPERUSER)
    )


def is_running() -> bool:
    """Whether our own server takes connections."""
    return private_cluster().is_answering()


def postmaster_pid() -> int | None:
    """Process id of our own server, or None."""
    return private_cluster().postmaster_pid()


def recorded_port() -> int | None:
    """Port that our own server has noted."""
    return postmaster.recorded_port(private_cluster().paths.data_folder())


def private_cluster(progress: Progress = ignore_progress) -> Cluster:
    """The cluster of the home that gridmap has now."""
    return Cluster(config.data_dir().absolute(), progress=progress)
