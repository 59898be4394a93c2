"""Encryption keys in use: loading under a lock, checks, and rotation without losing a value."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER, Caller
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.progress import Progress, ignore_progress
from gridmap.store import key_ring, locks
from gridmap.store.key_ring import KeyRing
from gridmap.store.queries import encrypted_values as encrypted_value_queries
from gridmap.store.queries.encrypted_values import EncryptedValue
from gridmap.store.session import Database
from gridmap.store.writes import encrypted_values as encrypted_value_writes
from gridmap.store.writes.encrypted_values import ReencryptedValue

BATCH_SIZE = 500
"""Residents of a transaction of `rotate_keys`."""
REENCRYPTING = Message(N_("Encrypting with the new key"))


@dataclass(frozen=True)
class KeyCheck:
    """Result of a check of the keys.

    Parameters
    ----------
    key_ids : tuple of str
        Ids of the keys in the ring; the first one encrypts.
    values_by_key : dict of str to int
        Number of encrypted values by the id of their key.
    unreadable : tuple of str
        Values that cannot be decrypted or found by their keyed hash, such as ``resident 12 phone``.
    """

    key_ids: tuple[str, ...]
    values_by_key: dict[str, int]
    unreadable: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Return whether every value can be decrypted and there is at most one key."""
        return not self.unreadable and len(self.key_ids) <= 1


def key_file() -> Path:
    """Return the file of the keys."""
    return key_ring.key_file_path()


def load_key_ring(session: Session) -> KeyRing:
    """Return the keys, which are not replaced before the session's transaction ends.

    Raises
    ------
    NotPossible
        If the key file is missing or invalid; no new one is created here.
    """
    locks.lock_keys_shared(session)
    return key_ring.load_key_ring()


def load_or_create_key_ring(session: Session, caller: Caller) -> KeyRing:
    """Return the keys; create the first one if the database holds no encrypted value.

    Raises
    ------
    NotPossible
        If the key file is missing although the database holds encrypted values, or it is invalid.
    PermissionError
        If the caller is not trusted: only the owner sees every row, and so whether there is an encrypted value.
    """
    if not caller.trusted:
        raise PermissionError("only the owner can tell that the database holds no encrypted value")
    locks.lock_keys_shared(session)
    if key_ring.key_file_path().exists() or encrypted_value_queries.has_encrypted_values(session):
        return key_ring.load_key_ring()
    return key_ring.create_key_ring()


def create_first_key(session: Session) -> None:
    """Create the key ring of an installation without encrypted values: pages encrypt, and create no key.

    Parameters
    ----------
    session : Session
        Of the owner, who sees every value.
    """
    locks.lock_keys_shared(session)
    if not key_ring.key_file_path().exists() and not encrypted_value_queries.has_encrypted_values(session):
        key_ring.create_key_ring()


def check_keys(session: Session, caller: Caller) -> KeyCheck:
    """Decrypt every encrypted value and compare it with its keyed hash.

    Parameters
    ----------
    session : Session
    caller : Caller
        The owner.

    Raises
    ------
    NotPossible
        If the key file is missing although there are encrypted values, or it is invalid.
    """
    ring = load_or_create_key_ring(session, caller)
    values_by_key: Counter[str] = Counter()
    unreadable: list[str] = []
    for value in encrypted_value_queries.iterate_encrypted_values(session):
        values_by_key[_key_id_of(value.encrypted)] += 1
        if not _is_readable(ring, value):
            unreadable.append(f"resident {value.resident_id} {value.field}")
    for name, encrypted in _iterate_other_values(session):
        values_by_key[_key_id_of(encrypted)] += 1
        if not _can_decrypt(ring, encrypted):
            unreadable.append(name)
    return KeyCheck(tuple(key.id for key in ring.keys), dict(values_by_key), tuple(unreadable))


def rotate_keys(database: Database, progress: Progress = ignore_progress) -> int:
    """Replace the encryption key: create a new one, encrypt all values with it, and remove the old one.

    An interrupted rotation leaves both keys in the ring; the next call continues it. Web processes need no restart.

    Parameters
    ----------
    database : Database
        Of the owner.
    progress : Progress
        Receives the number of residents that are done.

    Returns
    -------
    int
        Residents whose values were encrypted anew.

    Raises
    ------
    NotPossible
        If the key file is missing or invalid, or a value cannot be decrypted; both keys are kept then.
    """
    latest_key_id, total = _begin_rotation(database)
    done = 0
    progress(REENCRYPTING, done, total)
    while updated := _reencrypt_batch(database, latest_key_id):
        done += updated
        progress(REENCRYPTING, done, total)
    with database.transaction() as session:
        locks.lock_keys_exclusive(session)
        # a process that loaded the old ring may have written after the last batch
        if encrypted_value_queries.count_residents_with_other_key(session, latest_key_id):
            raise NotPossible(Message(N_("The rotation of keys is not finished; run the command again.")))
        ring = key_ring.load_key_ring()
        for reencrypt in (encrypted_value_writes.reencrypt_secrets, encrypted_value_writes.reencrypt_file_keys):
            reencrypt(session, latest_key_id, lambda encrypted: ring.encrypt(ring.decrypt(encrypted)))
        encrypted_value_writes.reencrypt_journal(session, latest_key_id, _reencryption(ring))
        session.flush()
        key_ring.save_key_ring(ring.latest_only())
    return done


def _begin_rotation(database: Database) -> tuple[str, int]:
    """Return the id of the key to change to, and the number of residents to update."""
    with database.transaction() as session:
        locks.lock_keys_exclusive(session)
        ring = load_or_create_key_ring(session, OWNER)
        if len(ring.keys) == 1:
            ring = ring.with_new_key()
            key_ring.save_key_ring(ring)
        latest_key_id = ring.keys[0].id
        return latest_key_id, encrypted_value_queries.count_residents_with_other_key(session, latest_key_id)


def _reencrypt_batch(database: Database, latest_key_id: str) -> int:
    with database.transaction() as session:
        reencrypt = _reencryption(load_key_ring(session))
        return encrypted_value_writes.reencrypt_batch(session, latest_key_id, BATCH_SIZE, reencrypt)


def _iterate_other_values(session: Session) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the encrypted value of each second factor, and of the key of each stored file."""
    for account_id, secret in encrypted_value_queries.iterate_secrets(session):
        yield f"account {account_id} second factor", secret
    for file_id, file_key in encrypted_value_queries.iterate_file_keys(session):
        yield f"stored file {file_id}", file_key


def _reencryption(ring: KeyRing) -> Callable[[bytes], ReencryptedValue]:
    """Return the function from a stored value to the one encrypted with the first key."""

    def reencrypt(encrypted: bytes) -> ReencryptedValue:
        value = ring.decrypt(encrypted)
        return ReencryptedValue(ring.encrypt(value), ring.blind_index(value))

    return reencrypt


def _key_id_of(encrypted: bytes) -> str:
    return encrypted[: key_ring.KEY_ID_LENGTH].decode("ascii", "replace")


def _can_decrypt(ring: KeyRing, encrypted: bytes) -> bool:
    try:
        ring.decrypt(encrypted)
    except NotPossible:
        return False
    return True


def _is_readable(ring: KeyRing, value: EncryptedValue) -> bool:
    try:
        return value.blind_index in ring.blind_indexes(ring.decrypt(value.encrypted))
    except NotPossible:
        return False
