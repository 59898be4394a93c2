"""Keys in use: taken under a lock that a change of keys waits for, checked, and changed without losing a value."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER, Caller
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.progress import Progress, ignore_progress
from gridmap.store import key_ring
from gridmap.store.key_ring import KeyRing
from gridmap.store.schema import Resident
from gridmap.store.session import Database

KEYS_LOCK_ID = 726_437_006
"""Number of the advisory lock: shared by whoever uses keys, alone for who changes which there are."""
BATCH_SIZE = 500
REENCRYPTING = Message(N_("Sealing anew"))
ENCRYPTED_COLUMNS = {
    "id_number": (Resident.id_number_sealed, Resident.id_number_mark),
    "phone": (Resident.phone_sealed, Resident.phone_mark),
}


@dataclass(frozen=True)
class KeyCheck:
    """What a check of the keys found.

    Parameters
    ----------
    key_ids : tuple of str
        Ids in the ring, the one that seals first.
    values_by_key : dict of str to int
        How many sealed values need which key.
    unreadable : tuple of str
        What cannot be opened or found again: ``resident 12 phone``.
    """

    key_ids: tuple[str, ...]
    values_by_key: dict[str, int]
    unreadable: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether everything sealed opens, with one key."""
        return not self.unreadable and len(self.key_ids) <= 1


def load_key_ring(session: Session) -> KeyRing:
    """The keys, which stay valid until the session's transaction ends.

    Raises
    ------
    NotPossible
        If their file is missing or wrong; a new one is never made here.
    """
    session.execute(select(func.pg_advisory_xact_lock_shared(KEYS_LOCK_ID)))
    return key_ring.load_key_ring()


def load_or_create_key_ring(session: Session, caller: Caller) -> KeyRing:
    """The keys, made now if nothing was ever sealed: for the owner's commands, which see all rows.

    Raises
    ------
    NotPossible
        If the file is missing although the database holds what was sealed with it, or it is wrong.
    """
    if not caller.trusted:
        raise PermissionError("who does not see every row cannot know that nothing is sealed")
    session.execute(select(func.pg_advisory_xact_lock_shared(KEYS_LOCK_ID)))
    if key_ring.key_file_path().exists() or session.scalar(select(exists().where(_has_encrypted_value()))):
        return key_ring.load_key_ring()
    return key_ring.create_key_ring()


def check_keys(session: Session, caller: Caller) -> KeyCheck:
    """Open every sealed value and compare it with its mark; as the owner.

    Raises
    ------
    NotPossible
        If there is something sealed and no key file, or the file is wrong.
    """
    held = load_or_create_key_ring(session, caller)
    values: Counter[str] = Counter()
    wrong: list[str] = []
    for row in session.execute(
        _encrypted_values_query().where(_has_encrypted_value()).execution_options(yield_per=BATCH_SIZE)
    ):
        for field, sealed, mark in _encrypted_fields(row):
            values[_key_id_of(sealed)] += 1
            if not _can_decrypt(held, sealed, mark):
                wrong.append(f"resident {row.id} {field}")
    return KeyCheck(tuple(key.id for key in held.keys), dict(values), tuple(wrong))


def rotate_keys(database: Database, progress: Progress = ignore_progress) -> int:
    """Change the key: a new one is made, everything is sealed anew with it, the old one is dropped.

    An interrupted change leaves both keys in the ring and is taken up where it stopped. Web processes need no restart.

    Parameters
    ----------
    database : Database
        As the owner.
    progress : Progress
        Told how many residents are done.

    Returns
    -------
    int
        Residents whose values were sealed anew.

    Raises
    ------
    NotPossible
        If the key file is missing or wrong, or a value does not open; both keys are kept then.
    """
    newest, total = _begin_rotation(database)
    done = 0
    progress(REENCRYPTING, done, total)
    while more := _reencrypt_batch(database, newest):
        done += more
        progress(REENCRYPTING, done, total)
    with database.transaction() as session:
        _lock_exclusively(session)
        if _count_stale(session, newest):  # written by somebody who had the old ring in hand
            raise NotPossible(Message(N_("The change of keys is not finished; give the command again.")))
        key_ring.save_key_ring(key_ring.load_key_ring().latest_only())
    return done


def _begin_rotation(database: Database) -> tuple[str, int]:
    """Id of the key to change to, and how many residents wait for it."""
    with database.transaction() as session:
        _lock_exclusively(session)
        held = load_or_create_key_ring(session, OWNER)
        if len(held.keys) == 1:
            held = held.with_new_key()
            key_ring.save_key_ring(held)
        return held.keys[0].id, _count_stale(session, held.keys[0].id)


def _reencrypt_batch(database: Database, latest_key_id: str) -> int:
    with database.transaction() as session:
        held = load_key_ring(session)
        rows = session.scalars(
            select(Resident)
            .where(_uses_other_key(latest_key_id))
            .order_by(Resident.id)
            .limit(BATCH_SIZE)
            .with_for_update()
        ).all()
        for row in rows:
            _reencrypt(held, row)
        return len(rows)


def _reencrypt(key_ring: KeyRing, row: Resident) -> None:
    for field in ENCRYPTED_COLUMNS:
        sealed = getattr(row, f"{field}_sealed")
        if sealed is not None:
            value = key_ring.decrypt(sealed)
            setattr(row, f"{field}_sealed", key_ring.encrypt(value))
            setattr(row, f"{field}_mark", key_ring.blind_index(value))


def _lock_exclusively(session: Session) -> None:
    session.execute(select(func.pg_advisory_xact_lock(KEYS_LOCK_ID)))


def _count_stale(session: Session, latest_key_id: str) -> int:
    return session.scalar(select(func.count()).select_from(Resident).where(_uses_other_key(latest_key_id))) or 0


def _uses_other_key(latest_key_id: str) -> Any:
    return or_(
        *(
            func.substring(sealed, 1, key_ring.KEY_ID_LENGTH) != latest_key_id.encode()
            for sealed, _ in ENCRYPTED_COLUMNS.values()
        )
    )


def _has_encrypted_value() -> Any:
    return or_(*(sealed.is_not(None) for sealed, _ in ENCRYPTED_COLUMNS.values()))


def _encrypted_values_query() -> Any:
    return select(Resident.id, *(column for pair in ENCRYPTED_COLUMNS.values() for column in pair))


def _encrypted_fields(row: Any) -> list[tuple[str, bytes, bytes]]:
    found = ((field, getattr(row, f"{field}_sealed"), getattr(row, f"{field}_mark")) for field in ENCRYPTED_COLUMNS)
    return [(field, sealed, mark) for field, sealed, mark in found if sealed is not None]


def _key_id_of(encrypted: bytes) -> str:
    return encrypted[: key_ring.KEY_ID_LENGTH].decode("ascii", "replace")


def _can_decrypt(key_ring: KeyRing, encrypted: bytes, blind_index: bytes) -> bool:
    try:
        return blind_index in key_ring.blind_indexes(key_ring.decrypt(encrypted))
    except NotPossible:
        return False
