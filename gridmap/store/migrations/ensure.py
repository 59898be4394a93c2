"""Upgrades of databases that are not upgraded yet."""

from gridmap.store.access.login_passwords import get_login_passwords
from gridmap.store.migrations import fingerprint
from gridmap.store.session import Database

FINGERPRINT_QUERY = """
    SELECT obj_description(to_regclass('alembic_version'), 'pg_class') AS fingerprint, oid FROM pg_database
    WHERE datname = current_database()
"""


def ensure_upgraded(url: str) -> None:
    """Upgrade a database, unless its last upgrade was that of this version.

    An upgrade locks every table for a moment, which should not happen without need while pages are served.

    Parameters
    ----------
    url : str
        URL of the owner.
    """
    if not is_upgraded(url):
        from gridmap.store.migrations import upgrade  # imports Alembic, which most starts do not need

        upgrade.upgrade(url)


def is_upgraded(url: str) -> bool:
    """Return whether the last upgrade of a database was that of this version, with this installation's password."""
    database = Database(url, trusted=True)
    try:
        row = database.fetch_one(FINGERPRINT_QUERY, {})
    finally:
        database.close()
    assert row is not None, "a server lists the database of the connection"
    return bool(row["fingerprint"] == fingerprint.upgrade_fingerprint(row["oid"], get_login_passwords()))
