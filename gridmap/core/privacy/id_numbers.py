"""Identity numbers and phone numbers: normal form and validation."""

import unicodedata
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np
from stdnum.cn import ric

from gridmap.core.array_types import BoolArray
from gridmap.core.errors import N_, Message

LENGTH = 18
WEIGHTS = np.array([2 ** (LENGTH - place) % 11 for place in range(1, LENGTH)])
"""Weights of the first 17 digits by ISO 7064, MOD 11-2."""
CHECK_CHARACTERS = np.frombuffer(b"10X98765432", dtype=np.uint8)
"""Last characters by the weighted sum of the others, modulo 11."""


def normalise_id_number(text: str) -> str:
    """Return an identity number in ASCII and upper case, without spaces.

    >>> normalise_id_number("11010519491231002x ")
    '11010519491231002X'
    """
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return (plain if plain.isalnum() else "".join(plain.split())).upper()


def normalise_phone(text: str) -> str:
    """Return the digits of a phone number, without the country code of China.

    >>> [normalise_phone(text) for text in ("+86 138-0013-8000", "0086 13800138000", "020-8555 0101")]
    ['13800138000', '13800138000', '02085550101']
    """
    digits = text
    if not (text.isascii() and text.isdecimal()):
        digits = "".join(character for character in unicodedata.normalize("NFKC", text) if character in "0123456789")
    local = digits.removeprefix("00").removeprefix("86")
    return local if len(local) == 11 and local.startswith("1") else digits


def id_number_problem(number: str, *, has_check_digit: bool = False) -> Message | None:
    """Return the reason why an identity number is invalid, or None for a valid one.

    Parameters
    ----------
    number : str
        As `normalise_id_number` returns it.
    has_check_digit : bool
        Whether `have_check_digits` has found its last character right.

    References
    ----------
    GB 11643-1999, Citizen identification number; the check digit is that of ISO 7064, MOD 11-2.

    Examples
    --------
    >>> id_number_problem("11010519491231002X")
    >>> str(id_number_problem("110105194912310021"))
    'the last character should be X'
    """
    if len(number) != 18 or not number[:17].isdecimal() or not number.isascii():
        return Message(N_("an identity number has 17 digits, then a digit or X"))
    if not _is_birth_date(number[6:14]):
        return Message(N_("characters 7 to 14 are not a date of birth"))
    if not has_check_digit and number[17] != (expected := check_digit(number)):
        return Message(N_("the last character should be {letter}"), {"letter": expected})
    return None


def check_digit(number: str) -> str:
    """Return the eighteenth character, which follows from the first seventeen.

    >>> check_digit("34052419800101001")
    'X'
    """
    return str(ric.calc_check_digit(f"{number[:17]}0"))  # it leaves out the last character


def have_check_digits(numbers: Sequence[str]) -> BoolArray:
    """Return which numbers of 18 characters end with the one that follows from the others, as `check_digit` returns it.

    A register has hundreds of thousands. Numbers of another form have none.

    Parameters
    ----------
    numbers : sequence of str
        As `normalise_id_number` returns them.

    Examples
    --------
    >>> have_check_digits(["11010519491231002X", "110105194912310021", "110105", "身份"]).tolist()
    [True, False, False, False]
    """
    is_long = np.array([len(number) == LENGTH and number.isascii() for number in numbers], dtype=np.bool_)
    long = [number for number, has_length in zip(numbers, is_long, strict=True) if has_length]
    characters = np.array(long, dtype=f"S{LENGTH}").view(np.uint8).reshape(-1, LENGTH)
    digits = characters[:, :-1].astype(np.int64) - ord("0")
    right = CHECK_CHARACTERS[digits @ WEIGHTS % len(CHECK_CHARACTERS)] == characters[:, -1]
    found = np.zeros(len(numbers), dtype=np.bool_)
    found[is_long] = right & ((digits >= 0) & (digits <= 9)).all(axis=1)
    return found


@lru_cache(100_000)
def _is_birth_date(digits: str) -> bool:
    try:
        return date(1800, 1, 1) < date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    except ValueError:
        return False
