"""Upgrade of a database to the schema of this version."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, text

from gridmap.store import catalogue_rows, incident_months, installation_secrets, locks, statistical_areas
from gridmap.store.access import policies
from gridmap.store.access.login_passwords import read_login_passwords
from gridmap.store.access.roles import LoginPasswords
from gridmap.store.migrations import fingerprint
from gridmap.store.retry import retry_transaction


def upgrade(
    url: str,
    passwords: LoginPasswords | None = None,
    *,
    new_secrets: bool = False,
    final_name: str | None = None,
) -> None:
    """Upgrade tables, roles, functions and policies to this version; an upgraded database stays as it is.

    Parameters
    ----------
    url : str
        URL of the owner.
    passwords : LoginPasswords, optional
        Passwords of the application's logins; by default those of this installation.
    new_secrets : bool
        Whether the secrets of this host replace those that the database knows, as after a restore on another machine.
    final_name : str, optional
        Name that the database will have, if it is renamed afterwards.

    Raises
    ------
    NotPossible
        If this host has not the secrets of the database; nothing has changed then.

    Notes
    -----
    An upgrade is one transaction: a failed upgrade leaves the database as it was. It locks every table; a deadlock
    with a running page aborts it, and then it is run again.
    """
    engine = create_engine(url)
    retry_transaction(lambda: _run_upgrade(engine, passwords, new_secrets, final_name))
    engine.dispose()


def _run_upgrade(engine: Engine, passwords: LoginPasswords | None, new_secrets: bool, final_name: str | None) -> None:
    with engine.begin() as connection:
        locks.lock_upgrade(connection)
        if new_secrets:
            installation_secrets.create_secrets()
        else:
            installation_secrets.prepare_secrets(connection)
        command.upgrade(alembic_config(connection), "head")
        policies.apply_policies(connection, passwords or read_login_passwords(), final_name)
        installation_secrets.record_secrets(connection)
        statistical_areas.create_missing_areas(connection)
        catalogue_rows.add_missing_categories(connection)
        catalogue_rows.add_missing_groups(connection)
        incident_months.pack_changed(connection)
        oid = connection.scalar(text("SELECT oid FROM pg_database WHERE datname = current_database()"))
        connection.execute(text(f"COMMENT ON TABLE alembic_version IS '{fingerprint.upgrade_fingerprint(oid)}'"))


def check_models(connection: Connection) -> None:
    """Raise `alembic.util.CommandError` if tables and models differ."""
    command.check(alembic_config(connection))


def alembic_config(connection: Connection) -> Config:
    """Return the configuration of Alembic for the migrations of this package, on a connection."""
    config = Config()
    config.set_main_option("script_location", "gridmap.store:migrations")
    config.attributes["connection"] = connection
    return config
