"""Passwords: checks of their strength, hashes, and one-time passwords.

A hash is argon2id of the password's HMAC with the pepper. It is stored after the id of the pepper, as
``1f0c22d9$argon2id$…``; hashes that begin with ``$`` were made without pepper and are renewed at the next sign-in.

References
----------
NIST SP 800-63B (2017, updated 2020), section 5.1.1: require a minimum length and no composition rules; compare new
passwords with a list of common ones; do not require periodic changes.
RFC 9106 (2021), Argon2: the second recommended option, 64 MiB and three passes.
"""

import logging
import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.secret_files import Secret, secret_place
from gridmap.services.accounts.password_blocklist import is_common
from gridmap.services.accounts.pepper import ID_LENGTH, load_peppers

MIN_LENGTH, MAX_LENGTH = 10, 200
"""Characters; the maximum limits the work of the hash function."""
ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Characters that are not confused with one another when a password is read out."""
log = logging.getLogger(__name__)
hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
hashing_slots = threading.BoundedSemaphore(2)
"""A hash takes 64 MiB and a core for a tenth of a second; two at a time in a process leave room for other requests."""


def hash_new_password(password: str, *names: str) -> str:
    """Return the hash of a new password.

    Parameters
    ----------
    password : str
        Chosen by a person.
    names : str
        Names of the account, which the password must not contain.

    Raises
    ------
    InvalidInput
        If the password is easily guessed; the message says why.
    """
    normalised = _normalise(password)
    if weakness := find_weakness(normalised, *names):
        raise InvalidInput([InputFault(weakness, column="password")])
    return hash_password(normalised)


def find_weakness(password: str, *names: str) -> Message | None:
    """Return the reason why a password is easily guessed, or None.

    >>> print(find_weakness("correct horse"), "·", find_weakness("zhangsan2024", "zhangsan"))
    None · it contains the name of the account
    """
    if len(password) < MIN_LENGTH:
        return Message(
            N_("it needs at least {count} characters; a sentence is easy to remember"), {"count": MIN_LENGTH}
        )
    if len(password) > MAX_LENGTH:
        return Message(N_("it has more than {count} characters"), {"count": MAX_LENGTH})
    if any(name and name.casefold() in password.casefold() for name in names):
        return Message(N_("it contains the name of the account"))
    if is_common(password):
        return Message(N_("many people use a password like this; it would be guessed first"))
    return None


def make_one_time_password() -> str:
    """Return a random password of 79 bits, in groups that are easy to read out."""
    return "-".join("".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> str:
    """Return the id of the pepper and the argon2id hash of a password."""
    pepper = load_peppers()[0]
    with hashing_slots:
        return pepper.id + hasher.hash(pepper.mix(_normalise(password)))


def verify_password(stored_hash: str | None, password: str) -> bool:
    """Return whether a password has the stored hash; without a hash, the answer takes equally long.

    A hash whose pepper is missing fits no password: the log says so, and so does ``gridmap db check``.
    """
    dummy_hash = _dummy_hash()
    pepper_id, argon2_hash = split_pepper_id(stored_hash) if stored_hash else ("", dummy_hash)
    typed = _mix_pepper(pepper_id, _normalise(password)[: MAX_LENGTH + 1])
    try:
        with hashing_slots:
            matches = hasher.verify(argon2_hash if typed is not None else dummy_hash, typed or "")
    except (VerificationError, InvalidHashError):
        return False
    return matches and stored_hash is not None


def needs_rehash(stored_hash: str) -> bool:
    """Return whether a hash was made with weaker parameters than today's, or without today's pepper."""
    pepper_id, argon2_hash = split_pepper_id(stored_hash)
    return pepper_id != load_peppers()[0].id or hasher.check_needs_rehash(argon2_hash)


def split_pepper_id(stored_hash: str) -> tuple[str, str]:
    """Return the id of the pepper, empty for none, and the hash of argon2.

    >>> split_pepper_id("1f0c22d9$argon2id$v=19$m=8")
    ('1f0c22d9', '$argon2id$v=19$m=8')
    """
    pepper_id, sign, rest = stored_hash.partition("$")
    return pepper_id, sign + rest


def _mix_pepper(pepper_id: str, password: str) -> str | None:
    """Return what argon2 hashed; None if the pepper is missing."""
    if not pepper_id:
        return password
    pepper = next((pepper for pepper in load_peppers() if pepper.id == pepper_id), None)
    if pepper is None:
        place = secret_place(Secret.PEPPER)
        log.error("a password needs pepper %.*s, which %s does not hold", ID_LENGTH, pepper_id, place)
        return None
    return pepper.mix(password)


@cache
def _dummy_hash() -> str:
    """Return a hash that no password has, with today's parameters."""
    return hasher.hash(secrets.token_hex(16))


def _normalise(password: str) -> str:
    """Return one spelling for characters that look the same, such as half and full width."""
    return unicodedata.normalize("NFKC", password)
