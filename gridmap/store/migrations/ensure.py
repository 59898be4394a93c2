"""The one question before an upgrade: whether there is anything to do."""

from gridmap.secret_files import get_or_create
from gridmap.store.migrations import fingerprint
from gridmap.store.session import Database

FINGERPRINT_QUERY = """
    SELECT obj_description(to_regclass('alembic_version'), 'pg_class') AS fingerprint, oid FROM pg_database
    WHERE datname = current_database()
"""


def ensure_upgraded(url: str) -> None:
    """Upgrade a database, unless the last upgrade was this very one.

    An upgrade locks every table for a moment. Beside page traffic nobody should do that for nothing.

    Parameters
    ----------
    url : str
        Of the owner.
    """
    if not is_upgraded(url):
        from gridmap.store.migrations import upgrade  # brings Alembic, which most starts can do without

        upgrade.upgrade(url)


def is_upgraded(url: str) -> bool:
    """Whether the last upgrade of a database was that of this version, with this installation's password."""
    database = Database(url, trusted=True)
    try:
        found = database.fetch_one(FINGERPRINT_QUERY, {})
    finally:
        database.close()
    assert found is not None, "every server lists the database it is asked in"
    return bool(found["fingerprint"] == fingerprint.upgrade_fingerprint(found["oid"], get_or_create("app-password")))
