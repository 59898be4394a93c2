"""Upgrades of databases that are not upgraded yet."""

from sqlalchemy import Connection, text

from gridmap.store import installation_secrets
from gridmap.store.migrations import fingerprint
from gridmap.store.session import Database

FINGERPRINT_QUERY = text("""
    SELECT obj_description(to_regclass('alembic_version'), 'pg_class') AS fingerprint, oid FROM pg_database
    WHERE datname = current_database()
""")


def ensure_upgraded(url: str) -> None:
    """Upgrade a database, unless its last upgrade was that of this version.

    An upgrade locks every table for a moment, which should not happen without need while pages are served.

    Parameters
    ----------
    url : str
        URL of the owner.

    Raises
    ------
    NotPossible
        If this host has other secrets than the database; nothing has changed then.
    """
    database = Database(url, trusted=True)
    try:
        with database.engine.connect() as connection:
            upgraded = is_upgraded(connection)
            if upgraded:
                installation_secrets.refuse_other_secrets(connection)
    finally:
        database.close()
    if not upgraded:
        from gridmap.store.migrations import upgrade  # imports Alembic, which most starts do not need

        upgrade.upgrade(url)


def is_upgraded(connection: Connection) -> bool:
    """Return whether the last upgrade of a database was that of this version."""
    row = connection.execute(FINGERPRINT_QUERY).one()
    return bool(row.fingerprint == fingerprint.upgrade_fingerprint(row.oid))
