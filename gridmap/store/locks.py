"""Advisory locks of the database, all keys in one module; each lock ends with its transaction.

Functions in ``sql/`` take locks themselves: ``next_incident_number`` has the key ``hashtext('incident')``,
``publish_closed_counts`` ``hashtext('published')`` and ``pack_incident_months`` ``hashtext('packed')``, each with the
subdistrict; ``share_land`` has ``hashtext('land')`` with the subdistrict, shared by those who link a place to a cell,
and `lock_land` takes the same alone; ``reveal_limit`` has ``hashtext('reveal')``, and ``submit_job`` and
``begin_stored_file`` have ``hashtext('job')``, with the account. Keys do not change between versions: processes of two
versions may run at the same time.
"""

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

LOCK_SQL = text("SELECT pg_advisory_xact_lock(hashtext(:name), :key)")
DEMO_LOCK_SQL = text("SELECT pg_advisory_xact_lock(hashtext('demo'))")
LAND_LOCK_SQL = text("SELECT pg_advisory_xact_lock(hashtext('land'), (:key % 2147483647)::integer)")
LAND_SHARE_SQL = text("SELECT pg_advisory_xact_lock_shared(hashtext('land'), (:key % 2147483647)::integer)")
KEY_RANGE = 2**31
"""The second part of a key has 32 bits; two rows that share a lock only wait for each other."""
UPGRADE_LOCK, ENCRYPTION_KEYS_LOCK, BACKUP_LOCK = 726_437_005, 726_437_006, 726_437_007


def lock_upgrade(connection: Connection) -> None:
    """Wait until no other transaction upgrades the database."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})


def lock_adoptions(session: Session, community_id: int) -> None:
    """Wait until no other transaction adopts a revision of a community."""
    _lock(session, "adoption", community_id)


def lock_roster(session: Session, community_id: int) -> None:
    """Wait until no other transaction changes the roster of a community."""
    _lock(session, "roster", community_id)


def lock_household(session: Session, household_id: int) -> None:
    """Wait until no other transaction changes a household or its members by hand."""
    _lock(session, "household", household_id)


def lock_places(session: Session, community_id: int) -> None:
    """Wait until no other transaction changes facilities, organisations or shops of a community by hand."""
    _lock(session, "places", community_id)


def lock_revisions(session: Session, community_id: int) -> None:
    """Wait until no other transaction saves a revision of a community."""
    _lock(session, "planning", community_id)


def lock_land(session: Session, subdistrict_id: int) -> None:
    """Wait until no other transaction builds land of a subdistrict, or links a place to its cells."""
    session.execute(LAND_LOCK_SQL, {"key": subdistrict_id})


def share_land(session: Session, subdistrict_id: int) -> None:
    """Keep the land of a subdistrict from being built while a place is linked to one of its cells."""
    session.execute(LAND_SHARE_SQL, {"key": subdistrict_id})


def lock_norms(session: Session, subdistrict_id: int) -> None:
    """Wait until no other transaction changes the norms of a subdistrict."""
    _lock(session, "norm", subdistrict_id)


def lock_plan(session: Session, plan_id: int) -> None:
    """Wait until no other transaction numbers a revision of a plan."""
    _lock(session, "plan", plan_id)


def lock_tracing(session: Session, subdistrict_id: int) -> None:
    """Wait until no other transaction saves the draft of a subdistrict's first day, or builds its land."""
    _lock(session, "tracing", subdistrict_id)


def lock_imports(session: Session, subdistrict_id: int) -> None:
    """Wait until no other transaction imports a sheet into a subdistrict."""
    _lock(session, "import", subdistrict_id)


def lock_demo(session: Session) -> None:
    """Wait until no other process loads a demo subdistrict."""
    session.execute(DEMO_LOCK_SQL)


def lock_keys_shared(session: Session) -> None:
    """Wait until no other transaction replaces the encryption keys; others may hold this lock, too."""
    session.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": ENCRYPTION_KEYS_LOCK})


def lock_keys_exclusive(session: Session) -> None:
    """Wait until no other transaction reads or replaces the encryption keys."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ENCRYPTION_KEYS_LOCK})


def try_backup_lock(session: Session) -> bool:
    """Take the lock of scheduled backups; return whether no other host makes one."""
    return bool(session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": BACKUP_LOCK}))


def _lock(session: Session, name: str, key: int) -> None:
    session.execute(LOCK_SQL, {"name": name, "key": key % KEY_RANGE})
