"""Backups: a dump and the key ring in one folder, with checksums that are compared before a restore.

A backup contains the keys of the encrypted values: it needs the same protection as the data.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg2

from gridmap.core.errors import N_, Message
from gridmap.postgres import databases
from gridmap.postgres.client_programs import run_client
from gridmap.postgres.error_hints import error_with_hint
from gridmap.postgres.subprocesses import ProgramError, run

DUMP_FILE, MANIFEST_FILE = "database.dump", "manifest.json"
KEY_FILES = ("keys*", "pepper*")
"""Secrets without which the data cannot be read, or nobody can sign in."""
BACKUP_FAILED = N_("the database cannot be backed up to {folder}")
TIMESTAMP_FORMAT = "%Y%m%dT%H%M%SZ"
ROLES_QUERY = "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname LIKE 'gridmap!_%' ESCAPE '!' ORDER BY 1"


def write_backup(url: str, keys_folder: Path, folder: Path) -> Path:
    """Back up a database and its key ring.

    Parameters
    ----------
    url : str
        Owner's URL of the database, which may be in use.
    keys_folder : Path
        Folder of the key ring and the pepper; files of the names in `KEY_FILES` are copied.
    folder : Path
        Folder in which a folder of the backup, named by the time in UTC, is created.

    Returns
    -------
    Path
        Folder of the backup, which only this account can read.

    Raises
    ------
    InvalidInput
        If the database cannot be reached or dumped; nothing remains then.
    """
    created = datetime.now(UTC)
    part, final = (folder.absolute() / f"{created:{TIMESTAMP_FORMAT}}{ending}" for ending in (".part", ""))
    folder.mkdir(parents=True, exist_ok=True)
    part.mkdir(mode=0o700)
    try:
        dump_database(url, part / DUMP_FILE)
        for key in find_key_files(keys_folder):
            shutil.copy2(key, part / key.name)
        (part / MANIFEST_FILE).write_text(json.dumps(_build_manifest(url, part, created), indent=2) + "\n")
        run("sync", "-f", part)
        return part.rename(final)
    except BaseException as error:
        shutil.rmtree(part)
        if isinstance(error, OSError | psycopg2.Error | ProgramError):
            raise error_with_hint(Message(BACKUP_FAILED, {"folder": folder}), str(error)) from error
        raise


def find_key_files(folder: Path) -> list[Path]:
    """Return the secrets in a folder that belong to a backup."""
    return sorted(file for pattern in KEY_FILES for file in folder.glob(pattern))


def dump_database(url: str, file: Path) -> None:
    """Dump a consistent state of a database to a file that only this account can read."""
    file.touch(mode=0o600)
    run_client(url, "pg_dump", "--format=custom", f"--file={file}")


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a backup, after comparing each file with its checksum.

    Raises
    ------
    InvalidInput
        If the folder is not a backup, or a file is missing or has changed.
    """
    try:
        manifest = json.loads((folder / MANIFEST_FILE).read_text())
        checksums, _ = dict(manifest["files"]), manifest["roles"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise error_with_hint(
            Message(N_("{folder} is no backup of gridmap"), {"folder": folder}), str(error)
        ) from error
    for name, expected in checksums.items():
        file = folder / Path(name).name
        if not file.is_file() or checksum(file) != expected:
            problem = Message(N_("{file} has changed since the backup was made"), {"file": file})
            raise error_with_hint(problem, advice=Message(N_("restore another backup, or another copy of this one")))
    return dict(manifest)


def checksum(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _build_manifest(url: str, folder: Path, created: datetime) -> dict[str, object]:
    has_schema = databases.fetch_rows(url, "SELECT to_regclass('public.alembic_version')")[0][0]
    schema = databases.fetch_rows(url, "SELECT version_num FROM alembic_version")[0][0] if has_schema else None
    return {
        "made": created.isoformat(timespec="seconds"),
        "gridmap": version("gridmap"),
        "schema": schema,
        **databases.describe(url),
        "roles": dict(databases.fetch_rows(url, ROLES_QUERY)),
        "files": dict(_checksums(folder)),
    }


def _checksums(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(folder.iterdir()):
        yield file.name, checksum(file)
