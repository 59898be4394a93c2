"""Signatures of bundles: Ed25519 keys, made and used on the machine that makes bundles."""

import base64
import json
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from gridmap.bundles.reader import format_key
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.secret_files import write_secret_file

NO_PRIVATE_KEY = N_("{file} is no private key of Ed25519 without a passphrase, as scripts/bundle makes them")


def create_key(file: Path) -> str:
    """Write a new private key that only its owner can read, and return the public key.

    Raises
    ------
    FileExistsError
        If there is a file; a key is never replaced.
    """
    key = Ed25519PrivateKey.generate()
    write_secret_file(file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())
    return public_key(key)


def load_key(file: Path) -> Ed25519PrivateKey:
    """Return the private key in a file.

    Raises
    ------
    InvalidInput
        If the file has none.
    """
    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise InvalidInput([InputFault(Message(NO_PRIVATE_KEY, {"file": file}))])
    return key


def public_key(key: Ed25519PrivateKey) -> str:
    """Return the public key as 44 letters.

    >>> len(public_key(Ed25519PrivateKey.generate()))
    44
    """
    return format_key(key.public_key().public_bytes_raw())


def sign(content: bytes, key: Ed25519PrivateKey) -> bytes:
    """Return the file with the signature of some bytes, and the key that it can be checked with."""
    values = {"key": public_key(key), "signature": base64.b64encode(key.sign(content)).decode()}
    return json.dumps(values, indent=2).encode() + b"\n"
