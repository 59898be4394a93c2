"""Encrypted values, encrypted anew with another key; the journal's earlier values are among them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.store.key_ring import KEY_ID_LENGTH
from gridmap.store.queries.encrypted_values import BYTEA_PREFIX, ENCRYPTED_FIELDS, journaled_numbers, uses_other_key
from gridmap.store.schema import Resident, SecondFactor, StoredFile
from gridmap.store.writes.change_sets import paused_journal


class ReencryptedValue(NamedTuple):
    """A value encrypted with another key, and its keyed hash."""

    encrypted: bytes
    blind_index: bytes


def reencrypt_batch(session: Session, key_id: str, limit: int, reencrypt: Callable[[bytes], ReencryptedValue]) -> int:
    """Encrypt the numbers of some residents anew.

    Parameters
    ----------
    session : Session
        Of the owner.
    key_id : str
        Residents with a value of another key are updated, in the order of their keys.
    limit : int
        Residents to update at most.
    reencrypt : callable
        Function from a stored value to the new one.

    Returns
    -------
    int
        Residents updated; 0 when all values have the key.
    """
    with paused_journal(session):
        return _reencrypt_residents(session, key_id, limit, reencrypt)


def _reencrypt_residents(
    session: Session, key_id: str, limit: int, reencrypt: Callable[[bytes], ReencryptedValue]
) -> int:
    rows = select(Resident).where(uses_other_key(key_id)).order_by(Resident.id).limit(limit).with_for_update()
    residents = session.scalars(rows).all()
    for resident in residents:
        if resident.id_number_encrypted is not None:
            resident.id_number_encrypted, resident.id_number_index = reencrypt(resident.id_number_encrypted)
        if resident.phone_encrypted is not None:
            resident.phone_encrypted, resident.phone_index = reencrypt(resident.phone_encrypted)
    return len(residents)


def reencrypt_journal(session: Session, key_id: str, reencrypt: Callable[[bytes], ReencryptedValue]) -> None:
    """Encrypt the earlier numbers of residents anew that the journal holds with another key than the one with an id."""
    for change in session.scalars(journaled_numbers(key_id).with_for_update()):
        change.before = {**change.before, **_reencrypted_fields(change.before, reencrypt)}


def _reencrypted_fields(before: Mapping[str, object], reencrypt: Callable[[bytes], ReencryptedValue]) -> dict[str, str]:
    """Return the encrypted fields of earlier values, encrypted anew; the index of a number that did not change, too."""
    fields: dict[str, str] = {}
    for name in ENCRYPTED_FIELDS:
        if (stored := before.get(f"{name}_encrypted")) is not None:
            value = reencrypt(bytes.fromhex(str(stored).removeprefix(BYTEA_PREFIX)))
            fields[f"{name}_encrypted"] = BYTEA_PREFIX + value.encrypted.hex()
            fields[f"{name}_index"] = BYTEA_PREFIX + value.blind_index.hex()
    return fields


def reencrypt_secrets(session: Session, key_id: str, reencrypt: Callable[[bytes], bytes]) -> None:
    """Encrypt the secrets of second factors anew that have another key than the one with an id."""
    rows = select(SecondFactor).where(func.substring(SecondFactor.secret, 1, KEY_ID_LENGTH) != key_id.encode())
    for second_factor in session.scalars(rows.order_by(SecondFactor.account_id).with_for_update()):
        second_factor.secret = reencrypt(second_factor.secret)


def reencrypt_file_keys(session: Session, key_id: str, reencrypt: Callable[[bytes], bytes]) -> None:
    """Encrypt the keys of stored files anew that have another key than the one with an id; their contents stay."""
    rows = select(StoredFile).where(func.substring(StoredFile.key_encrypted, 1, KEY_ID_LENGTH) != key_id.encode())
    for file in session.scalars(rows.order_by(StoredFile.id).with_for_update()):
        file.key_encrypted = reencrypt(file.key_encrypted)
