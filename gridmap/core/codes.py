"""Grammar of codes of subdistricts, communities and grids: every code of it can stand in the address of a page."""

import re
import unicodedata

from gridmap.core.errors import N_, Message
from gridmap.core.text_comparison import clean_text

COMMUNITY_DIGITS, SUBDISTRICT_DIGITS = 12, 9
"""Digits of the statistical codes of communities and subdistricts; the first begins with the second."""
LIKE_DIGITS = str.maketrans("OoDlI|Zz", "00011122")
"""Letters that are mistaken for digits, by readers of scans and by people."""
MIN_CODE_DIGITS = 6
"""Digits from which a text is meant as a statistical code: shorter ones are numbers of an office."""
HAS_LETTERS = N_("{code} has letters among its digits: the code of a community has 12 digits, such as {example}")
WRONG_LENGTH = N_("{code} has {count} digits: the code of a community has 12")
WRONG_PREFIX = N_("{code} begins with {prefix}: codes of this subdistrict begin with {expected}")
OF_SUBDISTRICT = N_("{code} is the code of a subdistrict: that of a community does not end with 000")
GRID_DIGITS = 15
GRID_LETTERS = N_("{code} has letters among its digits: the code of a grid has 15 digits, such as {example}")
GRID_LENGTH = N_("{code} has {count} digits: the code of a grid has 15, those of its community and 3 more")
GRID_PREFIX = N_("{code} begins with {prefix}: codes of grids of this community begin with {expected}")
EXPECTED_CODE = N_("letters, digits and signs except / and \\, not only dots")


def normalise_code(text: str) -> str | None:
    r"""Return a code in half width and without blanks around it; None if it is no code.

    A slash would divide the address of a page, and dots alone stand for the folder above.

    Examples
    --------
    >>> normalise_code(" ４２０１０６００１ "), normalise_code("甲 乙"), normalise_code("TP#1")
    ('420106001', '甲 乙', 'TP#1')
    >>> [normalise_code(text) for text in ("甲/乙", "甲／乙", "a\\b", "..", "…", "", "a\u202eb")]
    [None, None, None, None, None, None, None]
    """
    code = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", clean_text(text))).strip()
    is_code = code.strip(".") and code.isprintable() and not set(code) & {"/", "\\"}
    return code if is_code else None


def find_code_problem(text: str, subdistrict_code: str) -> Message | None:
    """Return what is wrong with a statistical code of a community; None if nothing is, or if the text is no such code.

    Parameters
    ----------
    text : str
        A code or a name.
    subdistrict_code : str
        Code of the subdistrict; one of 9 digits is the beginning of the codes of its communities.

    References
    ----------
    National Bureau of Statistics, 统计用区划代码和城乡划分代码编制规则: 2 + 2 + 2 + 3 + 3 digits.

    Examples
    --------
    >>> str(find_code_problem("42010600101", "420106001"))
    '42010600101 has 11 digits: the code of a community has 12'
    >>> find_code_problem("420106001001", "420106001"), find_code_problem("水果湖社区", "420106001")
    (None, None)
    """
    code = unicodedata.normalize("NFKC", clean_text(text)).replace(" ", "")
    if not code.isascii() or not code.translate(LIKE_DIGITS).isdecimal() or len(code) < MIN_CODE_DIGITS:
        return None
    is_statistical = len(subdistrict_code) == SUBDISTRICT_DIGITS and subdistrict_code.isdecimal()
    if not code.isdecimal():
        return Message(HAS_LETTERS, {"code": text, "example": f"{subdistrict_code}001" if is_statistical else "…"})
    if len(code) != COMMUNITY_DIGITS:
        return Message(WRONG_LENGTH, {"code": text, "count": len(code)})
    if is_statistical and not code.startswith(subdistrict_code):
        values = {"code": text, "prefix": code[:SUBDISTRICT_DIGITS], "expected": subdistrict_code}
        return Message(WRONG_PREFIX, values)
    return Message(OF_SUBDISTRICT, {"code": text}) if code.endswith("000") else None


def find_grid_code_problem(text: str, community_code: str) -> Message | None:
    """Return what is wrong with a statistical code of a grid; None if nothing is, or if the text is no such code.

    Parameters
    ----------
    text : str
        A code or a name.
    community_code : str
        Code of its community; one of 12 digits is the beginning of the codes of its grids.

    References
    ----------
    DB11/T 2157-2023: 12-digit code of the community and a 3-digit order.

    Examples
    --------
    >>> str(find_grid_code_problem("42010600100101", "420106001001"))
    '42010600100101 has 14 digits: the code of a grid has 15, those of its community and 3 more'
    >>> find_grid_code_problem("420106001001001", "420106001001"), find_grid_code_problem("7-1", "420106001001")
    (None, None)
    """
    code = unicodedata.normalize("NFKC", clean_text(text)).replace(" ", "")
    is_statistical = len(community_code) == COMMUNITY_DIGITS and community_code.isdecimal()
    if not is_statistical or not code.translate(LIKE_DIGITS).isdecimal() or len(code) < MIN_CODE_DIGITS:
        return None
    if not code.isdecimal():
        return Message(GRID_LETTERS, {"code": text, "example": f"{community_code}001"})
    if len(code) != GRID_DIGITS:
        return Message(GRID_LENGTH, {"code": text, "count": len(code)})
    if code.startswith(community_code):
        return None
    return Message(GRID_PREFIX, {"code": text, "prefix": code[:COMMUNITY_DIGITS], "expected": community_code})
