"""Bringing a database to the schema of this version, from whichever version it is at."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text

from gridmap.store import policies, version
from gridmap.store.again import again
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
    All in one transaction: a failed upgrade leaves the database as it was. It locks every table, and may get into a
    deadlock with pages that are being answered; then it begins anew.
    """
    engine = create_engine(url)
    again(lambda: _upgraded(engine, password or kept("app-password")))
    engine.dispose()


def _upgraded(engine: Engine, password: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        command.upgrade(_config(connection), "head")
        policies.apply(connection, password)
        oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{version.mark_of(oid, password)}'"))


def check(connection: Connection) -> None:
    """Raise `alembic.util.CommandError` if tables and models differ."""
    command.check(_config(connection))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "gridmap.store:migrations")
    config.attributes["connection"] = connection
    return config
