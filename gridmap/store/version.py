"""At which version the schema of a database is, without Alembic: web processes ask often and never migrate."""

from importlib.resources import files

from sqlalchemy import Connection, text

THERE = text("SELECT to_regclass('alembic_version') IS NOT NULL")
NOTED = text("SELECT version_num FROM alembic_version")


def current(connection: Connection) -> bool:
    """Whether a database is at the schema of this version."""
    return bool(connection.scalar(THERE)) and connection.scalar(NOTED) == newest()


def newest() -> str:
    """The newest version that there is: migrations are named by their numbers."""
    folder = files("gridmap.store").joinpath("migrations", "versions")
    return max(path.name.partition("_")[0] for path in folder.iterdir() if path.name[0].isdigit())
