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
    path = secrets_folder() / name
    if not path.exists():
        draft = path.with_name(f".{name}.{os.getpid()}.{secrets.token_hex(4)}")
        write_secret_file(draft, secrets.token_urlsafe(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text("utf-8").strip()


def write_secret_file(path: Path, text: str) -> None:
    """Write a new file that only its owner can read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
