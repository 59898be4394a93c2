"""Encryption keys of the values that the database stores encrypted; a copy of the database alone discloses none.

The keys are kept in a file outside the database. A key ring has one key, or more while keys are replaced. A key has two
parts: one encrypts and decrypts values (AES-256-GCM), the other makes blind indexes (HMAC-SHA256), by which a value is
found without being decrypted. An encrypted value begins with the id of its key. Values that were stored before format 1
are Fernet tokens; they are still decrypted, and `gridmap keys rotate` replaces them.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.secret_files import create_secret_file, is_private, replace_secret_file, secret_path, share_with_web

KEY_FILE = "keys.json"
KEY_ID_LENGTH = 8
"""Letters of a key's id, with which every value encrypted by it begins."""
FORMAT_1 = b"\x01"
"""Byte after the id of the key: nonce and AES-256-GCM follow. A Fernet token never begins with it."""
NONCE_SIZE = 12
"""Bytes, at random: after 2**32 values of a key the chance that one repeats is still below 2**-32 (NIST SP 800-38D)."""
JSON_NAMES = {"id": "id", "created_at": "made", "encryption_key": "sealing", "index_key": "marking"}
"""Names of a key's fields in the file; existing installations and backups have files with these names."""


@dataclass(frozen=True)
class EncryptionKey:
    """Key with its id and time of creation; its two secret parts are never shown.

    Examples
    --------
    >>> key = EncryptionKey.generate()
    >>> key.decrypt(key.encrypt("110101199003070019"))
    '110101199003070019'
    """

    id: str
    created_at: str
    encryption_key: str
    index_key: str

    def __repr__(self) -> str:
        return f"EncryptionKey({self.id!r}, created_at={self.created_at!r})"

    @classmethod
    def generate(cls) -> "EncryptionKey":
        """Return a new random key."""
        created_at = datetime.now(UTC).isoformat(timespec="seconds")
        key_id, index_key = secrets.token_hex(KEY_ID_LENGTH // 2), secrets.token_hex(32)
        return cls(key_id, created_at, Fernet.generate_key().decode(), index_key)

    @classmethod
    def from_json(cls, values: Mapping[str, str]) -> "EncryptionKey":
        """Return the key of an object of the file.

        Raises
        ------
        ValueError
            If the object has other names than those of `JSON_NAMES`, or the key does not work.
        """
        if set(values) != set(JSON_NAMES.values()):
            raise ValueError("a key has the names " + ", ".join(JSON_NAMES.values()))
        key = cls(**{field: values[name] for field, name in JSON_NAMES.items()})
        Fernet(key.encryption_key)  # refuses a key of another size
        index_size = hashlib.sha256().digest_size
        if len(key.id) != KEY_ID_LENGTH or key.decrypt(key.encrypt("")) or len(key.blind_index("")) != index_size:
            raise ValueError(key.id)
        return key

    def to_json(self) -> dict[str, str]:
        """Return the object that the file holds."""
        return {name: getattr(self, field) for field, name in JSON_NAMES.items()}

    @cached_property
    def _cipher(self) -> AESGCM:
        secret = base64.urlsafe_b64decode(self.encryption_key)
        return AESGCM(HKDF(SHA256(), 32, salt=None, info=b"gridmap encrypted value").derive(secret))

    @cached_property
    def _index_secret(self) -> bytes:
        return bytes.fromhex(self.index_key)

    def encrypt(self, text: str) -> bytes:
        """Return a value encrypted with this key."""
        return self.encrypt_all([text])[0]

    def encrypt_all(self, texts: Sequence[str]) -> list[bytes]:
        """Return values encrypted with this key, each with a nonce of its own; the nonces are drawn at once."""
        key_id, encrypt = self.id.encode(), self._cipher.encrypt
        drawn = secrets.token_bytes(NONCE_SIZE * len(texts))
        nonces = (drawn[start : start + NONCE_SIZE] for start in range(0, len(drawn), NONCE_SIZE))
        return [
            key_id + FORMAT_1 + nonce + encrypt(nonce, text.encode(), key_id)
            for nonce, text in zip(nonces, texts, strict=True)
        ]

    def decrypt(self, encrypted: bytes) -> str:
        """Return the text of a value that was encrypted with this key.

        Raises
        ------
        InvalidTag, InvalidToken
            If the value was encrypted with another key, or has been changed.
        """
        key_id, value = encrypted[:KEY_ID_LENGTH], encrypted[KEY_ID_LENGTH:]
        if not value.startswith(FORMAT_1):
            return Fernet(self.encryption_key).decrypt(value).decode()
        nonce, content = value[1 : 1 + NONCE_SIZE], value[1 + NONCE_SIZE :]
        return self._cipher.decrypt(nonce, content, key_id).decode()

    def blind_index(self, text: str) -> bytes:
        """Return the blind index of a value: equal for equal values, and meaningless without the key."""
        return hmac.digest(self._index_secret, text.encode(), "sha256")


@dataclass(frozen=True)
class KeyRing:
    """Keys of an installation; the first one encrypts."""

    keys: tuple[EncryptionKey, ...]

    def encrypt(self, text: str) -> bytes:
        """Return a value encrypted with the first key."""
        return self.keys[0].encrypt(text)

    def encrypt_all(self, texts: Sequence[str]) -> list[bytes]:
        """Return values encrypted with the first key."""
        return self.keys[0].encrypt_all(texts)

    def decrypt(self, encrypted: bytes) -> str:
        """Return the text of a value that was encrypted with any key of the ring.

        Raises
        ------
        NotPossible
            If the key is not in the ring, or the value has been changed.
        """
        key_id = encrypted[:KEY_ID_LENGTH].decode("ascii", "replace")
        key = next((key for key in self.keys if key.id == key_id), None)
        if key is None:
            raise _key_error(
                N_("An encrypted value needs key {key}, which {file} does not hold. Restore the file."), key_id
            )
        try:
            return key.decrypt(encrypted)
        except (InvalidTag, InvalidToken, ValueError) as error:
            raise _key_error(
                N_("Key {key} of {file} does not decrypt its values: the file is wrong or damaged."), key_id
            ) from error

    def blind_index(self, text: str) -> bytes:
        """Return the blind index that is stored beside an encrypted value."""
        return self.keys[0].blind_index(text)

    def blind_indexes(self, text: str) -> list[bytes]:
        """Return the blind indexes under which a value may be stored: one for each key."""
        return [key.blind_index(text) for key in self.keys]

    def with_new_key(self) -> "KeyRing":
        """Return a ring with a new first key."""
        return KeyRing((EncryptionKey.generate(), *self.keys))

    def latest_only(self) -> "KeyRing":
        """Return a ring of the first key alone."""
        return KeyRing(self.keys[:1])


def key_file_path() -> Path:
    """Return the path of the key file."""
    return secret_path(KEY_FILE)


def load_key_ring() -> KeyRing:
    """Return the key ring of this installation; it is read at every call, so that new keys need no restart.

    Raises
    ------
    NotPossible
        If the file is missing, can be read by other accounts, or holds no keys.
    """
    try:
        if not is_private(key_file_path()):
            raise _key_error(N_("{file} can be read by others than its owner; its mode should be 600."))
        objects = json.loads(key_file_path().read_text("utf-8"))["keys"]
        return KeyRing(tuple(EncryptionKey.from_json(values) for values in objects))
    except FileNotFoundError as error:
        raise _key_error(N_("The keys are missing: {file}. Restore the file from its copy.")) from error
    except (ValueError, TypeError, KeyError) as error:
        raise _key_error(N_("{file} holds no keys. Restore the file from its copy.")) from error


def create_key_ring() -> KeyRing:
    """Create a ring with a first key for a database without encrypted values, or return the existing ring."""
    key_file_path().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    create_secret_file(key_file_path(), _file_content(KeyRing((EncryptionKey.generate(),))))
    share_with_web(key_file_path())
    return load_key_ring()


def save_key_ring(ring: KeyRing) -> None:
    """Replace the key file, completely or not at all."""
    replace_secret_file(key_file_path(), _file_content(ring))
    share_with_web(key_file_path())


def _file_content(ring: KeyRing) -> str:
    return json.dumps({"keys": [key.to_json() for key in ring.keys]}, indent=1) + "\n"


def _key_error(template: str, key_id: str = "") -> NotPossible:
    return NotPossible(Message(template, {"file": str(key_file_path()), "key": key_id}))
