"""Numbers of persons within free text: identity numbers and mobile phones, noticed before a text is stored."""

import re
import unicodedata

from stdnum.cn import ric

ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])\d{17}[\dXx](?![0-9A-Za-z])")
MOBILE_PHONE = re.compile(r"(?<!\d)(?:\+?86)?1[3-9]\d{9}(?!\d)")
SEPARATORS = re.compile(r"(?<=\d)[ \-·.]{1,2}(?=[\dXx])")


def find_personal_numbers(text: str) -> list[str]:
    """Return the numbers of persons within a text, in its order, without separators.

    Identity numbers count if their check digit is right (GB 11643), mobile phones by their first digits. Office phones
    have an area code and are no numbers of persons; nor are times, codes of grids and numbers of incidents.

    Examples
    --------
    >>> find_personal_numbers("请联系 138 0013 8000，证件号１１０１０５１９４９１２３１００２Ｘ")
    ['13800138000', '11010519491231002X']
    >>> find_personal_numbers("办公电话 010-65252550，事件 20261130-0012，网格 420106001001001")
    []
    """
    plain = SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    found = [(match.start(), match[0].upper()) for match in ID_NUMBER.finditer(plain) if ric.is_valid(match[0])]
    found += [(match.start(), match[0]) for match in MOBILE_PHONE.finditer(plain)]
    return [number for _, number in sorted(found)]


def hide_number(number: str) -> str:
    """Return a number with its middle hidden, to name it in a message.

    Examples
    --------
    >>> hide_number("13800138000")
    '138…00'
    """
    return f"{number[:3]}…{number[-2:]}"
