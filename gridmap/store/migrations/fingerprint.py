"""At which version a database is: its schema, and all the rights and functions that an upgrade writes anew.

Alembic is not asked: web processes look often and never migrate, and most starts find everything as it should be.
"""

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from sqlalchemy import Connection, text

HAS_VERSION_TABLE = text("SELECT to_regclass('alembic_version') IS NOT NULL")
STORED_VERSION = text("SELECT version_num FROM alembic_version")
FINGERPRINT_SOURCES = ("access", "schema", "sql", "migrations")


def is_current(connection: Connection) -> bool:
    """Whether a database is at the schema of this version."""
    return bool(connection.scalar(HAS_VERSION_TABLE)) and connection.scalar(STORED_VERSION) == latest_version()


def latest_version() -> str:
    """The newest version that there is: migrations are named by their numbers."""
    folder = files("gridmap.store").joinpath("migrations", "versions")
    return max(path.name.partition("_")[0] for path in folder.iterdir() if path.name[0].isdigit())


def upgrade_fingerprint(oid: int, password: str) -> str:
    """What an upgrade leaves on a database: another one for other files or another password, and none for a copy."""
    digest = hashlib.sha256(f"{oid} {password}".encode())
    for path in _source_files(*map(files("gridmap.store").joinpath, FINGERPRINT_SOURCES)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _source_files(*paths: Traversable) -> Iterator[Traversable]:
    for place in sorted(paths, key=lambda path: path.name):
        if place.is_dir():
            yield from _source_files(*place.iterdir())
        elif place.name.endswith((".py", ".sql")):
            yield place
