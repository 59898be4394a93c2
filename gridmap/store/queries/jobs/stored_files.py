"""Stored files of an account, and their parts."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import FilePurpose
from gridmap.store.access import row_filter
from gridmap.store.schema import StoredFile, StoredFileChunk


class StoredFileRow(NamedTuple):
    """A stored file, without its content."""

    id: int
    purpose: FilePurpose
    name: str
    media_type: str
    size_bytes: int
    sha256: bytes
    key_encrypted: bytes
    expires_at: datetime


def find_stored_file(session: Session, caller: Caller, file_id: int) -> StoredFileRow | None:
    """Return a file of the caller's account."""
    file = StoredFile
    columns = file.id, file.purpose, file.name, file.media_type, file.size_bytes, file.sha256, file.key_encrypted
    rows = select(*columns, file.expires_at).where(file.id == file_id, row_filter.visible(caller, file))
    row = session.execute(rows).one_or_none()
    return StoredFileRow(row.id, FilePurpose(row.purpose), *row[2:]) if row else None


def iterate_chunks(session: Session, caller: Caller, file_id: int) -> Iterator[bytes]:
    """Yield the encrypted parts of a file in order, one at a time in memory."""
    chunk = StoredFileChunk
    rows = select(chunk.number).where(chunk.stored_file_id == file_id, row_filter.visible(caller, chunk))
    for number in session.scalars(rows.order_by(chunk.number)).all():
        part = select(chunk.content).where(chunk.stored_file_id == file_id, chunk.number == number)
        yield bytes(session.scalars(part.where(row_filter.visible(caller, chunk))).one())
