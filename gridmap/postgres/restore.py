"""Restore of a backup into a new database, which then replaces the old one.

A failure before the exchange leaves everything as it was. The old database is kept under another name until the next
restore.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor  # noqa: N812 - the class has a lower-case name
from sqlalchemy.engine import make_url

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.postgres import backup, databases
from gridmap.postgres.client_programs import run_client
from gridmap.postgres.error_hints import error_with_hint
from gridmap.postgres.urls import connect, with_database

PROVIDED_ENTRIES = (" EXTENSION ", " spatial_ref_sys ")
"""Entries of a dump that the new database has already, and that its owner must not change."""
RESTORE_FAILED = N_("the backup {folder} cannot be restored; the database is unchanged")


def restore(
    url: str, folder: Path, keys_folder: Path, create_extensions: Callable[[str], None], upgrade: Callable[[str], None]
) -> str:
    """Replace a database by a backup.

    Parameters
    ----------
    url : str
        Owner's URL of the database to be replaced.
    folder : Path
        Folder of the backup.
    keys_folder : Path
        Folder of the key ring.
    create_extensions : callable
        Creates the extensions in the database of a name.
    upgrade : callable
        Upgrades a database, by its URL, to this version, and sets roles and rights.

    Returns
    -------
    str
        Name under which the old database is kept.

    Raises
    ------
    InvalidInput
        If the backup is damaged or cannot be restored; the database is as it was then.
    """
    folder = folder.absolute()
    manifest = backup.read_manifest(folder)
    stamp = f"{datetime.now(UTC):%Y%m%d_%H%M%S}"
    name = str(make_url(url).database)
    restored, previous = f"{name}_restored_{stamp}", f"{name}_before_{stamp}"
    with _drop_on_failure(url, restored, folder):
        _create_empty_database(url, restored, manifest["roles"])
        create_extensions(restored)
        _restore_dump(with_database(url, restored), folder / backup.DUMP_FILE)
        upgrade(with_database(url, restored))
        databases.execute(with_database(url, restored), "ANALYZE")
        staged_keys = _stage_keys(folder, keys_folder)
        _swap_databases(url, name, restored, previous)
    _activate_keys(staged_keys, stamp)
    _drop_old_databases(url, name, previous)
    return previous


@contextmanager
def _drop_on_failure(url: str, restored: str, folder: Path) -> Iterator[None]:
    """Drop the new database if the restore fails, and raise an error that names the backup."""
    try:
        yield
    except BaseException as error:
        drop_database(url, restored)
        if isinstance(error, InvalidInput) or not isinstance(error, Exception):
            raise
        raise error_with_hint(Message(RESTORE_FAILED, {"folder": folder}), str(error)) from error


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


def _restore_dump(url: str, dump_file: Path) -> None:
    """Restore a dump completely or not at all; the upgrade sets owners and rights."""
    entries = run_client(url, "pg_restore", "--list", dump_file).splitlines()
    with tempfile.NamedTemporaryFile("w", prefix="gridmap-", suffix=".list") as entry_list:
        entry_list.write("\n".join(entry for entry in entries if not any(sign in entry for sign in PROVIDED_ENTRIES)))
        entry_list.flush()
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        run_client(url, "pg_restore", *options, f"--use-list={entry_list.name}", dump_file)


def _stage_keys(folder: Path, keys_folder: Path) -> list[Path]:
    """Copy the backup's keys to the folder of the keys under other names, so that the last step only renames them."""
    keys_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [Path(shutil.copy2(key, keys_folder / f"restored-{key.name}")) for key in backup.find_key_files(folder)]


def _activate_keys(staged: list[Path], stamp: str) -> None:
    """Rename copied keys to their final names; different keys under these names are kept under others."""
    for key in staged:
        final = key.with_name(key.name.removeprefix("restored-"))
        if final.exists() and final.read_bytes() != key.read_bytes():
            final.rename(final.with_name(f"before-{stamp}-{final.name}"))
        key.rename(final)


def _swap_databases(url: str, name: str, restored: str, previous: str) -> None:
    """Exchange the names of two databases in one transaction, with no other connections."""
    with closing(connect(_maintenance_url(url))) as connection, connection.cursor() as cursor:
        allow_connections = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        cursor.execute(allow_connections.format(sql.Identifier(name), sql.SQL("false")))
        try:
            _terminate_sessions(cursor, name, restored)
            cursor.execute(
                sql.SQL("BEGIN; {}; {}; COMMIT").format(
                    _rename_statement(name, previous), _rename_statement(restored, name)
                )
            )
        finally:
            cursor.execute("ROLLBACK")
            for database in _existing_databases(cursor, name, previous):
                cursor.execute(allow_connections.format(sql.Identifier(database), sql.SQL("true")))


def _rename_statement(name: str, other: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(other))


def _terminate_sessions(cursor: Cursor, *names: str) -> None:
    """End sessions of databases; the renaming waits some seconds until they have ended.

    The renaming itself ends the server's own processes, such as autovacuum; the owner must not.
    """
    cursor.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = ANY(%s) AND backend_type = 'client backend'",
        [list(names)],
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
