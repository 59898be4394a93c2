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

from gridmap.core.errors import N_, BadInput, Message
from gridmap.store.cluster import backups, databases
from gridmap.store.cluster.address import connected, elsewhere
from gridmap.store.cluster.clients import client
from gridmap.store.cluster.refusals import refusal

THERE_ALREADY = (
    " EXTENSION ",
    " spatial_ref_sys ",
)  # the fresh database has them already, and its owner may not change them
BROKEN = N_("the backup {folder} cannot be restored; the database is as it was")


def restore(url: str, folder: Path, keys: Path, extend: Callable[[str], None], upgrade: Callable[[str], None]) -> str:
    """Put a backup in the place of the database.

    Parameters
    ----------
    url : str
        Owner's address of the database to be replaced.
    folder : Path
        The backup.
    keys : Path
        Folder of the key ring.
    extend : callable
        Gives the database of a name the extensions it needs.
    upgrade : callable
        Brings a database of an older version to this one, and sets roles and rights.

    Returns
    -------
    str
        Name under which the replaced database is kept.

    Raises
    ------
    BadInput
        If the backup is damaged or cannot be restored; the database is as it was then.
    """
    folder = folder.absolute()
    manifest = backups.read(folder)
    stamp = f"{datetime.now(UTC):%Y%m%d_%H%M%S}"
    name = str(make_url(url).database)
    fresh, kept = f"{name}_restored_{stamp}", f"{name}_before_{stamp}"
    with _dropped_on_failure(url, fresh, folder):
        _make(url, fresh, manifest["roles"])
        extend(fresh)
        _fill(elsewhere(url, fresh), folder / backups.DUMP)
        upgrade(elsewhere(url, fresh))
        databases.told(elsewhere(url, fresh), "ANALYZE")
        staged = _staged(folder, keys)
        _exchange(url, name, fresh, kept)
    _turn(staged, stamp)
    _forget(url, name, kept)
    return kept


@contextmanager
def _dropped_on_failure(url: str, fresh: str, folder: Path) -> Iterator[None]:
    """Remove the fresh database if it does not come to its place, and say what its trouble was."""
    try:
        yield
    except BaseException as error:
        drop(url, fresh)
        if isinstance(error, BadInput) or not isinstance(error, Exception):
            raise
        raise refusal(Message(BROKEN, {"folder": folder}), str(error)) from error


def drop(url: str, name: str) -> None:
    """Drop a database beside this one, whoever is connected."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    databases.told(_beside(url), statement)


def _beside(url: str) -> str:
    """A database of the same server to be in while ours is renamed; every server has these two."""
    return elsewhere(url, "template1" if make_url(url).database == "postgres" else "postgres")


def _make(url: str, fresh: str, roles: dict[str, bool]) -> None:
    """An empty database, and the roles that its rights speak of; upgrading gives them passwords."""
    there = {role for (role,) in databases.asked(url, "SELECT rolname FROM pg_roles")}
    for role in roles.keys() - there:
        login = sql.SQL("LOGIN" if roles[role] else "NOLOGIN")
        databases.told(url, sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), login))
    databases.create(_beside(url), fresh, str(make_url(url).username))


def _fill(url: str, dump: Path) -> None:
    """All or nothing; owners and rights are left to the upgrade, which knows those of this version."""
    entries = client(url, "pg_restore", "--list", dump).splitlines()
    with tempfile.NamedTemporaryFile("w", prefix="gridmap-", suffix=".list") as listed:
        listed.write("\n".join(entry for entry in entries if not any(sign in entry for sign in THERE_ALREADY)))
        listed.flush()
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        client(url, "pg_restore", *options, f"--use-list={listed.name}", dump)


def _staged(folder: Path, keys: Path) -> list[Path]:
    """Copies of the backup's keys beside the place they will take, so that the last step is only a change of names."""
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    return [Path(shutil.copy2(key, keys / f"restored-{key.name}")) for key in folder.glob(backups.KEYS)]


def _turn(staged: list[Path], stamp: str) -> None:
    """Put keys in their place; those that stood there are kept."""
    for key in staged:
        place = key.with_name(key.name.removeprefix("restored-"))
        if place.exists() and place.read_bytes() != key.read_bytes():
            place.rename(place.with_name(f"before-{stamp}-{place.name}"))
        key.rename(place)


def _exchange(url: str, name: str, fresh: str, kept: str) -> None:
    """Change the names of two databases in one transaction, with nobody connected."""
    with closing(connected(_beside(url))) as connection, connection.cursor() as cursor:
        admitting = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
        cursor.execute(admitting.format(sql.Identifier(name), sql.SQL("false")))
        try:
            _send_away(cursor, name, fresh)
            cursor.execute(sql.SQL("BEGIN; {}; {}; COMMIT").format(_renaming(name, kept), _renaming(fresh, name)))
        finally:
            cursor.execute("ROLLBACK")
            for database in _named(cursor, name, kept):
                cursor.execute(admitting.format(sql.Identifier(database), sql.SQL("true")))


def _renaming(name: str, other: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(other))


def _send_away(cursor: Any, *names: str) -> None:
    """End sessions; renaming then waits some seconds for them to be gone."""
    cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(%s)", [list(names)])


def _named(cursor: Any, *names: str) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE datname = ANY(%s)", [list(names)])
    return [str(name) for (name,) in cursor.fetchall()]


def _forget(url: str, name: str, kept: str) -> None:
    """Drop what earlier restores have kept, but for the last."""
    rows = databases.asked(url, "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", f"{name}_before_")
    for older in (str(older) for (older,) in rows if older != kept):
        drop(url, older)
