"""Backups: a dump of the database in one file, encrypted for the recipients.

A backup holds no key and no password of this installation: the folder ``secrets`` is kept apart from the backups.
"""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

import psycopg2

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.postgres import databases
from gridmap.postgres.backups.backup_file import write_stream
from gridmap.postgres.backups.backup_keys import Recipients
from gridmap.postgres.client_programs import read_client
from gridmap.postgres.error_hints import error_with_hint
from gridmap.postgres.subprocesses import ProgramError

BACKUP_FAILED = N_("the database cannot be backed up to {folder}")
DISK_NEARLY_FULL = N_("less than {megabytes} MB are free: a full disk would stop the database")
TIMESTAMP_FORMAT = "%Y%m%dT%H%M%SZ"
NAME_PREFIX, CLEAR_SUFFIX, ENCRYPTED_SUFFIX, PART_SUFFIX = "gridmap-", ".backup", ".backup.age", ".part"
MIN_FREE_BYTES = 256 * 2**20
"""Free space that a backup leaves on its disk, which may be that of the database."""
ROLES_QUERY = "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'gridmap!_%' ESCAPE '!' ORDER BY 1"


def write_backup(url: str, folder: Path, recipients: Recipients) -> Path:
    """Back up a database into a file named by the time in UTC, which only this account can read.

    Parameters
    ----------
    url : str
        Owner's URL of the database, which may be in use.
    folder : Path
        Folder of the file; it is created if it is missing.
    recipients : sequence of Recipient
        Keys that the file is encrypted for; without one it is in clear text.

    Returns
    -------
    Path
        The file, which gets its name when it is complete.

    Raises
    ------
    InvalidInput
        If the database cannot be reached or dumped, or the disk is nearly full; nothing remains then.
    """
    created = datetime.now(UTC)
    suffix = ENCRYPTED_SUFFIX if recipients else CLEAR_SUFFIX
    final = folder.absolute() / f"{NAME_PREFIX}{created:{TIMESTAMP_FORMAT}}{suffix}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_stale_parts(folder)
        manifest = _build_manifest(url, created)
        dump = _leave_space(read_client(url, "pg_dump", "--format=custom"), folder)
        with _new_file(final) as file:
            write_stream(manifest, dump, file, recipients)
    except (OSError, psycopg2.Error, ProgramError) as error:
        raise error_with_hint(Message(BACKUP_FAILED, {"folder": folder}), str(error)) from error
    return final


def backup_time(file: Path) -> datetime | None:
    """Return the time in the name of a backup file, or None for another name.

    >>> print(backup_time(Path("gridmap-20261123T174210Z.backup.age")))
    2026-11-23 17:42:10+00:00
    """
    name = file.name.removeprefix(NAME_PREFIX).removesuffix(".age").removesuffix(CLEAR_SUFFIX)
    if file.name not in (f"{NAME_PREFIX}{name}{CLEAR_SUFFIX}", f"{NAME_PREFIX}{name}{ENCRYPTED_SUFFIX}"):
        return None
    try:
        return datetime.strptime(name, TIMESTAMP_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def remove_stale_parts(folder: Path) -> None:
    """Remove incomplete files of backups that were killed; those that are being written are locked."""
    for part in folder.glob(f".{NAME_PREFIX}*{PART_SUFFIX}"):
        with suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


@contextmanager
def _new_file(final: Path) -> Iterator[IO[bytes]]:
    """Open a private file for writing, which gets its name only when everything is on the disk."""
    part = final.with_name(f".{final.name}{PART_SUFFIX}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            os.link(part, final)  # a file of the same second is not replaced
        finally:
            part.unlink()
    _sync_folder(final.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _leave_space(chunks: Iterable[bytes], folder: Path) -> Iterator[bytes]:
    """Yield chunks, and stop with an error before the disk is full."""
    for chunk in chunks:
        if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
            raise _disk_error(folder)
        yield chunk


def _disk_error(folder: Path) -> InvalidInput:
    advice = Message(N_("free some space, or name a folder on another disk"))
    reason = str(Message(DISK_NEARLY_FULL, {"megabytes": MIN_FREE_BYTES // 2**20}))
    return error_with_hint(Message(BACKUP_FAILED, {"folder": folder}), reason, advice)


def _build_manifest(url: str, created: datetime) -> dict[str, object]:
    has_schema = databases.fetch_rows(url, "SELECT to_regclass('public.alembic_version')")[0][0]
    schema = databases.fetch_rows(url, "SELECT version_num FROM alembic_version")[0][0] if has_schema else None
    description = databases.describe(url)
    del description["url"]  # names of hosts and logins are of no use elsewhere
    return {
        "made": created.isoformat(timespec="seconds"),
        "gridmap": version("gridmap"),
        "schema": schema,
        **description,
        "roles": dict(databases.fetch_rows(url, ROLES_QUERY)),
    }
