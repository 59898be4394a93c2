"""Stored files: uploads and results of jobs, encrypted part by part, read by their owner only.

Each file has a key of its own, which the key ring encrypts; `gridmap keys rotate` renews that key and not the content.
A part is at most a mebibyte, so that no file lies in memory as a whole.
"""

import base64
import hashlib
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.vocabulary import FilePurpose
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.store.queries.jobs import stored_files as file_queries
from gridmap.store.queries.jobs.stored_files import StoredFileRow
from gridmap.store.writes.jobs import stored_files as file_writes
from gridmap.store.writes.jobs.stored_files import NewStoredFile

__all__ = ["StoredFileRow"]

CHUNK_BYTES = 2**20
NONCE_BYTES = 12
KEY_BITS = 256
MAX_NAME_LENGTH = 200
UPLOAD_LIFETIME, RESULT_LIFETIME = timedelta(days=7), timedelta(days=30)
"""An upload is needed until its job has ended, and a week for a second try; a result waits as long as its job."""
NO_ROOM = N_("Your files would need more than 1 GiB. Delete results that you do not need any more.")
DAMAGED_FILE = N_("The file {name} was changed in the database and cannot be read.")
NAMELESS_FILE = "file"


class FileContent(NamedTuple):
    """A file to store.

    Parameters
    ----------
    name : str
        Name that the owner sees; folders in it are dropped.
    media_type : str
    stream : binary file
        Read twice, from its start: once to measure, once to encrypt.
    lifetime : timedelta, optional
        Time after which it is deleted, of at most 30 days; by default that of its purpose.
    """

    name: str
    media_type: str
    stream: BinaryIO
    lifetime: timedelta | None = None


def store_file(
    session: Session, caller: Caller, subdistrict_id: int, content: FileContent, purpose: FilePurpose
) -> int:
    """Store a file of the caller's account.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
        One of the caller's.
    content : FileContent
    purpose : FilePurpose
        Uploads are deleted after 7 days, results after 30, where the file names no other time.

    Returns
    -------
    int
        Key of the file, to be given to a job.

    Raises
    ------
    NotPossible
        If the files of the account would need more than a gibibyte, or the encryption keys are missing.
    """
    caller.require_account_id()
    size_bytes, sha256 = _measure(content.stream)
    key = AESGCM.generate_key(KEY_BITS)
    file = NewStoredFile(
        subdistrict_id,
        purpose,
        clean_file_name(content.name),
        content.media_type,
        size_bytes,
        sha256,
        load_key_ring(session).encrypt(base64.b64encode(key).decode()),
        content.lifetime or (UPLOAD_LIFETIME if purpose is FilePurpose.UPLOAD else RESULT_LIFETIME),
    )
    file_id = file_writes.insert_stored_file(session, file, _encrypt(content.stream, AESGCM(key)))
    if file_id is None:
        raise NotPossible(Message(NO_ROOM))
    return file_id


def get_stored_file(session: Session, caller: Caller, file_id: int) -> StoredFileRow:
    """Return a file of the caller's account, without its content.

    Raises
    ------
    NotFound
        If there is none, it has had its time, or another account owns it.
    """
    file = file_queries.find_stored_file(session, caller, file_id)
    if file is None:
        raise NotFound(file_id)
    return file


def iterate_content(session: Session, caller: Caller, file: StoredFileRow) -> Iterator[bytes]:
    """Yield the content of a file in parts.

    Raises
    ------
    NotPossible
        If the content is not the one that was stored, or the encryption keys are missing.
    """
    cipher = AESGCM(base64.b64decode(load_key_ring(session).decrypt(file.key_encrypted)))
    digest = hashlib.sha256()
    for number, part in enumerate(file_queries.iterate_chunks(session, caller, file.id)):
        try:
            content = cipher.decrypt(part[:NONCE_BYTES], part[NONCE_BYTES:], _part_label(number))
        except InvalidTag as error:
            raise NotPossible(Message(DAMAGED_FILE, {"name": file.name})) from error
        digest.update(content)
        yield content
    if digest.digest() != file.sha256:
        raise NotPossible(Message(DAMAGED_FILE, {"name": file.name}))


def copy_content(session: Session, caller: Caller, file: StoredFileRow, target: BinaryIO) -> None:
    """Write the content of a file to an open one.

    Raises
    ------
    NotPossible
        If the content is not the one that was stored; the target is incomplete then.
    """
    target.writelines(iterate_content(session, caller, file))


def discard_file(session: Session, caller: Caller, file_id: int) -> None:
    """Delete a file of the caller's account before its time; a missing one is as good."""
    caller.require_account_id()
    file_writes.discard_stored_file(session, file_id)


def clean_file_name(name: str) -> str:
    r"""Return the last part of a name, printable and not too long; Chinese names stay as they are.

    Examples
    --------
    >>> clean_file_name("..\\..\\网格.xlsx"), clean_file_name("/etc/x\n.csv"), clean_file_name("..")
    ('网格.xlsx', 'x.csv', 'file')
    """
    last = PurePosixPath(PureWindowsPath(name).name).name
    printable = "".join(letter for letter in last if letter.isprintable() and letter not in "/\\")
    shortened = printable.strip(". ") and printable.strip()[-MAX_NAME_LENGTH:]
    return shortened or NAMELESS_FILE


def _measure(stream: BinaryIO) -> tuple[int, bytes]:
    digest, size_bytes = hashlib.sha256(), 0
    for part in _parts(stream):
        digest.update(part)
        size_bytes += len(part)
    return size_bytes, digest.digest()


def _encrypt(stream: BinaryIO, cipher: AESGCM) -> Iterator[bytes]:
    for number, part in enumerate(_parts(stream)):
        nonce = os.urandom(NONCE_BYTES)
        yield nonce + cipher.encrypt(nonce, part, _part_label(number))


def _parts(stream: BinaryIO) -> Iterator[bytes]:
    stream.seek(0)
    while part := stream.read(CHUNK_BYTES):
        yield part


def _part_label(number: int) -> bytes:
    """Return what is authenticated with a part, so that parts cannot be exchanged within a file."""
    return number.to_bytes(4, "big")
