"""Secrets of an installation: small files in one folder that all its hosts share, or environment variables.

The folder is ``GRIDMAP_SECRETS``, by default ``secrets`` in gridmap's home. A variable such as ``GRIDMAP_APP_PASSWORD``
takes the place of one file, or ``GRIDMAP_APP_PASSWORD_FILE`` names another path for it. Only an upgrade creates secrets
(`gridmap.store.installation_secrets`): reading one never does.
"""

import hashlib
import os
import secrets
from enum import StrEnum
from pathlib import Path

from gridmap.config import secrets_dir
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.environment import read_variable
from gridmap.system_accounts import web_group_id

MIN_LENGTH = 16
"""Characters of a secret; those that gridmap creates have 43."""
TIANDITU_KEY = "tianditu-key"
"""File of the key of Tianditu, which the office may have got from there; gridmap neither creates nor replaces it."""
FINGERPRINT_ROUNDS = 4096
"""Rounds of PBKDF2, as PostgreSQL's own of a password; a guess of a secret of `MIN_LENGTH` stays hopeless."""
SECRET_MISSING = N_(
    "The secret {name} is missing: {place}. Set GRIDMAP_SECRETS to the folder of the secrets that belong to this"
    " database, or copy the file from there."
)
SECRET_UNREADABLE = N_("The secret {name} cannot be read: {place}. Let the account {account} read it.")
SECRET_TOO_SHORT = N_("The secret {name} needs at least {count} characters: {place}.")
SECRET_IN_VARIABLE = N_("The secret {name} comes from the variable {place}: change it there, on every host.")


class Secret(StrEnum):
    """Secrets of an installation, by the names of their files; the key ring is another file."""

    APP_PASSWORD = "app-password"  # noqa: S105 - the name of a file
    AUTH_PASSWORD = "auth-password"  # noqa: S105 - the name of a file
    JOBS_PASSWORD = "jobs-password"  # noqa: S105 - the name of a file
    COOKIE_SECRET = "cookie-secret"  # noqa: S105 - the name of a file
    PEPPER = "pepper"

    @property
    def variable(self) -> str:
        """Return the environment variable that takes the place of the file."""
        return variable_of(self)


def variable_of(name: str) -> str:
    """Return the environment variable of a secret.

    >>> variable_of("cookie-secret")
    'GRIDMAP_COOKIE_SECRET'
    """
    return "GRIDMAP_" + name.partition(".")[0].upper().replace("-", "_")


def secret_path(name: str) -> Path:
    """Return the path of a secret's file, which need not exist."""
    return Path(read_variable(f"{variable_of(name)}_FILE") or secrets_dir() / name)


def secret_place(name: str) -> str:
    """Return where a secret comes from, for people: the name of a variable or the path of a file."""
    return variable_of(name) if read_variable(variable_of(name)) else str(secret_path(name))


def read_secret(name: Secret) -> str:
    """Return a secret.

    Raises
    ------
    NotPossible
        If it is missing, cannot be read or is too short.
    """
    return read_secrets(name)[0]


def read_secrets(name: Secret) -> tuple[str, ...]:
    """Return a secret and, while it is being replaced, the previous one, which is still accepted.

    Raises
    ------
    NotPossible
        If it is missing, cannot be read or is too short.
    """
    found = find_secrets(name)
    if not found:
        raise _secret_error(SECRET_MISSING, name)
    if min(map(len, found)) < MIN_LENGTH:
        raise _secret_error(SECRET_TOO_SHORT, name)
    return found


def find_secrets(name: Secret) -> tuple[str, ...]:
    """Return a secret and the previous one, as `read_secrets`; nothing if it is missing."""
    if value := read_variable(name.variable):
        return tuple(value.split())
    try:
        return tuple(secret_path(name).read_text("utf-8").split())
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise _secret_error(SECRET_UNREADABLE, name) from error


def create_missing_secret(name: Secret) -> None:
    """Create a secret at random, unless it exists."""
    if not find_secrets(name):
        secret_path(name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        create_secret_file(secret_path(name), secrets.token_urlsafe(32))
        share_with_web(secret_path(name))


def replace_secret(name: Secret, *values: str) -> None:
    """Replace a secret by another one and, while both are in use, the previous one.

    Raises
    ------
    NotPossible
        If the secret comes from a variable.
    """
    if read_variable(name.variable):
        raise _secret_error(SECRET_IN_VARIABLE, name)
    replace_secret_file(secret_path(name), "\n".join(values) + "\n")
    share_with_web(secret_path(name))


def secret_fingerprint(secret: str, salt: bytes) -> bytes:
    """Return a fingerprint by which a secret is recognised and not found."""
    return hashlib.pbkdf2_hmac("sha256", secret.encode(), salt, FINGERPRINT_ROUNDS)


def share_with_web(path: Path) -> None:
    """Let the web processes read a file and enter its folder, if root starts them under an account of their own."""
    share_folder_with_web(path.parent)
    _give_to_web(path, 0o640)


def share_folder_with_web(folder: Path) -> None:
    """Let the web processes enter the folder of the secrets; they cannot write there."""
    _give_to_web(folder, 0o750)


def _give_to_web(path: Path, mode: int) -> None:
    group = web_group_id()
    if group is not None:
        os.chown(path, -1, group)
        path.chmod(mode)


def is_private(path: Path) -> bool:
    """Return whether only its owner, and the web processes that root starts, can read a file."""
    status = path.stat()
    shared_with_web = status.st_uid == 0 and status.st_gid == (web_group_id() or os.getegid())
    return not status.st_mode & (0o037 if shared_with_web else 0o077)


def read_or_create(path: Path) -> str:
    """Return the secret in a file, which is created at random if it is missing.

    Two processes that call at the same time get the same secret: the second one reads the file of the first one.
    """
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


def _secret_error(template: str, name: Secret) -> NotPossible:
    account = "gridmap-web" if os.geteuid() == 0 else str(os.geteuid())
    values = {"name": name.value, "place": secret_place(name), "count": MIN_LENGTH, "account": account}
    return NotPossible(Message(template, values))
