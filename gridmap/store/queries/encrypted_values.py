"""Encrypted values, for the owner's commands that check and change keys: numbers, second factors, keys of files."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from gridmap.store.key_ring import KEY_ID_LENGTH
from gridmap.store.schema import RecordChange, Resident, SecondFactor, StoredFile

FETCH_ROWS = 500
"""Rows that a stream holds in memory at a time."""
ENCRYPTED_FIELDS = "id_number", "phone"
"""Fields of residents with a column of encrypted values and one of keyed hashes."""
BYTEA_PREFIX = r"\x"
"""Beginning of bytes in the journal's JSON, before their hexadecimal digits."""


@dataclass(frozen=True)
class EncryptedValue:
    """An encrypted number of a resident.

    Parameters
    ----------
    resident_id : int
    field : str
        ``id_number`` or ``phone``.
    encrypted : bytes
        Begins with the id of its key.
    blind_index : bytes
        Keyed hash by which the number is found.
    """

    resident_id: int
    field: str
    encrypted: bytes
    blind_index: bytes


def has_encrypted_values(session: Session) -> bool:
    """Return whether the database holds an encrypted value."""
    rows = select(Resident.id).where(
        or_(Resident.id_number_encrypted.is_not(None), Resident.phone_encrypted.is_not(None))
    )
    others = select(SecondFactor.account_id), select(StoredFile.id)
    return any(session.scalar(each.limit(1)) is not None for each in (rows, *others))


def list_key_ids(session: Session) -> set[str]:
    """Return the ids of the keys that the encrypted values need, those of the journal included."""
    key_ids = (
        select(func.substring(column, 1, KEY_ID_LENGTH)).where(column.is_not(None)).distinct()
        for column in (
            Resident.id_number_encrypted,
            Resident.phone_encrypted,
            SecondFactor.secret,
            StoredFile.key_encrypted,
        )
    )
    present = {bytes(key_id).decode("ascii", "replace") for rows in key_ids for key_id in session.scalars(rows)}
    return present | _journaled_key_ids(session)


def _journaled_key_ids(session: Session) -> set[str]:
    """Return the ids of the keys of the journal's earlier numbers of residents."""
    length = len(BYTEA_PREFIX) + 2 * KEY_ID_LENGTH
    key_ids = (
        select(func.left(RecordChange.before[f"{name}_encrypted"].astext, length))
        .where(RecordChange.table_name == Resident.__tablename__, RecordChange.before.is_not(None))
        .distinct()
        for name in ENCRYPTED_FIELDS
    )
    found = {str(key_id) for rows in key_ids for key_id in session.scalars(rows) if key_id is not None}
    return {bytes.fromhex(digits.removeprefix(BYTEA_PREFIX)).decode("ascii", "replace") for digits in found}


def iterate_encrypted_values(session: Session) -> Iterator[EncryptedValue]:
    """Yield every encrypted number; the iterator must be consumed before the transaction ends."""
    rows = select(
        Resident.id,
        Resident.id_number_encrypted,
        Resident.id_number_index,
        Resident.phone_encrypted,
        Resident.phone_index,
    ).where(or_(Resident.id_number_encrypted.is_not(None), Resident.phone_encrypted.is_not(None)))
    for row in session.execute(rows.execution_options(yield_per=FETCH_ROWS)):
        resident_id, id_number, id_number_index, phone, phone_index = row
        if id_number is not None and id_number_index is not None:
            yield EncryptedValue(resident_id, "id_number", id_number, id_number_index)
        if phone is not None and phone_index is not None:
            yield EncryptedValue(resident_id, "phone", phone, phone_index)


def iterate_secrets(session: Session) -> Iterator[tuple[int, bytes]]:
    """Yield the account and the encrypted secret of every second factor."""
    for row in session.execute(select(SecondFactor.account_id, SecondFactor.secret)):
        yield row.account_id, row.secret


def iterate_file_keys(session: Session) -> Iterator[tuple[int, bytes]]:
    """Yield the key of every stored file and its encrypted key."""
    for row in session.execute(select(StoredFile.id, StoredFile.key_encrypted)):
        yield row.id, row.key_encrypted


def count_residents_with_other_key(session: Session, key_id: str) -> int:
    """Return the number of residents with a value that is encrypted with another key."""
    return session.scalar(select(func.count()).select_from(Resident).where(uses_other_key(key_id))) or 0


def uses_other_key(key_id: str) -> ColumnElement[bool]:
    """Return the condition for residents with a value that is encrypted with another key."""
    return or_(
        *(
            func.substring(column, 1, KEY_ID_LENGTH) != key_id.encode()
            for column in (Resident.id_number_encrypted, Resident.phone_encrypted)
        )
    )


def journaled_numbers(key_id: str) -> Select[RecordChange]:
    """Select the journal's earlier numbers of residents that are encrypted with another key, in the order of keys."""
    encrypted = (RecordChange.before[f"{name}_encrypted"].astext for name in ENCRYPTED_FIELDS)
    prefix = BYTEA_PREFIX + key_id.encode().hex()
    return (
        select(RecordChange)
        .where(RecordChange.table_name == Resident.__tablename__, RecordChange.before.is_not(None))
        .where(or_(*(func.left(column, len(prefix)) != prefix for column in encrypted)))
        .order_by(RecordChange.id)
    )
