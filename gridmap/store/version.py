"""At which version a database is: its schema, and all the rights and functions that an upgrade writes anew.

Alembic is not asked: web processes look often and never migrate, and most starts find everything as it should be.
"""

import hashlib
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from sqlalchemy import Connection, text

THERE = text("SELECT to_regclass('alembic_version') IS NOT NULL")
NOTED = text("SELECT version_num FROM alembic_version")
SOURCES = ("policies.py", "schema", "sql", "migrations")


def current(connection: Connection) -> bool:
    """Whether a database is at the schema of this version."""
    return bool(connection.scalar(THERE)) and connection.scalar(NOTED) == newest()


def newest() -> str:
    """The newest version that there is: migrations are named by their numbers."""
    folder = files("gridmap.store").joinpath("migrations", "versions")
    return max(path.name.partition("_")[0] for path in folder.iterdir() if path.name[0].isdigit())


def mark_of(oid: int, password: str) -> str:
    """What an upgrade leaves on a database: another one for other files or another password, and none for a copy."""
    digest = hashlib.sha256(f"{oid} {password}".encode())
    for path in _sources(*map(files("gridmap.store").joinpath, SOURCES)):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources(*places: Traversable) -> Iterator[Traversable]:
    for place in sorted(places, key=lambda path: path.name):
        if place.is_dir():
            yield from _sources(*place.iterdir())
        elif place.name.endswith((".py", ".sql")):
            yield place
