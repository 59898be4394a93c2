"""Pepper of passwords: a secret outside the database, without which a copy of the hashes cannot be guessed at.

The secret ``pepper`` holds one pepper a line. The first one is for new hashes; the others are for hashes made
before it was replaced. A stored hash begins with the id of its pepper; hashes without one were made without pepper.

References
----------
NIST SP 800-63B (2017, updated 2020), section 5.1.1.2: an additional keyed hash with a secret stored apart.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message
from gridmap.secret_files import Secret, read_secrets, secret_place
from gridmap.store.queries.sign_in import count_peppers

ID_LENGTH = 8
PEPPER_MISSING = N_(
    "The passwords of {count} accounts were made with pepper {pepper}, which {file} does not hold. Restore the file; "
    "until then these accounts cannot sign in."
)


@dataclass(frozen=True)
class Pepper:
    """Secret that is mixed into passwords; it is never shown.

    Examples
    --------
    >>> pepper = Pepper(b"only for this example")
    >>> pepper.id, pepper
    ('5cd4c94e', Pepper('5cd4c94e'))
    """

    key: bytes

    def __repr__(self) -> str:
        return f"Pepper({self.id!r})"

    @property
    def id(self) -> str:
        """Return eight hexadecimal digits that tell peppers apart and disclose nothing of the key."""
        return hmac.digest(self.key, b"id of this pepper", hashlib.sha256).hex()[:ID_LENGTH]

    def mix(self, password: str) -> str:
        """Return the HMAC-SHA256 of a password, as text for argon2."""
        return base64.b64encode(hmac.digest(self.key, password.encode(), hashlib.sha256)).decode("ascii")


def load_peppers() -> tuple[Pepper, ...]:
    """Return the peppers of this installation, the one for new hashes first."""
    return tuple(Pepper(secret.encode()) for secret in read_secrets(Secret.PEPPER))


def find_missing_peppers(session: Session) -> list[Message]:
    """Return a message for each pepper of stored passwords that this installation does not have."""
    own_ids, file = {"", *(pepper.id for pepper in load_peppers())}, secret_place(Secret.PEPPER)
    return [
        Message(PEPPER_MISSING, {"count": count, "pepper": pepper_id, "file": file})
        for pepper_id, count in count_peppers(session).items()
        if pepper_id not in own_ids
    ]
