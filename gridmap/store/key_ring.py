"""Keys for what is sealed in the database; they are kept outside it, so that a copy of the database tells nothing.

A ring holds one key, or more while they are being changed. Each key has two halves: one seals and unseals values
(Fernet: AES-128 with a signature), the other makes marks (HMAC-SHA256), by which a value is found again without being
unsealed. What is sealed begins with the id of its key.
"""

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.secret_files import secrets_folder, write_secret_file

KEY_FILE = "keys.json"
KEY_ID_LENGTH = 8
"""Letters of a key's id, and so of the beginning of what it sealed."""


@dataclass(frozen=True)
class EncryptionKey:
    """One key: its id, when it was made, and both halves, never shown."""

    id: str
    made: str
    sealing: str
    marking: str

    def __repr__(self) -> str:
        return f"Key({self.id!r}, made={self.made!r})"

    @classmethod
    def generate(cls) -> "EncryptionKey":
        """A key made at random."""
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(secrets.token_hex(KEY_ID_LENGTH // 2), made, Fernet.generate_key().decode(), secrets.token_hex(32))

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(self.sealing)

    def encrypt(self, text: str) -> bytes:
        """The value, readable with this key only."""
        return self.id.encode() + self._fernet.encrypt(text.encode())

    def decrypt(self, encrypted: bytes) -> str:
        """The value that was sealed with this key."""
        return self._fernet.decrypt(encrypted[KEY_ID_LENGTH:]).decode()

    def blind_index(self, text: str) -> bytes:
        """The same for the same value, and telling nothing without the key."""
        return hmac.digest(bytes.fromhex(self.marking), text.encode(), hashlib.sha256)


@dataclass(frozen=True)
class KeyRing:
    """Keys, the one that seals first."""

    keys: tuple[EncryptionKey, ...]

    def encrypt(self, text: str) -> bytes:
        """A value sealed with the first key."""
        return self.keys[0].encrypt(text)

    def decrypt(self, encrypted: bytes) -> str:
        """A value that was sealed with any key of the ring.

        Raises
        ------
        NotPossible
            If its key is not in the ring, or the value was tampered with.
        """
        name = encrypted[:KEY_ID_LENGTH].decode("ascii", "replace")
        key = next((key for key in self.keys if key.id == name), None)
        if key is None:
            raise _key_error(
                N_("What is sealed needs key {key}, which {file} does not hold. Bring the file back."), name
            )
        try:
            return key.decrypt(encrypted)
        except InvalidToken as error:
            raise _key_error(
                N_("Key {key} of {file} does not open what it should: a wrong file, or damage."), name
            ) from error

    def blind_index(self, text: str) -> bytes:
        """The mark to keep beside a sealed value."""
        return self.keys[0].blind_index(text)

    def blind_indexes(self, text: str) -> list[bytes]:
        """Marks a value may have been kept under: one for each key."""
        return [key.blind_index(text) for key in self.keys]

    def with_new_key(self) -> "KeyRing":
        """A ring whose first key is new."""
        return KeyRing((EncryptionKey.generate(), *self.keys))

    def latest_only(self) -> "KeyRing":
        """A ring of the first key alone."""
        return KeyRing(self.keys[:1])


def key_file_path() -> Path:
    """The file of the ring."""
    return secrets_folder() / KEY_FILE


def load_key_ring() -> KeyRing:
    """The ring of this installation, read anew each time, so that a change of keys needs no restart.

    Raises
    ------
    NotPossible
        If there is no file, it can be read by others, or it holds no keys.
    """
    try:
        if key_file_path().stat().st_mode & 0o077:
            raise _key_error(N_("{file} can be read by others than its owner; its mode should be 600."))
        return KeyRing(
            tuple(_check_key(EncryptionKey(**each)) for each in json.loads(key_file_path().read_text("utf-8"))["keys"])
        )
    except FileNotFoundError as error:
        raise _key_error(
            N_("The keys are missing: {file}. Bring the file back from where its copy is kept.")
        ) from error
    except (ValueError, TypeError, KeyError) as error:
        raise _key_error(N_("{file} holds no keys. Bring the file back from where its copy is kept.")) from error


def create_key_ring() -> KeyRing:
    """A ring with a first key, for a database in which nothing is sealed; one that is there already is kept."""
    draft = _write_draft(KeyRing((EncryptionKey.generate(),)))
    try:
        os.link(draft, key_file_path())
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return load_key_ring()


def save_key_ring(ring: KeyRing) -> None:
    """Put a ring in place of the one that is kept, whole or not at all."""
    _write_draft(ring).replace(key_file_path())
    descriptor = os.open(secrets_folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_draft(ring: KeyRing) -> Path:
    draft = secrets_folder() / f".{KEY_FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    write_secret_file(draft, json.dumps({"keys": [asdict(key) for key in ring.keys]}, indent=1) + "\n")
    return draft


def _check_key(key: EncryptionKey) -> EncryptionKey:
    """The key, if it works."""
    if (
        len(key.id) != KEY_ID_LENGTH
        or key.decrypt(key.encrypt(""))
        or len(key.blind_index("")) != hashlib.sha256().digest_size
    ):
        raise ValueError(key.id)
    return key


def _key_error(template: str, key_id: str = "") -> NotPossible:
    return NotPossible(Message(template, {"file": str(key_file_path()), "key": key_id}))
