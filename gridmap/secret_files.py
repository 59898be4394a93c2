"""Secrets of this installation: small files that only the account running gridmap can read."""

import os
import secrets
from pathlib import Path

from gridmap.config import data_dir


def secrets_folder() -> Path:
    """Return the folder of the secrets, which is created at the first call."""
    path = data_dir() / "secrets"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def get_or_create(name: str) -> str:
    """Return a named secret, which is created at random at the first call.

    Two processes that call at the same time get the same secret: the second one reads the file of the first one.

    Parameters
    ----------
    name : str
        File name within `secrets_folder`.
    """
    return read_or_create(secrets_folder() / name)


def read_or_create(path: Path) -> str:
    """Return the secret in a file, which is created at random if it is missing."""
    if not path.exists():
        create_secret_file(path, secrets.token_urlsafe(32))
    return path.read_text("utf-8").strip()


def create_secret_file(path: Path, text: str) -> None:
    """Write a file completely, unless it exists: then it stays as it is."""
    draft = _write_draft(path, text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def replace_secret_file(path: Path, text: str) -> None:
    """Replace a file, completely or not at all."""
    _write_draft(path, text).replace(path)
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_secret_file(path: Path, text: str) -> None:
    """Write a new file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _write_draft(path: Path, text: str) -> Path:
    """Write a file beside its final place, under a name that no other process uses."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    write_secret_file(draft, text)
    return draft
