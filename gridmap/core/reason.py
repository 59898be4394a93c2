"""Reason that a person writes for an action: the shortest one that counts, and texts that are none."""

import re
from itertools import pairwise

MIN_REASON_LETTERS = 4
"""Minimum number of letters, without spaces: 便于管理 and 上门核实 are reasons."""
MIN_DIFFERENT_LETTERS = 3
"""Different letters of a text that says something: 核实电话 has four, *haha* two."""
MAX_REPEATED_SHARE = 0.5
"""Share of letters that repeat the one before; words have a quarter at most."""
MAX_KEYBOARD_SHARE = 0.6
"""Share of letters in runs along a row of keys: *property* has half, *asdfgh* all."""
KEYBOARD_RUN = 4
"""Letters of a run along a row of keys: *were* and *ask* are words."""
KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
VOWELS = frozenset("aeiouy")
REPEATED_CHUNK = re.compile(r"(.{1,6}?)\1+")
PLACEHOLDERS = frozenset({"test", "testing", "none", "nothing", "null", "reason", "测试", "测试测试", "没有原因"})
"""Words that stand where a reason should; 随便看看 and the like are for the reader of the audit to judge."""


def is_sufficient_reason(text: str) -> bool:
    """Return whether a text is long enough to be a reason; spaces do not count.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> [is_sufficient_reason(text) for text in ("上门核实", "a b c", "")]
    [True, False, False]
    """
    return len("".join(text.split())) >= MIN_REASON_LETTERS


def is_nonsense(text: str) -> bool:
    """Return whether a text is typed at random: no letters, few letters repeated, rows of keys, a placeholder.

    A person who wants to mislead writes a plausible lie, which only a reader finds; this finds texts that were typed to
    get past the field.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> [is_nonsense(text) for text in ("aaaa", "asdfgh", "1234", "abcabcabc", "核实核实", "sdkfj", "test")]
    [True, True, True, True, True, True, True]
    >>> [is_nonsense(text) for text in ("上门核实", "看看病人", "投诉17号", "visit at the door", "property tax")]
    [False, False, False, False, False]
    """
    letters = "".join(character for character in text.lower() if character.isalpha())
    if len(set(letters)) < MIN_DIFFERENT_LETTERS or letters in PLACEHOLDERS:
        return True
    if REPEATED_CHUNK.fullmatch(letters) or _repeated_share(letters) > MAX_REPEATED_SHARE:
        return True
    return letters.isascii() and (VOWELS.isdisjoint(letters) or _keyboard_share(letters) > MAX_KEYBOARD_SHARE)


def _repeated_share(letters: str) -> float:
    """Return the share of letters that repeat the one before."""
    repeated = sum(letter == previous for previous, letter in pairwise(letters))
    return repeated / (len(letters) - 1)


def _keyboard_share(letters: str) -> float:
    """Return the share of letters in runs along a row of keys, in either direction."""
    rows = [*KEYBOARD_ROWS, *(row[::-1] for row in KEYBOARD_ROWS)]
    in_run: set[int] = set()
    for start in range(len(letters) - KEYBOARD_RUN + 1):
        if any(letters[start : start + KEYBOARD_RUN] in row for row in rows):
            in_run.update(range(start, start + KEYBOARD_RUN))
    return len(in_run) / len(letters)
