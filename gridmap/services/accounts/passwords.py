"""Passwords: checks of their strength, hashes, and one-time passwords.

References
----------
NIST SP 800-63B (2017, updated 2020), section 5.1.1: require a minimum length and no composition rules; compare new
passwords with a list of common ones; do not require periodic changes.
RFC 9106 (2021), Argon2: the second recommended option, 64 MiB and three passes.
"""

import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gridmap.core.errors import N_, InputFault, InvalidInput, Message

MIN_LENGTH, MAX_LENGTH = 10, 200
"""Characters; the maximum limits the work of the hash function."""
ONE_TIME_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Characters that are not confused with one another when a password is read out."""
COMMON_WORDS_TEXT = """
password passwort passwd pass admin administrator root user guest welcome letmein changeme login master secret qwerty
iloveyou woaini woaini1314 woaini520 wangge wanggeyuan wanggezhang shequ jiedao gridmap grid mima mimashi dragon monkey
superman football princess sunshine abc abcabc test testtest demo zhangsan lisi wangwu
"""
COMMON_WORDS = frozenset(COMMON_WORDS_TEXT.split())
"""Words that attackers try first, alone or with digits and signs around them: common ones, and those of the field."""
KEY_SEQUENCES = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "a1b2c3d4e5f6g7h8i9",
)
hasher = PasswordHasher()
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


def is_common(password: str) -> bool:
    """Return whether a password is common: few characters repeated, adjacent keys, a phone, a date or a known word.

    >>> [is_common(word) for word in ("aaaaaaaaaa", "0987654321", "13800138000", "Password2024!", "qwertyuiop")]
    [True, True, True, True, True]
    """
    lower = password.casefold()
    word = lower.strip("0123456789 !@#$%^&*()_+-=.,~?")
    digits = lower.isdecimal() and len(lower) < 15
    in_sequence = any(lower in sequence or lower in sequence[::-1] for sequence in KEY_SEQUENCES)
    return (
        digits
        or in_sequence
        or len(set(lower)) < 5
        or lower in COMMON_WORDS
        or word in COMMON_WORDS
        or _without_repetition(word) in COMMON_WORDS
    )


def make_one_time_password() -> str:
    """Return a random password of 79 bits, in groups that are easy to read out."""
    return "-".join("".join(secrets.choice(ONE_TIME_ALPHABET) for _ in range(4)) for _ in range(4))


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    with hashing_slots:
        return hasher.hash(_normalise(password))


def verify_password(stored_hash: str | None, password: str) -> bool:
    """Return whether a password has the stored hash; without a hash, the answer takes equally long."""
    dummy_hash = _dummy_hash()
    try:
        with hashing_slots:
            return (
                hasher.verify(stored_hash or dummy_hash, _normalise(password)[: MAX_LENGTH + 1])
                and stored_hash is not None
            )
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored_hash: str) -> bool:
    """Return whether a hash was made with weaker parameters than today's."""
    return hasher.check_needs_rehash(stored_hash)


@cache
def _dummy_hash() -> str:
    """Return a hash that no password has, with today's parameters."""
    return hasher.hash(secrets.token_hex(16))


def _without_repetition(word: str) -> str:
    half = len(word) // 2
    return word[:half] if word[:half] == word[half:] else word


def _normalise(password: str) -> str:
    """Return one spelling for characters that look the same, such as half and full width."""
    return unicodedata.normalize("NFKC", password)
