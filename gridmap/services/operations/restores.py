"""Restore of a backup: sessions end, the audit goes on, and rights that come back are listed."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from psycopg2.extensions import connection as Connection  # noqa: N812 - the class has a lower-case name
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.postgres import lifecycle, urls
from gridmap.services.accounts.pepper import find_missing_peppers
from gridmap.services.operations.returned_rights import ReturnedRights, find_returned_rights
from gridmap.store import key_ring
from gridmap.store.queries import encrypted_values, rights
from gridmap.store.queries.rights import NO_RIGHTS
from gridmap.store.session import Database
from gridmap.store.writes import restored_database

ACCOUNT_RETURNED, SCOPE_RETURNED, PASSWORD_RETURNED = "account_returned", "scope_returned", "password_returned"


MISSING_KEYS = N_(
    "Encrypted numbers need the keys {keys}, which this installation does not have: copy keys.json from the copy of the"
    " folder secrets that is as old as the backup."
)


@dataclass(frozen=True)
class RestoreReport:
    """Result of a restore.

    Parameters
    ----------
    previous : str
        Name of the replaced database, which is kept until the next restore.
    made : str
        Time of the backup.
    sessions_ended : int
        Sessions of the backup's time, which are closed.
    entries_carried_on : int or None
        Entries of the audit taken over from the replaced database; None if it could not be read.
    returned : ReturnedRights
    secret_faults : sequence of Message
        Sentences about keys of numbers and peppers of passwords that this installation does not have.
    """

    previous: str
    made: str
    sessions_ended: int
    entries_carried_on: int | None
    returned: ReturnedRights
    secret_faults: Sequence[Message] = ()


def restore_database(path: Path, identity_file: Path | None = None) -> RestoreReport:
    """Restore a backup, and upgrade it to this version of gridmap.

    Parameters
    ----------
    path : Path
        File of the backup, or a folder of an earlier version.
    identity_file : Path, optional
        File with the identity that decrypts it.

    Raises
    ------
    InvalidInput
        If the backup is damaged, foreign or encrypted for another key; the database is as it was then.
    """
    from gridmap.store.migrations import upgrade  # imports Alembic

    settlement = _Settlement()
    url = lifecycle.start()
    upgrade_restored = partial(upgrade.upgrade, new_secrets=True, final_name=make_url(url).database)
    previous = lifecycle.restore(path, identity_file, upgrade_restored, settlement.settle)
    database = Database(url, trusted=True)
    with closing(database), database.transaction() as session:
        return RestoreReport(
            previous,
            settlement.made,
            settlement.sessions_ended,
            settlement.entries_carried_on,
            settlement.returned,
            [*find_key_faults(session), *find_missing_peppers(session)],
        )


def find_key_faults(session: Session) -> Sequence[Message]:
    """Return sentences about keys that encrypted numbers need and that this installation does not have."""
    needed = encrypted_values.list_key_ids(session)
    if not needed:
        return ()
    try:
        missing = needed - {key.id for key in key_ring.load_key_ring().keys}
    except NotPossible as error:
        return (error.message,)
    return (Message(MISSING_KEYS, {"keys": ", ".join(sorted(missing))}),) if missing else ()


@dataclass
class _Settlement:
    """Changes to a restored database before it replaces the old one, in one transaction."""

    made: str = ""
    sessions_ended: int = 0
    entries_carried_on: int | None = None
    returned: ReturnedRights = field(default_factory=lambda: find_returned_rights(NO_RIGHTS, NO_RIGHTS))

    def settle(self, old: Connection, restored_url: str, manifest: Mapping[str, Any]) -> None:
        """Take over the audit, end the sessions, and record the restore and the rights that come back."""
        self.made = str(manifest["made"])
        with closing(urls.connect(restored_url)) as restored:
            restored.autocommit = False
            with restored:
                self.entries_carried_on = restored_database.carry_on_audit(old, restored)
                self.sessions_ended = restored_database.end_all_sessions(restored)
                self.returned = find_returned_rights(rights.read_rights(old), rights.read_rights(restored))
                self._record(restored)

    def _record(self, restored: Connection) -> None:
        for name in self.returned.accounts:
            restored_database.record_returned_right(restored, ACCOUNT_RETURNED, name, {})
        for place in self.returned.scopes:
            codes = {key: code for key, code in place._asdict().items() if code and key != "account"}
            restored_database.record_returned_right(restored, SCOPE_RETURNED, place.account, codes)
        for name in self.returned.passwords:
            restored_database.record_returned_right(restored, PASSWORD_RETURNED, name, {})
        details = {
            "backup_made": self.made,
            "sessions_ended": self.sessions_ended,
            "entries_carried_on": self.entries_carried_on,
        }
        restored_database.record_for_all_subdistricts(restored, "restore", details)
