"""Grammar of codes of subdistricts, communities and grids: every code of it can stand in the address of a page."""

import re
import unicodedata

from gridmap.core.errors import N_
from gridmap.core.text_comparison import clean_text

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
