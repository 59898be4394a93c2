"""Database of gridmap: the PostgreSQL server in ``DATABASE_URL``, else a private server."""

from collections.abc import Callable, Sequence
from pathlib import Path

from gridmap import config
from gridmap.core.progress import Progress, ignore_progress
from gridmap.postgres import databases, postmaster, urls
from gridmap.postgres.backups import backup as backups
from gridmap.postgres.backups import backup_keys
from gridmap.postgres.backups import restore as restoring
from gridmap.postgres.backups.restore import RestoreSteps, Settle
from gridmap.postgres.server import SUPERUSER, Cluster


def start(progress: Progress = ignore_progress) -> str:
    """Start the private server if there is no other, and return the URL of the database.

    Parameters
    ----------
    progress : Progress
        Receives the steps when PostGIS has to be fetched.

    Returns
    -------
    str
        SQLAlchemy URL of the database, for its owner.

    Raises
    ------
    InvalidInput
        If there is no database with PostGIS; the message says why, and what to do.
    """
    url = urls.from_environment()
    if url is None:
        return private_cluster(progress).start()
    databases.create_extensions(url)
    return url


def renew(progress: Progress = ignore_progress) -> None:
    """Fetch the current packages of the private copy and restart the private server with them."""
    private_cluster(progress).renew()


def stop() -> None:
    """Stop the private server, if it runs; another server is not stopped."""
    private_cluster().stop()


def database_url() -> str:
    """Return the SQLAlchemy URL of the database, for its owner.

    Raises
    ------
    InvalidInput
        If the server is the private one and does not run.
    """
    return urls.from_environment() or private_cluster().database_url()


def status() -> dict[str, object]:
    """Return the status of the database, by name, as values of JSON.

    ``ours`` is true for the private server. If the server does not run, ``running`` is false and the values that it
    would report are missing.
    """
    url = urls.from_environment()
    values: dict[str, object] = {"ours": url is None}
    if url is None:
        paths = private_cluster().paths
        values |= {
            "running": is_running(),
            "process": postmaster_pid(),
            "data": str(paths.data_folder()),
            "home": str(paths.home),
        }
        return values | (databases.describe(database_url()) if values["running"] else {})
    return values | {"running": True} | databases.describe(url)


def backup(folder: Path, recipients: Sequence[str]) -> Path:
    """Back up the database into a new file, encrypted for the recipients if there are any, and return the file."""
    return backups.write_backup(database_url(), folder, backup_keys.parse_recipients(recipients))


def restore(path: Path, identity_file: Path | None, upgrade: Callable[[str], None], settle: Settle) -> str:
    """Replace the database by a backup, and keep the old one; see `gridmap.postgres.backups.restore`.

    Parameters
    ----------
    path : Path
        The backup.
    identity_file : Path, optional
        File with the identity that decrypts it.
    upgrade, settle : callable
        See `gridmap.postgres.backups.restore.RestoreSteps`.
    """
    source = restoring.open_backup(path, backup_keys.load_identities(identity_file) if identity_file else ())
    return restoring.restore(start(), source, RestoreSteps(_create_extensions, upgrade, settle))


def _create_extensions(database: str) -> None:
    url = urls.from_environment()
    databases.create_extensions(
        urls.with_database(url, database) if url else private_cluster().database_url(database, SUPERUSER)
    )


def is_running() -> bool:
    """Return whether the private server accepts connections."""
    return private_cluster().is_answering()


def postmaster_pid() -> int | None:
    """Return the process id of the private server, or None."""
    return private_cluster().postmaster_pid()


def recorded_socket() -> Path | None:
    """Return the path of the private server's socket, or None."""
    return postmaster.recorded_socket(private_cluster().paths.data_folder())


def private_cluster(progress: Progress = ignore_progress) -> Cluster:
    """Return the cluster of gridmap's home."""
    return Cluster(config.data_dir().absolute(), progress=progress)
