"""Bringing a database to the schema of this version, from whichever version it is at."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from gridmap.store import policies
from gridmap.store.secrets import kept

ONE_AT_A_TIME = 726_437_005
"""Number of the advisory lock that two upgrades of one database contend for."""


def upgrade(url: str, password: str | None = None) -> None:
    """Bring tables, roles, functions and policies to this version; nothing happens where they are.

    Parameters
    ----------
    url : str
        Of the owner.
    password : str, optional
        Of the application's login; else the one that this installation keeps.

    Notes
    -----
    All in one transaction: a failed upgrade leaves the database as it was.
    """
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        command.upgrade(_config(connection), "head")
        policies.apply(connection, password or kept("app-password"))
    engine.dispose()


def check(connection: Connection) -> None:
    """Raise `alembic.util.CommandError` if tables and models differ."""
    command.check(_config(connection))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "gridmap.store:migrations")
    config.attributes["connection"] = connection
    return config
