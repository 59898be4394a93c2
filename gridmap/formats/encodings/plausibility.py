"""Plausibility of decoded texts: mojibake scores low, texts as people write them score high."""

import codecs
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

MAX_SAMPLE_LETTERS = 20_000
BAD_BYTE = -1.0
OUT_OF_PLACE = 0.0
ACCENT_ALONE = 0.3
OTHER_IDEOGRAPH = 0.5
OTHER_LETTER = 0.7
SECOND_LEVEL = 0.9
USUAL = 1.0


def score_encoding(texts: Iterable[bytes], codec: str) -> float:
    """Score how plausible texts are in an encoding.

    Parameters
    ----------
    texts : iterable of bytes
        Texts with at least one byte beyond ASCII.
    codec : str
        Python's name of the encoding.

    Returns
    -------
    float
        Mean over the letters beyond ASCII: 1 for usual ideographs and accented letters within words, 0 for symbols
        in the wrong place, -1 for bytes that cannot be decoded. A character that is cut off at the end of a text does
        not count, since tables cut texts at the width of a column.

    Examples
    --------
    >>> chinese, french = "水果湖社区".encode("gbk"), "Général".encode("latin-1")
    >>> score_encoding([chinese], "gb18030") > score_encoding([chinese], "cp1252")
    True
    >>> score_encoding([french], "cp1252") > score_encoding([french], "gb18030")
    True
    """
    total, count = 0.0, 0
    for text in texts:
        for value in _letter_scores(decode_start(text, codec)):
            total, count = total + value, count + 1
        if count > MAX_SAMPLE_LETTERS:
            break
    return total / count if count else 0.0


def decode_start(text: bytes, codec: str) -> str:
    """Decode a text, with replacement characters for bad bytes and without a character cut off at its end."""
    return codecs.getincrementaldecoder(codec)(errors="replace").decode(text, final=False)


def _letter_scores(text: str) -> Iterator[float]:
    for position, letter in enumerate(text):
        if not letter.isascii():
            yield _score_letter(text[position - 1 : position], letter, text[position + 1 : position + 2])


def _score_letter(before: str, letter: str, after: str) -> float:
    if letter == "\N{REPLACEMENT CHARACTER}":
        return BAD_BYTE
    script = _script_of(letter)
    if script in ("LATIN", "CYRILLIC", "GREEK"):
        return _score_alphabetic(before, letter, after, script)
    return _score_by_itself(letter, script)


def _score_alphabetic(before: str, letter: str, after: str, script: str) -> float:
    """Score a letter by its neighbours: words have no capital letter after a small one, and no other script."""
    if letter.isupper() and before.islower():
        return OUT_OF_PLACE
    neighbours = [other for other in (before, after) if other and not other.isspace()]
    same = [other.isascii() or _script_of(other) == script for other in neighbours]
    letters = [other for other in neighbours if other.isalpha()]
    return SECOND_LEVEL if letters and all(same) and _has_partner(letters, script) else ACCENT_ALONE


def _has_partner(letters: Iterable[str], script: str) -> bool:
    return any(other.isascii() if script == "LATIN" else _script_of(other) == script for other in letters)


@lru_cache(maxsize=50_000)
def _score_by_itself(letter: str, script: str) -> float:
    lead = _gb2312_row(letter)
    if 0xB0 <= lead <= 0xD7:
        return USUAL
    if lead >= 0xD8 or 0xA1 <= lead <= 0xA3 or script in ("FULLWIDTH", "HANGUL"):
        return SECOND_LEVEL
    if script == "CJK":
        return OTHER_IDEOGRAPH
    return OTHER_LETTER if unicodedata.category(letter) in ("Lo", "Lm") and script != "HALFWIDTH" else OUT_OF_PLACE


@lru_cache(maxsize=50_000)
def _script_of(letter: str) -> str:
    """Return the first word of a character's name, which is its script for letters."""
    return unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() or not letter.isascii() else ""


def _gb2312_row(letter: str) -> int:
    """Return the first byte of a character in GB 2312: from 0xB0 usual ideographs, from 0xD8 less usual ones."""
    try:
        return letter.encode("gb2312")[0]
    except UnicodeEncodeError:
        return 0
