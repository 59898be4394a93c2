"""Numbers and names of persons: how they are written, checked and hidden."""

import unicodedata
from datetime import date

from gridmap.core.errors import N_, Message

CHECK_DIGIT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
MASK_CHARACTER = "*"
UNMASKED_DIGITS = 4
"""Letters of a number that stay: enough to tell two people of one name apart."""


def normalise_id_number(text: str) -> str:
    """An identity number as it is kept: ASCII, upper case, without spaces.

    >>> normalise_id_number("11010519491231002x ")
    '11010519491231002X'
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def normalise_phone(text: str) -> str:
    """A phone number as it is kept: digits only, without the country code of China.

    >>> [normalise_phone(text) for text in ("+86 138-0013-8000", "0086 13800138000", "020-8555 0101")]
    ['13800138000', '13800138000', '02085550101']
    """
    digits = "".join(letter for letter in unicodedata.normalize("NFKC", text) if letter in "0123456789")
    local = digits.removeprefix("00").removeprefix("86")
    return local if len(local) == 11 and local.startswith("1") else digits


def id_number_problem(number: str) -> Message | None:
    """Why an identity number is none after GB 11643-1999, or None if it is one.

    Parameters
    ----------
    number : str
        As `normalise_id_number` writes it.

    References
    ----------
    GB 11643-1999, Citizen identification number; the check letter is that of ISO 7064, MOD 11-2.

    Examples
    --------
    >>> id_number_problem("11010519491231002X")
    >>> str(id_number_problem("110105194912310021"))
    'the last letter should be X'
    """
    if len(number) != 18 or not number[:17].isdecimal() or not number.isascii():
        return Message(N_("an identity number has 17 digits and a digit or X"))
    if not _is_birth_date(number[6:14]):
        return Message(N_("letters 7 to 14 are no date of birth"))
    if number[17] != (letter := check_digit(number)):
        return Message(N_("the last letter should be {letter}"), {"letter": letter})
    return None


def check_digit(number: str) -> str:
    """The eighteenth letter that follows from the first seventeen.

    >>> check_digit("34052419800101001")
    'X'
    """
    total = sum(weight * int(digit) for weight, digit in zip(CHECK_DIGIT_WEIGHTS, number[:17], strict=True))
    return CHECK_DIGITS[total % 11]


def mask_name(name: str) -> str:
    """A name of which the first letter stays; how long it is, is hidden too.

    >>> [mask_name(name) for name in ("张三", "欧阳娜娜", "")]
    ['张**', '欧**', '']
    """
    return name[:1] + 2 * MASK_CHARACTER if name else ""


def mask_number(number: str) -> str:
    """A number of which the last four letters stay; the region and the birthday in it are nobody's business.

    >>> [mask_number(number) for number in ("11010519491231002X", "13800138000", "123")]
    ['**************002X', '*******8000', '***']
    """
    kept = number[-UNMASKED_DIGITS:] if len(number) > 2 * UNMASKED_DIGITS else ""
    return MASK_CHARACTER * (len(number) - len(kept)) + kept


def _is_birth_date(digits: str) -> bool:
    try:
        return date(1800, 1, 1) < date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    except ValueError:
        return False
