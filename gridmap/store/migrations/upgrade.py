"""Upgrade of a database to the schema of this version."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text

from gridmap.store import locks
from gridmap.store.access import policies
from gridmap.store.access.login_passwords import get_login_passwords
from gridmap.store.access.roles import LoginPasswords
from gridmap.store.migrations import fingerprint
from gridmap.store.retry import retry_transaction


def upgrade(url: str, passwords: LoginPasswords | None = None) -> None:
    """Upgrade tables, roles, functions and policies to this version; an upgraded database stays as it is.

    Parameters
    ----------
    url : str
        URL of the owner.
    passwords : LoginPasswords, optional
        Passwords of the application's logins; by default those of this installation.

    Notes
    -----
    An upgrade is one transaction: a failed upgrade leaves the database as it was. It locks every table; a deadlock
    with a running page aborts it, and then it is run again.
    """
    engine = create_engine(url)
    retry_transaction(lambda: _run_upgrade(engine, passwords or get_login_passwords()))
    engine.dispose()


def _run_upgrade(engine: Engine, passwords: LoginPasswords) -> None:
    with engine.begin() as connection:
        locks.lock_upgrade(connection)
        command.upgrade(alembic_config(connection), "head")
        policies.apply_policies(connection, passwords)
        oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        connection.execute(
            text(f"COMMENT ON TABLE alembic_version IS '{fingerprint.upgrade_fingerprint(oid, passwords)}'")
        )


def check_models(connection: Connection) -> None:
    """Raise `alembic.util.CommandError` if tables and models differ."""
    command.check(alembic_config(connection))


def alembic_config(connection: Connection) -> Config:
    """Return the configuration of Alembic for the migrations of this package, on a connection."""
    config = Config()
    config.set_main_option("script_location", "gridmap.store:migrations")
    config.attributes["connection"] = connection
    return config
