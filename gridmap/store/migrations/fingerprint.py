"""Version of a database: its schema, and the functions and policies that every upgrade replaces.

This module does without Alembic: web processes check the version often and never migrate, and most starts find the
database upgraded.
"""

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from sqlalchemy import Connection, text

from gridmap import config

HAS_VERSION_TABLE = text("SELECT to_regclass('alembic_version') IS NOT NULL")
STORED_VERSION = text("SELECT version_num FROM alembic_version")
FINGERPRINT_SOURCES = ("access", "schema", "sql", "migrations")


def is_current(connection: Connection) -> bool:
    """Return whether a database has the schema of this version."""
    return bool(connection.scalar(HAS_VERSION_TABLE)) and connection.scalar(STORED_VERSION) == latest_version()


def latest_version() -> str:
    """Return the number of the latest migration, with which its file name begins."""
    folder = files("gridmap.store").joinpath("migrations", "versions")
    return max(path.name.partition("_")[0] for path in folder.iterdir() if path.name[0].isdigit())


def upgrade_fingerprint(oid: int) -> str:
    """Return the fingerprint that an upgrade leaves on a database; a copy has another oid, and so another one."""
    digest = hashlib.sha256(f"{oid} {config.role_prefix()}".encode())
    for path in schema_files():
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def schema_files() -> Iterator[Traversable]:
    """Yield the files that define the schema, its functions and its policies."""
    return _source_files(*map(files("gridmap.store").joinpath, FINGERPRINT_SOURCES))


def _source_files(*paths: Traversable) -> Iterator[Traversable]:
    for path in sorted(paths, key=lambda path: path.name):
        if path.is_dir():
            yield from _source_files(*path.iterdir())
        elif path.name.endswith((".py", ".sql")):
            yield path
