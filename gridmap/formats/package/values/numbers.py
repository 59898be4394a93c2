"""Numbers as offices write them."""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from gridmap.core.array_types import FloatArray

THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?(inf|infinity)", re.IGNORECASE)


def parse_numbers(values: pd.Series, units: Sequence[str] = ()) -> FloatArray:
    """Return the numbers of a column, NaN for empty values and for what is no number.

    Parameters
    ----------
    values : Series
        Numbers, or texts: full-width digits, thousands with a comma, and one of the units after the number are read.
    units : sequence of str
        Units of the column, such as 户. Any other letter makes a text no number: ``约32`` may be 30 or 35.

    Examples
    --------
    >>> parse_numbers(pd.Series(["３２", "1,200", "1，200户", "约32", "1,20"]), ["户"]).tolist()
    [32.0, 1200.0, 1200.0, nan, nan]
    """
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    return np.array([parse_number(value, units) for value in values.astype(object)], dtype=float)


def parse_number(value: object, units: Sequence[str] = ()) -> float:
    """Return one number, NaN if it is none; see `parse_numbers`."""
    if isinstance(value, (bool, np.bool_)):
        return np.nan
    if isinstance(value, (int, float, np.number)):
        return float(value)
    return _parse_text(value, units) if isinstance(value, str) else np.nan


def _parse_text(text: str, units: Sequence[str]) -> float:
    plain = unicodedata.normalize("NFKC", text).strip()
    for unit in units:
        plain = plain.removesuffix(unit).rstrip()
    if not plain.isascii():
        return np.nan
    if THOUSANDS.fullmatch(plain):
        return float(plain.replace(",", ""))
    return float(plain) if PLAIN.fullmatch(plain) else np.nan
