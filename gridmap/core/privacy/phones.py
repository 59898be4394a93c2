"""Office phones: which texts are phone numbers, and which of them look like a private mobile phone."""

import re
import unicodedata

MAX_PHONE_LETTERS = 40
PHONE = re.compile(r"\+?[\d\s()/,;#*.-]*(?:(?:转|ext\.?|x)\s*\d+)?", re.IGNORECASE)
MOBILE = re.compile(r"(?:\+?86|0086)?1[3-9]\d{9}")
MIN_DIGITS = 3
"""Digits of the shortest numbers: 110."""


def normalise_phone(text: str) -> str:
    """Return a phone number with plain digits and signs, and without spaces at its ends.

    >>> normalise_phone(" ０８１３－１２３４５６７ ")
    '0813-1234567'
    """
    return unicodedata.normalize("NFKC", text).strip()


def is_phone(text: str) -> bool:
    """Return whether a normalised text is one phone number or several, with an extension or without.

    >>> [is_phone(text) for text in ("0813-1234567转801", "110", "12", "call us")]
    [True, True, False, False]
    """
    return bool(PHONE.fullmatch(text)) and sum(letter.isdigit() for letter in text) >= MIN_DIGITS


def is_mobile_like(text: str) -> bool:
    """Return whether a normalised phone number contains one of a mobile phone in China, which is often private.

    >>> [is_mobile_like(text) for text in ("138 0013 8000", "+86-13800138000", "0813-1380013", "13800138000/110")]
    [True, True, False, True]
    """
    numbers = (re.sub(r"[^\d+]", "", part) for part in re.split(r"[/,;]", text))
    return any(MOBILE.fullmatch(number) for number in numbers)
