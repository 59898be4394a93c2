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

from gridmap.core.errors import N_, Message, Unable
from gridmap.store.secrets import folder, write

FILE = "keys.json"
ID = 8
"""Letters of a key's id, and so of the beginning of what it sealed."""


@dataclass(frozen=True)
class Key:
    """One key: its id, when it was made, and both halves, never shown."""

    id: str
    made: str
    sealing: str
    marking: str

    def __repr__(self) -> str:
        return f"Key({self.id!r}, made={self.made!r})"

    @classmethod
    def new(cls) -> "Key":
        """A key made at random."""
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return cls(secrets.token_hex(ID // 2), made, Fernet.generate_key().decode(), secrets.token_hex(32))

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(self.sealing)

    def seal(self, text: str) -> bytes:
        """The value, readable with this key only."""
        return self.id.encode() + self._fernet.encrypt(text.encode())

    def unseal(self, sealed: bytes) -> str:
        """The value that was sealed with this key."""
        return self._fernet.decrypt(sealed[ID:]).decode()

    def mark(self, text: str) -> bytes:
        """The same for the same value, and telling nothing without the key."""
        return hmac.digest(bytes.fromhex(self.marking), text.encode(), hashlib.sha256)


@dataclass(frozen=True)
class Ring:
    """Keys, the one that seals first."""

    keys: tuple[Key, ...]

    def seal(self, text: str) -> bytes:
        """A value sealed with the first key."""
        return self.keys[0].seal(text)

    def unseal(self, sealed: bytes) -> str:
        """A value that was sealed with any key of the ring.

        Raises
        ------
        Unable
            If its key is not in the ring, or the value was tampered with.
        """
        name = sealed[:ID].decode("ascii", "replace")
        key = next((key for key in self.keys if key.id == name), None)
        if key is None:
            raise _unable(N_("What is sealed needs key {key}, which {file} does not hold. Bring the file back."), name)
        try:
            return key.unseal(sealed)
        except InvalidToken as error:
            raise _unable(
                N_("Key {key} of {file} does not open what it should: a wrong file, or damage."), name
            ) from error

    def mark(self, text: str) -> bytes:
        """The mark to keep beside a sealed value."""
        return self.keys[0].mark(text)

    def marks(self, text: str) -> list[bytes]:
        """Marks a value may have been kept under: one for each key."""
        return [key.mark(text) for key in self.keys]

    def with_new(self) -> "Ring":
        """A ring whose first key is new."""
        return Ring((Key.new(), *self.keys))

    def newest(self) -> "Ring":
        """A ring of the first key alone."""
        return Ring(self.keys[:1])


def path() -> Path:
    """The file of the ring."""
    return folder() / FILE


def load() -> Ring:
    """The ring of this installation, read anew each time, so that a change of keys needs no restart.

    Raises
    ------
    Unable
        If there is no file, it can be read by others, or it holds no keys.
    """
    try:
        if path().stat().st_mode & 0o077:
            raise _unable(N_("{file} can be read by others than its owner; its mode should be 600."))
        return Ring(tuple(_sound(Key(**each)) for each in json.loads(path().read_text("utf-8"))["keys"]))
    except FileNotFoundError as error:
        raise _unable(N_("The keys are missing: {file}. Bring the file back from where its copy is kept.")) from error
    except (ValueError, TypeError, KeyError) as error:
        raise _unable(N_("{file} holds no keys. Bring the file back from where its copy is kept.")) from error


def make() -> Ring:
    """A ring with a first key, for a database in which nothing is sealed; one that is there already is kept."""
    draft = _draft(Ring((Key.new(),)))
    try:
        os.link(draft, path())
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return load()


def save(ring: Ring) -> None:
    """Put a ring in place of the one that is kept, whole or not at all."""
    _draft(ring).replace(path())
    descriptor = os.open(folder(), os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _draft(ring: Ring) -> Path:
    draft = folder() / f".{FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    write(draft, json.dumps({"keys": [asdict(key) for key in ring.keys]}, indent=1) + "\n")
    return draft


def _sound(key: Key) -> Key:
    """The key, if it works."""
    if len(key.id) != ID or key.unseal(key.seal("")) or len(key.mark("")) != hashlib.sha256().digest_size:
        raise ValueError(key.id)
    return key


def _unable(sentence: str, key: str = "") -> Unable:
    return Unable(Message(sentence, {"file": str(path()), "key": key}))
