"""Folding of texts: spellings of one name or code become equal, for comparison only."""

import re
import unicodedata
from collections.abc import Iterable

BRACKETS = str.maketrans("[]{}【】〔〕〖〗「」『』《》〈〉", "()" * 9)
CONTROLS = re.compile(r"[\0-\x08\x0e-\x1f\x7f\u200b\u2060\ufeff\ud800-\udfff]")
LINE_BREAKS = re.compile(r"\s*[\t\r\n\v\f\x85\u2028\u2029]\s*")
BLANK_NEXT_TO_IDEOGRAPH = re.compile(r"(?<=[^\x00-\x7f]) +| +(?=[^\x00-\x7f])")


def clean_text(text: str) -> str:
    r"""Return a text without blanks around it, and without line breaks and letters that nobody sees.

    Examples
    --------
    >>> clean_text(" 东湖路\n1号\u200b ")
    '东湖路 1号'
    """
    if text.isprintable():  # most texts: nothing to remove
        return text.strip()
    return LINE_BREAKS.sub(" ", CONTROLS.sub("", text)).strip()


def fold_text(text: str) -> str:
    """Return a text as it is compared: full width as half width, one kind of brackets, no blanks between ideographs.

    Blanks between Latin letters and digits stay, since ``1 1`` is not ``11``; so does the case of letters.

    Examples
    --------
    >>> fold_text("东湖花园 （一期）"), fold_text("东湖花园【一期】"), fold_text("３－１")
    ('东湖花园(一期)', '东湖花园(一期)', '3-1')
    """
    if text.isascii() and text.isalnum():  # codes and numbers
        return text
    plain = unicodedata.normalize("NFKC", clean_text(text)).translate(BRACKETS)
    plain = BLANK_NEXT_TO_IDEOGRAPH.sub("", re.sub(r"\s+", " ", plain))
    return re.sub(r" *([()]) *", r"\1", plain)


def first_spellings(texts: Iterable[str]) -> dict[str, str]:
    """Return for each spelling the first one of the same name.

    Examples
    --------
    >>> first_spellings(["一期（东）", "一期(东)"])
    {'一期（东）': '一期（东）', '一期(东)': '一期（东）'}
    """
    first: dict[str, str] = {}
    return {text: first.setdefault(fold_text(text), text) for text in texts}
