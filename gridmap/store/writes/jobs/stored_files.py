"""Stored files written, and discarded, through functions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import LargeBinary, cast, func, select
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import FilePurpose


@dataclass(frozen=True)
class NewStoredFile:
    """A file to store.

    Parameters
    ----------
    subdistrict_id : int
    purpose : FilePurpose
    name, media_type : str
    size_bytes : int
    sha256 : bytes
        Of the content, not encrypted.
    key_encrypted : bytes
        Key of this file, encrypted by the key ring.
    lifetime : timedelta
        Time after which it is deleted; 30 days at most.
    """

    subdistrict_id: int
    purpose: FilePurpose
    name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    key_encrypted: bytes
    lifetime: timedelta


def insert_stored_file(session: Session, file: NewStoredFile, chunks: Iterable[bytes]) -> int | None:
    """Store a file of the transaction's account and return its key.

    Parameters
    ----------
    session : Session
    file : NewStoredFile
    chunks : iterable of bytes
        Encrypted parts in order; read only if there is room.

    Returns
    -------
    int or None
        None where the files of the account would have more than a gibibyte.
    """
    call = func.begin_stored_file(
        file.subdistrict_id,
        file.purpose,
        file.name,
        file.media_type,
        file.size_bytes,
        cast(file.sha256, LargeBinary),
        cast(file.key_encrypted, LargeBinary),
        file.lifetime,
    )
    file_id = session.scalar(select(call))
    for number, chunk in enumerate(chunks if file_id is not None else ()):
        session.execute(select(func.add_stored_file_chunk(file_id, number, cast(chunk, LargeBinary))))
    return file_id


def discard_stored_file(session: Session, file_id: int) -> bool:
    """Delete a file of the transaction's account; return whether there was one."""
    return bool(session.scalar(select(func.discard_stored_file(file_id))))
