"""The one question before an upgrade: whether there is anything to do."""

from gridmap.store import version
from gridmap.store.cluster.databases import asked
from gridmap.store.secrets import kept

MARK = """
    SELECT obj_description(to_regclass('alembic_version'), 'pg_class'), oid FROM pg_database
    WHERE datname = current_database()
"""


def ensure(url: str) -> None:
    """Upgrade a database, unless the last upgrade was this very one.

    An upgrade locks every table for a moment. Beside page traffic nobody should do that for nothing.

    Parameters
    ----------
    url : str
        Of the owner.
    """
    if not done(url):
        from gridmap.store import migrations  # brings Alembic, which most starts can do without

        migrations.upgrade(url)


def done(url: str) -> bool:
    """Whether the last upgrade of a database was that of this version, with this installation's password."""
    [(mark, oid)] = asked(url, MARK)
    return bool(mark == version.mark_of(oid, kept("app-password")))
