"""Operation of the database by its owner: start, stop and upgrade."""

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime

from gridmap.core.progress import Progress, ignore_progress
from gridmap.postgres import lifecycle
from gridmap.store.migrations import ensure, fingerprint
from gridmap.store.session import Database


def start_database(progress: Progress = ignore_progress) -> str:
    """Start the database, and fetch PostGIS first if the machine has none.

    Parameters
    ----------
    progress : Progress
        Callback for the steps of fetching PostGIS.

    Returns
    -------
    str
        SQLAlchemy URL of the database for its owner.

    Raises
    ------
    InvalidInput
        If there is no database and none can be started.
    """
    return lifecycle.start(progress)


def stop_database() -> None:
    """Stop our own server; a server that DATABASE_URL names is left alone."""
    lifecycle.stop()


def renew_database(progress: Progress = ignore_progress) -> None:
    """Fetch gridmap's copy of PostGIS again, with its corrections, and start the database with it."""
    lifecycle.renew(progress)


def describe_database() -> Mapping[str, object]:
    """Return whether the database is running, and its location and size, as plain values."""
    return lifecycle.status()


def database_url() -> str:
    """Return the SQLAlchemy URL of the database for its owner, with the password."""
    return lifecycle.database_url()


def open_database(progress: Progress = ignore_progress) -> Database:
    """Start the database, upgrade it if necessary, and open it for the owner.

    Returns
    -------
    Database
        Sees every row; no account acts.
    """
    url = lifecycle.start(progress)
    ensure.ensure_upgraded(url)
    return Database(url, trusted=True)


def upgrade_database(progress: Progress = ignore_progress, *, new_secrets: bool = False) -> str:
    """Start the database, upgrade its schema to this version of gridmap, and set the passwords of its logins.

    Parameters
    ----------
    progress : Progress
        Callback for the steps of fetching PostGIS.
    new_secrets : bool
        Whether the secrets of this host replace those that the database knows.

    Returns
    -------
    str
        Number of the newest migration.
    """
    from gridmap.store.migrations import upgrade  # imports Alembic

    upgrade.upgrade(lifecycle.start(progress), new_secrets=new_secrets)
    return fingerprint.latest_version()


def repack_incidents() -> None:
    """Pack the months of incidents again from the rows of the incidents; counts read them packed."""
    from gridmap.store import incident_months

    with closing(open_database()) as database, database.engine.begin() as connection:
        incident_months.pack_all(connection)


def count_entries_since(since: datetime) -> Mapping[str, int]:
    """Return the number of rows made since a time, by table."""
    from gridmap.store.queries.operations.entries import count_entries  # imports the tables

    with open_database().transaction() as session:
        return count_entries(session, since)
