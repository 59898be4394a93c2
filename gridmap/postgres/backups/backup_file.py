"""Backup files: a manifest, a dump and a checksum as one stream, which is encrypted for recipients.

The first line is the manifest as JSON, the last 32 bytes are the SHA-256 of everything before. An encrypted file is the
same stream in the format of age, so that other programs can read it, too (the guide says how).
"""

import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyrage

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.postgres.backups.backup_keys import GET_IDENTITY_ADVICE, Identities, Recipients
from gridmap.postgres.error_hints import error_with_hint
from gridmap.postgres.program_streams import CHUNK_BYTES, Send

FORMAT = "gridmap-backup-1"
AGE_SIGNATURE = b"age-encryption.org/"
CHECKSUM_BYTES = 32
MAX_MANIFEST_BYTES = 2**20
OTHER_COPY_ADVICE = Message(N_("restore another backup, or another copy of this one"))


class _ChunkReader(io.RawIOBase):
    """File that reads the bytes of an iterator, and keeps the error that ended it."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self.chunks, self.rest = chunks, b""
        self.error: BaseException | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            while not self.rest and (chunk := next(self.chunks, None)) is not None:
                self.rest = chunk
        except BaseException as error:
            self.error = error
            raise
        count = min(len(buffer), len(self.rest))
        buffer[:count], self.rest = self.rest[:count], self.rest[count:]
        return count


class _ChunkWriter(io.RawIOBase):
    """File that passes what is written on, and keeps the error of the receiver."""

    def __init__(self, send: Send) -> None:
        self.send = send
        self.error: BaseException | None = None

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        try:
            self.send(bytes(content))
        except BaseException as error:
            self.error = error
            raise
        return len(content)


def write_stream(
    manifest: Mapping[str, object], dump: Iterable[bytes], file: IO[bytes], recipients: Recipients
) -> None:
    """Write a manifest, a dump and their checksum to a file, encrypted unless there are no recipients.

    Raises
    ------
    Exception
        What the iterator of the dump raises; the file is incomplete then.
    """
    chunks = _with_checksum(manifest, dump)
    if not recipients:
        for chunk in chunks:
            file.write(chunk)
        return
    reader = _ChunkReader(chunks)
    try:
        pyrage.encrypt_io(io.BufferedReader(reader, CHUNK_BYTES), file, recipients)
    except Exception:
        if reader.error:
            raise reader.error from None
        raise


def _with_checksum(manifest: Mapping[str, object], dump: Iterable[bytes]) -> Iterator[bytes]:
    header = json.dumps({"format": FORMAT, **manifest}).encode() + b"\n"
    digest = hashlib.sha256(header)
    yield header
    for chunk in dump:
        digest.update(chunk)
        yield chunk
    yield digest.digest()


@dataclass(frozen=True)
class BackupReader:
    """A backup file to read, as often as needed.

    Parameters
    ----------
    file : Path
    identities : sequence of Identity
        Keys; not needed for a file in clear text.
    """

    file: Path
    identities: Identities = ()

    def read(self, send: Send) -> dict[str, Any]:
        """Read the whole file, pass its dump on, and return the manifest.

        The checksum is known at the end only: read the file once before anything is done with the dump.

        Raises
        ------
        InvalidInput
            If the file is no backup, is damaged or cut off, or none of the keys decrypts it.
        """
        try:
            with self.file.open("rb") as stream:
                is_encrypted = stream.read(len(AGE_SIGNATURE)) == AGE_SIGNATURE
                stream.seek(0)
                return self._decrypt(stream, send) if is_encrypted else self._copy(stream, send)
        except OSError as error:
            raise self._foreign(str(error)) from error

    def _copy(self, stream: IO[bytes], send: Send) -> dict[str, Any]:
        parser = _StreamParser(send)
        while chunk := stream.read(CHUNK_BYTES):
            parser.feed(chunk)
            if parser.is_foreign:
                raise self._foreign()
        return self._finish(parser)

    def _decrypt(self, stream: IO[bytes], send: Send) -> dict[str, Any]:
        if not self.identities:
            problem = Message(N_("{file} is encrypted"), {"file": self.file})
            raise error_with_hint(problem, advice=Message(GET_IDENTITY_ADVICE))
        parser = _StreamParser(send)
        writer = _ChunkWriter(parser.feed)
        try:
            pyrage.decrypt_io(stream, writer, self.identities)
        except (pyrage.DecryptError, OSError) as error:
            if writer.error:
                raise writer.error from None
            raise self._decryption_error(str(error)) from error
        return self._finish(parser)

    def _finish(self, parser: "_StreamParser") -> dict[str, Any]:
        if parser.is_foreign or parser.manifest is None:
            raise self._foreign()
        if not parser.is_complete:
            raise self._damaged()
        return parser.manifest

    def _decryption_error(self, reason: str) -> InvalidInput:
        if reason == "No matching keys found":
            problem = Message(N_("{file} is encrypted for another key"), {"file": self.file})
            return error_with_hint(problem, advice=Message(GET_IDENTITY_ADVICE))
        return self._damaged()

    def _damaged(self) -> InvalidInput:
        return error_with_hint(
            Message(N_("{file} is damaged or cut off"), {"file": self.file}), advice=OTHER_COPY_ADVICE
        )

    def _foreign(self, reason: str = "") -> InvalidInput:
        return error_with_hint(Message(N_("{file} is no backup of gridmap"), {"file": self.file}), reason)


class _StreamParser:
    """Parser of a decrypted stream: takes its first line and its checksum out, and passes the dump between them on."""

    def __init__(self, send: Send) -> None:
        self.send, self.digest = send, hashlib.sha256()
        self.pending = b""
        self.manifest: dict[str, Any] | None = None
        self.is_foreign = False

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes; the last ones may be the checksum and wait."""
        if self.is_foreign:
            return
        self.pending += chunk
        if self.manifest is None:
            self._parse_manifest()
        if self.manifest is not None and len(self.pending) > CHECKSUM_BYTES:
            content, self.pending = self.pending[:-CHECKSUM_BYTES], self.pending[-CHECKSUM_BYTES:]
            self.digest.update(content)
            self.send(content)

    @property
    def is_complete(self) -> bool:
        """Return whether the bytes that wait are the checksum of those before."""
        return self.pending == self.digest.digest()

    def _parse_manifest(self) -> None:
        line, newline, rest = self.pending.partition(b"\n")
        if not newline:
            self.is_foreign = len(line) > MAX_MANIFEST_BYTES
            return
        try:
            manifest = json.loads(line)
            self.is_foreign = manifest["format"] != FORMAT or not isinstance(manifest["roles"], dict)
        except (ValueError, KeyError, TypeError):
            self.is_foreign = True
        if not self.is_foreign:
            self.manifest, self.pending = manifest, rest
            self.digest.update(line + newline)
