"""Numbers and names of persons: how they are written, checked and hidden."""

import unicodedata
from datetime import date

from gridmap.core.errors import N_, Message

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
HIDDEN = "*"
LAST = 4
"""Letters of a number that stay: enough to tell two people of one name apart."""


def id_number(text: str) -> str:
    """An identity number as it is kept: ASCII, upper case, without spaces.

    >>> id_number("11010519491231002x ")
    '11010519491231002X'
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def phone(text: str) -> str:
    """A phone number as it is kept: digits only, without the country code of China.

    >>> [phone(text) for text in ("+86 138-0013-8000", "0086 13800138000", "020-8555 0101")]
    ['13800138000', '13800138000', '02085550101']
    """
    digits = "".join(letter for letter in unicodedata.normalize("NFKC", text) if letter in "0123456789")
    local = digits.removeprefix("00").removeprefix("86")
    return local if len(local) == 11 and local.startswith("1") else digits


def gb_11643(number: str) -> Message | None:
    """Why an identity number is none after GB 11643-1999, or None if it is one.

    Parameters
    ----------
    number : str
        As `id_number` writes it.

    References
    ----------
    GB 11643-1999, Citizen identification number; the check letter is that of ISO 7064, MOD 11-2.

    Examples
    --------
    >>> gb_11643("11010519491231002X")
    >>> str(gb_11643("110105194912310021"))
    'the last letter should be X'
    """
    if len(number) != 18 or not number[:17].isdecimal() or not number.isascii():
        return Message(N_("an identity number has 17 digits and a digit or X"))
    if not _born(number[6:14]):
        return Message(N_("letters 7 to 14 are no date of birth"))
    if number[17] != (letter := check_letter(number)):
        return Message(N_("the last letter should be {letter}"), {"letter": letter})
    return None


def check_letter(number: str) -> str:
    """The eighteenth letter that follows from the first seventeen.

    >>> check_letter("34052419800101001")
    'X'
    """
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number[:17], strict=True))
    return CHECK[total % 11]


def hidden_name(name: str) -> str:
    """A name of which the first letter stays; how long it is, is hidden too.

    >>> [hidden_name(name) for name in ("张三", "欧阳娜娜", "")]
    ['张**', '欧**', '']
    """
    return name[:1] + 2 * HIDDEN if name else ""


def hidden_number(number: str) -> str:
    """A number of which the last four letters stay; the region and the birthday in it are nobody's business.

    >>> [hidden_number(number) for number in ("11010519491231002X", "13800138000", "123")]
    ['**************002X', '*******8000', '***']
    """
    kept = number[-LAST:] if len(number) > 2 * LAST else ""
    return HIDDEN * (len(number) - len(kept)) + kept


def _born(digits: str) -> bool:
    try:
        return date(1800, 1, 1) < date.fromisoformat(f"{digits[:4]}-{digits[4:6]}-{digits[6:]}")
    except ValueError:
        return False
