"""Keys of backups, in the format of age: a recipient encrypts, its identity decrypts.

The machine that makes the backups knows the recipient only. Whoever takes its disk reads no backup.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pyrage import IdentityError, RecipientError, x25519

from gridmap.core.errors import N_, Message
from gridmap.postgres.error_hints import error_with_hint
from gridmap.secret_files import write_secret_file

IDENTITY_PREFIX = "AGE-SECRET-KEY-"
GET_IDENTITY_ADVICE = N_("name the file with the key that belongs to the recipient of the backup: --identity FILE")


def parse_recipients(texts: Iterable[str]) -> list[x25519.Recipient]:
    """Return recipients such as ``age1…``.

    Raises
    ------
    InvalidInput
        If a text is no recipient.
    """
    return [_parse_recipient(text.strip()) for text in texts]


def load_identities(file: Path) -> list[x25519.Identity]:
    """Return the identities of a file: one on each line that is not empty or a comment.

    Raises
    ------
    InvalidInput
        If the file cannot be read or holds no identity.
    """
    try:
        lines = file.read_text("utf-8").split()
        identities = [x25519.Identity.from_str(line) for line in lines if line.startswith(IDENTITY_PREFIX)]
    except (OSError, UnicodeDecodeError, IdentityError) as error:
        raise _identity_error(file, str(error)) from error
    if not identities:
        raise _identity_error(file)
    return identities


def create_identity(file: Path) -> str:
    """Write a new identity to a new file that only this account can read, and return its recipient.

    Raises
    ------
    InvalidInput
        If the file exists or cannot be written.
    """
    identity = x25519.Identity.generate()
    recipient = str(identity.to_public())
    try:
        write_secret_file(file, f"# recipient: {recipient}\n{identity}\n")
    except OSError as error:
        problem = Message(N_("the key cannot be written to {file}"), {"file": file})
        raise error_with_hint(problem, str(error)) from error
    return recipient


def _parse_recipient(text: str) -> x25519.Recipient:
    try:
        return x25519.Recipient.from_str(text)
    except RecipientError as error:
        if text.upper().startswith(IDENTITY_PREFIX):  # a secret is not repeated
            raise error_with_hint(
                Message(N_("this is an identity, which must stay secret, and not a recipient"))
            ) from None
        problem = Message(N_("{text} is no recipient of backups; recipients look like age1…"), {"text": text})
        raise error_with_hint(problem, str(error)) from error


def _identity_error(file: Path, reason: str = "") -> Exception:
    return error_with_hint(Message(N_("{file} holds no identity that decrypts backups"), {"file": file}), reason)


Recipients = Sequence[x25519.Recipient]
Identities = Sequence[x25519.Identity]
