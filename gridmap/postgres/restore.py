"""Restoring a backup: into a database of its own first, which then takes the place of the one there is.

Whatever goes wrong before the exchange leaves everything as it was; what was replaced is kept under another name until
the next restore.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from psycopg2 import sql
from sqlalchemy.engine import make_url

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.postgres import backup, databases
from gridmap.postgres.client_programs import run_client
from gridmap.postgres.error_hints import error_with_hint
from gridmap.postgres.urls import connect, with_database

PROVIDED_ENTRIES = (
    " EXTENSION ",
    " spatial_ref_sys ",
)  # the fresh database has them already, and its owner may not change them
RESTORE_FAILED = N_("the backup {folder} cannot be restored; the database is as it was")


def restore(
    url: str, folder: Path, keys_folder: Path, create_extensions: Callable[[str], None], upgrade: Callable[[str], None]
) -> str:
    """Put a backup in the place of the database.

    Parameters
    ----------
    url : str
        Owner's address of the database to be replaced.
    folder : Path
        The backup.
    keys_folder : Path
        Folder of the key ring.
    create_extensions : callable
        Gives the database of a name the extensions it needs.
    upgrade : callable
        Brings a database of an older version to this one, and sets roles and rights.

    Returns
    -------
    str
        Name under which the replaced database is kept.

    Raises
    ------
    InvalidInput
        If the backup is damaged or cannot be restored; the database is as it was then.
    """
    folder = folder.absolute()
    manifest = backup.read_manifest(folder)
    stamp = f"{datetime.now(UTC):%Y%m%d_%H%M%S}"
    name = str(make_url(url).database)
    fresh, kept = f"{name}_restored_{stamp}", f"{name}_before_{stamp}"
    with _drop_on_failure(url, fresh, folder):
        _create_empty_database(url, fresh, manifest["roles"])
        create_extensions(fresh)
        _restore_dump(with_database(url, fresh), folder / backup.DUMP_FILE)
        upgrade(with_database(url, fresh))
        databases.execute(with_database(url, fresh), "ANALYZE")
        staged = _stage_keys(folder, keys_folder)
        _swap_databases(url, name, fresh, kept)
    _activate_keys(staged, stamp)
    _drop_old_databases(url, name, kept)
    return kept


@contextmanager
def _drop_on_failure(url: str, restored: str, folder: Path) -> Iterator[None]:
    """Remove the fresh database if it does not come to its place, and say what its trouble was."""
    try:
        yield
    except BaseException as error:
        drop_database(url, restored)
        if isinstance(error, InvalidInput) or not isinstance(error, Exception):
            raise
        raise error_with_hint(Message(RESTORE_FAILED, {"folder": folder}), str(error)) from error


def drop_database(url: str, name: str) -> None:
    """Drop a database beside this one, whoever is connected."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    databases.execute(_maintenance_url(url), statement)


def _maintenance_url(url: str) -> str:
    """A database of the same server to be in while ours is renamed; every server has these two."""
    return with_database(url, "template1" if make_url(url).database == "postgres" else "postgres")


def _create_empty_database(url: str, restored: str, roles: dict[str, bool]) -> None:
    """An empty database, and the roles that its rights speak of; upgrading gives them passwords."""
    there = {role for (role,) in databases.fetch_rows(url, "SELECT rolname FROM pg_roles")}
    for role in roles.keys() - there:
        login = sql.SQL("LOGIN" if roles[role] else "NOLOGIN")
        databases.execute(url, sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), login))
    databases.create_database(_maintenance_url(url), restored, str(make_url(url).username))


def _restore_dump(url: str, dump_file: Path) -> None:
    """All or nothing; owners and rights are left to the upgrade, which knows those of this version."""
    entries = run_client(url, "pg_restore", "--list", dump_file).splitlines()
    with tempfile.NamedTemporaryFile("w", prefix="gridmap-", suffix=".list") as listed:
        listed.write("\n".join(entry for entry in entries if not any(sign in entry for sign in PROVIDED_ENTRIES)))
        listed.flush()
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        run_client(url, "pg_restore", *options, f"--use-list={listed.name}", dump_file)


def _stage_keys(folder: Path, keys_folder: Path) -> list[Path]:
    """Copies of the backup's keys beside the place they will take, so that the last step is only a change of names."""
    keys_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [Path(shutil.copy2(key, keys_folder / f"restored-{key.name}")) for key in folder.glob(backup.KEY_FILES)]


def _activate_keys(staged: list[Path], stamp: str) -> None:
    """Put keys in their place; those that stood there are kept."""
    for key in staged:
        place = key.with_name(key.name.removeprefix("restored-"))
        if place.exists() and place.read_bytes() != key.read_bytes():
            place.rename(place.with_name(f"before-{stamp}-{place.name}"))
        key.rename(place)


def _swap_databases(url: str, name: str, restored: str, previous: str) -> None:
    """Change the names of two databases in one transaction, with nobody connected."""
    with closing(connect(_maintenance_url(url))) as connection, connection.cursor() as cursor:
        admitting = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        cursor.execute(admitting.format(sql.Identifier(name), sql.SQL("false")))
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
                cursor.execute(admitting.format(sql.Identifier(database), sql.SQL("true")))


def _rename_statement(name: str, other: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(other))


def _terminate_sessions(cursor: Any, *names: str) -> None:
    """End sessions; renaming then waits some seconds for them to be gone."""
    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)", [list(names)])


def _existing_databases(cursor: Any, *names: str) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [list(names)])
    return [str(name) for (name,) in cursor.fetchall()]


def _drop_old_databases(url: str, name: str, previous: str) -> None:
    """Drop what earlier restores have kept, but for the last."""
    rows = databases.fetch_rows(
        url, "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", f"{name}_before_"
    )
    for older in (str(older) for (older,) in rows if older != previous):
        drop_database(url, older)
