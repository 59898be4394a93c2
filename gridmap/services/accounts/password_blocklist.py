"""Passwords that attackers try first.

References
----------
NIST SP 800-63B (2017, updated 2020), section 5.1.1.2: compare new passwords with a list of values known to be commonly
used, expected or compromised.
Wheeler (2016): zxcvbn, low-budget password strength estimation. USENIX Security. Source of the lists.
"""

from collections.abc import Iterator
from functools import cache

LOCAL_WORDS_TEXT = """
password passwort passwd pass admin administrator root user guest welcome letmein changeme login master secret qwerty
iloveyou woaini woaini1314 woaini520 wangge wanggeyuan wanggezhang shequ jiedao gridmap grid mima mimashi dragon monkey
superman football princess sunshine abc abcabc test testtest demo zhangsan lisi wangwu zhangwei wangwei wangfang liwei
lina liuwei zhaoliu nihao aini aini1314 woaizuguo woaizhongguo zhongguo beijing shanghai xiaoming laoshi gongzuo
gongzuozhan renmin zhengfu shezhang shuji
"""
"""Common passwords of China and words of the field, in addition to the lists of zxcvbn."""
KEY_SEQUENCES = (
    "01234567890123456789",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "1q2w3e4r5t6y7u8i9o0p",
    "a1b2c3d4e5f6g7h8i9",
)
SIGNS = " !@#$%^&*()_+-=.,~?"
DIGITS_AND_SIGNS = f"0123456789{SIGNS}"
SUBSTITUTIONS = tuple(str.maketrans("@4803$5!69+7|1", f"aaboess{i}ggttl{one}") for i, one in ("il", "li", "ii", "ll"))
"""Signs and digits in place of letters that look like them; ``!`` and ``1`` stand for either of i and l."""
MIN_DISTINCT_CHARACTERS, PHONE_OR_DATE_MAX_LENGTH = 5, 14


def is_common(password: str) -> bool:
    """Return whether a password is common: few characters repeated, adjacent keys, a phone, a date or a known word.

    Digits and signs around a word, or in place of its letters, do not make it another one.

    >>> [is_common(word) for word in ("aaaaaaaaaa", "0987654321", "13800138000", "Password2024!", "qwertyuiop")]
    [True, True, True, True, True]
    >>> [is_common(word) for word in ("basketball", "p@ssw0rd123", "B@$k3tba11", "a boat under seven bridges")]
    [True, True, True, False]
    """
    lower = password.casefold()
    return (
        len(set(lower)) < MIN_DISTINCT_CHARACTERS
        or (lower.isdecimal() and len(lower) <= PHONE_OR_DATE_MAX_LENGTH)
        or any(lower in sequence or lower in sequence[::-1] for sequence in KEY_SEQUENCES)
        or not common_words().isdisjoint(_readings(lower))
    )


@cache
def common_words() -> frozenset[str]:
    """Return more than 90,000 words: common passwords, words of English and of films, and names, in lower case."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # half a megabyte, and only needed for a new password

    listed = (word for words in FREQUENCY_LISTS.values() for word in words)
    return frozenset({*listed, *LOCAL_WORDS_TEXT.split()})


def _readings(lower: str) -> Iterator[str]:
    """Yield the words that a password may be: as typed, without digits and signs around it, with letters for signs."""
    once = _without_repetition(lower)
    for text in {lower, once, lower.strip(SIGNS), once.strip(DIGITS_AND_SIGNS), lower.strip(DIGITS_AND_SIGNS)}:
        for table in ({}, *SUBSTITUTIONS):
            word = text.translate(table)
            yield from (word, word.strip(DIGITS_AND_SIGNS), _without_repetition(word))


def _without_repetition(word: str) -> str:
    half = len(word) // 2
    return word[:half] if word[:half] == word[half:] else word
