"""Keys in use: taken under a lock that a change of keys waits for, checked, and changed without losing a value."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message, Unable
from gridmap.core.progress import Progress, silent
from gridmap.store import keys
from gridmap.store.keys import Ring
from gridmap.store.schema import Resident
from gridmap.store.session import TRUSTED, Database

LOCK = 726_437_006
"""Number of the advisory lock: shared by whoever uses keys, alone for who changes which there are."""
BATCH = 500
SEALING = Message(N_("Sealing anew"))
SEALED = {
    "id_number": (Resident.id_number_sealed, Resident.id_number_mark),
    "phone": (Resident.phone_sealed, Resident.phone_mark),
}


@dataclass(frozen=True)
class State:
    """What a check of the keys found.

    Parameters
    ----------
    keys : tuple of str
        Ids in the ring, the one that seals first.
    values : dict of str to int
        How many sealed values need which key.
    wrong : tuple of str
        What cannot be opened or found again: ``resident 12 phone``.
    """

    keys: tuple[str, ...]
    values: dict[str, int]
    wrong: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether everything sealed opens, with one key."""
        return not self.wrong and len(self.keys) <= 1


def ring(session: Session) -> Ring:
    """The keys, which stay valid until the session's transaction ends.

    Raises
    ------
    Unable
        If their file is missing or wrong; a new one is never made here.
    """
    session.execute(select(func.pg_advisory_xact_lock_shared(LOCK)))
    return keys.load()


def ring_or_new(session: Session) -> Ring:
    """The keys, made now if nothing was ever sealed: for the owner's commands, which see all rows.

    Raises
    ------
    Unable
        If the file is missing although the database holds what was sealed with it, or it is wrong.
    """
    if not session.info.get(TRUSTED):
        raise PermissionError("who does not see every row cannot know that nothing is sealed")
    session.execute(select(func.pg_advisory_xact_lock_shared(LOCK)))
    if keys.path().exists() or session.scalar(select(exists().where(_any_sealed()))):
        return keys.load()
    return keys.make()


def check(session: Session) -> State:
    """Open every sealed value and compare it with its mark; as the owner.

    Raises
    ------
    Unable
        If there is something sealed and no key file, or the file is wrong.
    """
    held = ring_or_new(session)
    values: Counter[str] = Counter()
    wrong: list[str] = []
    for row in session.execute(_columns().where(_any_sealed()).execution_options(yield_per=BATCH)):
        for field, sealed, mark in _pairs(row):
            values[_key_of(sealed)] += 1
            if not _opens(held, sealed, mark):
                wrong.append(f"resident {row.id} {field}")
    return State(tuple(key.id for key in held.keys), dict(values), tuple(wrong))


def rotate(database: Database, progress: Progress = silent) -> int:
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
    Unable
        If the key file is missing or wrong, or a value does not open; both keys are kept then.
    """
    newest, total = _begun(database)
    done = 0
    progress(SEALING, done, total)
    while more := _batch(database, newest):
        done += more
        progress(SEALING, done, total)
    with database.transaction() as session:
        _alone(session)
        if _stale(session, newest):  # written by somebody who had the old ring in hand
            raise Unable(Message(N_("The change of keys is not finished; give the command again.")))
        keys.save(keys.load().newest())
    return done


def _begun(database: Database) -> tuple[str, int]:
    """Id of the key to change to, and how many residents wait for it."""
    with database.transaction() as session:
        _alone(session)
        held = ring_or_new(session)
        if len(held.keys) == 1:
            held = held.with_new()
            keys.save(held)
        return held.keys[0].id, _stale(session, held.keys[0].id)


def _batch(database: Database, newest: str) -> int:
    with database.transaction() as session:
        held = ring(session)
        rows = session.scalars(
            select(Resident).where(_needs_other_than(newest)).order_by(Resident.id).limit(BATCH).with_for_update()
        ).all()
        for row in rows:
            _seal_anew(held, row)
        return len(rows)


def _seal_anew(held: Ring, row: Resident) -> None:
    for field in SEALED:
        sealed = getattr(row, f"{field}_sealed")
        if sealed is not None:
            value = held.unseal(sealed)
            setattr(row, f"{field}_sealed", held.seal(value))
            setattr(row, f"{field}_mark", held.mark(value))


def _alone(session: Session) -> None:
    session.execute(select(func.pg_advisory_xact_lock(LOCK)))


def _stale(session: Session, newest: str) -> int:
    return session.scalar(select(func.count()).select_from(Resident).where(_needs_other_than(newest))) or 0


def _needs_other_than(newest: str) -> Any:
    return or_(*(func.substring(sealed, 1, keys.ID) != newest.encode() for sealed, _ in SEALED.values()))


def _any_sealed() -> Any:
    return or_(*(sealed.is_not(None) for sealed, _ in SEALED.values()))


def _columns() -> Any:
    return select(Resident.id, *(column for pair in SEALED.values() for column in pair))


def _pairs(row: Any) -> list[tuple[str, bytes, bytes]]:
    found = ((field, getattr(row, f"{field}_sealed"), getattr(row, f"{field}_mark")) for field in SEALED)
    return [(field, sealed, mark) for field, sealed, mark in found if sealed is not None]


def _key_of(sealed: bytes) -> str:
    return sealed[: keys.ID].decode("ascii", "replace")


def _opens(held: Ring, sealed: bytes, mark: bytes) -> bool:
    try:
        return mark in held.marks(held.unseal(sealed))
    except Unable:
        return False
