"""Restore of a backup into a new database, which then replaces the old one.

A failure before the exchange leaves everything as it was. The old database is kept under another name until the next
restore. Nothing decrypted is written to a disk: the backup is read twice, first to check all of it.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from psycopg2 import sql
from psycopg2.extensions import connection as Connection  # noqa: N812 - the class has a lower-case name
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - the class has a lower-case name
from sqlalchemy.engine import make_url

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.postgres import databases
from gridmap.postgres.backups.backup_file import BackupReader
from gridmap.postgres.backups.backup_folder import BackupFolderReader
from gridmap.postgres.backups.backup_keys import Identities
from gridmap.postgres.client_programs import feed_client
from gridmap.postgres.error_hints import error_with_hint
from gridmap.postgres.program_streams import Send
from gridmap.postgres.urls import connect, with_database

PROVIDED_ENTRIES = (" EXTENSION ", " spatial_ref_sys ")
"""Entries of a dump that the new database has already, and that its owner must not change."""
SESSION_END_TIMEOUT_MS = 10_000
RESTORE_FAILED = N_("the backup {file} cannot be restored; the database is unchanged")


Settle = Callable[[Connection, str, Mapping[str, Any]], None]


class BackupSource(Protocol):
    """A backup that can be read as often as needed."""

    @property
    def file(self) -> Path:
        """File or folder of the backup."""

    def read(self, send: Send) -> dict[str, Any]:
        """Pass the dump on and return the manifest, or raise `InvalidInput`."""


@dataclass(frozen=True)
class RestoreSteps:
    """Steps of a restore that know more of the database than its name, in their order.

    Parameters
    ----------
    create_extensions : callable
        Creates the extensions in the database of a name.
    upgrade : callable
        Upgrades a database, by its URL, to this version, and sets roles and rights.
    settle : callable
        Carries over to the restored database what must not be lost. Gets the only connection to the old database, the
        URL of the restored one, and the manifest.
    """

    create_extensions: Callable[[str], None]
    upgrade: Callable[[str], None]
    settle: Settle


def open_backup(path: Path, identities: Identities = ()) -> BackupSource:
    """Return the backup at a path: a file, or a folder of an earlier version."""
    return BackupFolderReader(path.absolute()) if path.is_dir() else BackupReader(path.absolute(), identities)


def restore(url: str, source: BackupSource, steps: RestoreSteps) -> str:
    """Replace a database by a backup.

    Parameters
    ----------
    url : str
        Owner's URL of the database to be replaced.
    source : BackupSource
        The backup.
    steps : RestoreSteps
        Called in their order; `settle` last, before the databases are exchanged.

    Returns
    -------
    str
        Name under which the old database is kept.

    Raises
    ------
    InvalidInput
        If the backup is damaged or cannot be restored; the database is as it was then.
    """
    stamp = f"{datetime.now(UTC):%Y%m%d_%H%M%S}"
    name = str(make_url(url).database)
    restored, previous = f"{name}_restored_{stamp}", f"{name}_before_{stamp}"
    restored_url = with_database(url, restored)
    with _drop_on_failure(url, restored, source.file):
        manifest, entries = _check_backup(url, source)
        _create_empty_database(url, restored, manifest["roles"])
        steps.create_extensions(restored)
        _restore_dump(restored_url, source, entries)
        steps.upgrade(restored_url)
        databases.execute(restored_url, "ANALYZE")
        with _sole_connection(url, name, previous) as old:
            steps.settle(old, restored_url, manifest)
            old.close()
            _exchange_names(url, name, restored, previous)
    _drop_old_databases(url, name, previous)
    return previous


@contextmanager
def _drop_on_failure(url: str, restored: str, file: Path) -> Iterator[None]:
    """Drop the new database if the restore fails, and raise an error that names the backup."""
    try:
        yield
    except BaseException as error:
        drop_database(url, restored)
        if isinstance(error, InvalidInput) or not isinstance(error, Exception):
            raise
        raise error_with_hint(Message(RESTORE_FAILED, {"file": file}), str(error)) from error


def drop_database(url: str, name: str) -> None:
    """Drop a database of the same server, and end its connections."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    databases.execute(_maintenance_url(url), statement)


def _maintenance_url(url: str) -> str:
    """Return the URL of a database of the same server that is not renamed; every server has these two."""
    return with_database(url, "template1" if make_url(url).database == "postgres" else "postgres")


def _create_empty_database(url: str, restored: str, roles: dict[str, bool]) -> None:
    """Create an empty database and the roles of its rights; the upgrade sets their passwords."""
    existing = {role for (role,) in databases.fetch_rows(url, "SELECT rolname FROM pg_roles")}
    for role in roles.keys() - existing:
        login = sql.SQL("LOGIN" if roles[role] else "NOLOGIN")
        databases.execute(url, sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), login))
    databases.create_database(_maintenance_url(url), restored, str(make_url(url).username))


def _check_backup(url: str, source: BackupSource) -> tuple[dict[str, Any], list[str]]:
    """Read all of a backup, and return its manifest and the entries of its dump that are to be restored."""
    manifests: list[dict[str, Any]] = []
    listing = feed_client(url, "pg_restore", "--list", feed=lambda send: manifests.append(source.read(send)))
    entries = [entry for entry in listing.splitlines() if not any(sign in entry for sign in PROVIDED_ENTRIES)]
    return manifests[0], entries


def _restore_dump(url: str, source: BackupSource, entries: list[str]) -> None:
    """Restore a dump completely or not at all; the upgrade sets owners and rights."""
    with tempfile.NamedTemporaryFile("w", prefix="gridmap-", suffix=".list") as entry_list:
        entry_list.write("\n".join(entries))
        entry_list.flush()
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        feed_client(url, "pg_restore", *options, f"--use-list={entry_list.name}", feed=source.read)


@contextmanager
def _sole_connection(url: str, name: str, previous: str) -> Iterator[Connection]:
    """Yield the only connection to a database; others are ended, and new ones are refused until the block ends."""
    allow_connections = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with (
        closing(connect(url)) as old,
        closing(connect(_maintenance_url(url))) as maintenance,
        maintenance.cursor() as cursor,
    ):
        cursor.execute(allow_connections.format(sql.Identifier(name), sql.SQL("false")))
        try:
            _terminate_sessions(cursor, name, old.get_backend_pid())
            yield old
        finally:
            for database in _existing_databases(cursor, name, previous):
                cursor.execute(allow_connections.format(sql.Identifier(database), sql.SQL("true")))


def _exchange_names(url: str, name: str, restored: str, previous: str) -> None:
    """Exchange the names of two databases in one transaction, with no connections to either."""
    with closing(connect(_maintenance_url(url))) as connection, connection.cursor() as cursor:
        _terminate_sessions(cursor, restored)
        cursor.execute(
            sql.SQL("BEGIN; {}; {}; COMMIT").format(
                _rename_statement(name, previous), _rename_statement(restored, name)
            )
        )


def _rename_statement(name: str, other: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(other))


def _terminate_sessions(cursor: Cursor, name: str, spared_pid: int | None = None) -> None:
    """End the sessions of a database except one, and wait until they have ended: they write nothing from then on.

    The renaming itself ends the server's own processes, such as autovacuum; the owner must not.
    """
    cursor.execute(
        "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity"
        " WHERE datname = %s AND pid IS DISTINCT FROM %s AND backend_type = 'client backend'",
        [SESSION_END_TIMEOUT_MS, name, spared_pid],
    )


def _existing_databases(cursor: Cursor, *names: str) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [list(names)])
    return [str(name) for (name,) in cursor.fetchall()]


def _drop_old_databases(url: str, name: str, previous: str) -> None:
    """Drop the databases that earlier restores have kept."""
    rows = databases.fetch_rows(
        url, "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", f"{name}_before_"
    )
    for older in (str(older) for (older,) in rows if older != previous):
        drop_database(url, older)
