"""Texts of a column: whole numbers without a decimal point, and values whose meaning a program has changed."""

import re
from collections.abc import Callable, Sequence
from types import NoneType

import numpy as np
import pandas as pd

from gridmap.core.array_types import BoolArray
from gridmap.core.text_comparison import clean_text
from gridmap.formats.row_faults import is_missing

MAX_EXACT_FLOAT = 1e15
"""Decimal numbers from here on have lost digits: Excel keeps 15, other programs nearly 16."""
ROUNDED_NUMBER = re.compile(r"\d(\.\d+)?[eE]\+\d+")
PLAIN_TYPES = {str, NoneType}
DATE_OF_EXCEL = re.compile(r"\d{4}-\d\d-\d\d 00:00:00")


def value_texts(raw: pd.Series) -> list[str | None]:
    """Return values as texts without blanks around them; None for empty values.

    Examples
    --------
    >>> value_texts(pd.Series([3.0, None, " a ", 2.5], dtype=object))
    ['3', None, 'a', '2.5']
    """
    listed = raw.tolist()
    is_plain = set(map(type, listed)) <= PLAIN_TYPES and "".join(filter(None, listed)).isprintable()
    if is_plain:  # most columns: blanks at the ends are all that may be removed
        return [(value.strip() or None) if value is not None else None for value in listed]
    if pd.api.types.is_integer_dtype(raw.dtype) and isinstance(raw.dtype, np.dtype):
        return list(map(str, listed))
    return [
        (value.strip() if value.isprintable() else clean_text(value)) or None
        if type(value) is str
        else None
        if value is None or is_missing(value)
        else _value_text(value) or None
        for value in raw.astype(object)
    ]


def _value_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value)) if abs(value) < MAX_EXACT_FLOAT else f"{value:e}"
    return clean_text(str(value))


def has_value(raw: pd.Series) -> BoolArray:
    """Return for each row whether it has a value."""
    if isinstance(raw.dtype, np.dtype) and raw.dtype.kind in "iufb":
        return raw.notna().to_numpy()
    return np.array([text is not None for text in value_texts(raw)], dtype=np.bool_)


def lost_digits(texts: Sequence[str | None]) -> BoolArray:
    """Return which texts are rounded numbers, as Excel writes codes of more than 15 digits.

    Examples
    --------
    >>> lost_digits(["4.20106E+18", "420106001001", "1E5"]).tolist()
    [True, False, False]
    """
    return _find(texts, is_rounded_number, "E+", "e+")


def is_rounded_number(text: str) -> bool:
    """Return whether a text is a rounded number; see `lost_digits`."""
    return ("E" in text or "e" in text) and ROUNDED_NUMBER.fullmatch(text) is not None


def became_dates(texts: Sequence[str | None]) -> BoolArray:
    """Return which texts are midnights, which Excel makes of numbers such as 3-1.

    Examples
    --------
    >>> became_dates(["2026-03-01 00:00:00", "3-1"]).tolist()
    [True, False]
    """
    return _find(texts, lambda text: DATE_OF_EXCEL.fullmatch(text) is not None, " 00:00:00")


def _find(texts: Sequence[str | None], is_found: Callable[[str], bool], *signs: str) -> BoolArray:
    """Return which texts are found; none is where no text has one of the signs."""
    everything = "\n".join(filter(None, texts))
    if not any(sign in everything for sign in signs):
        return np.zeros(len(texts), dtype=np.bool_)
    return np.array([text is not None and is_found(text) for text in texts], dtype=np.bool_)
