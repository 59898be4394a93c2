"""Decoding of the texts of a layer whose bytes were read as Latin-1, with the places of bad bytes."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

RAW_ENCODING = "ISO-8859-1"
"""Encoding in which each byte is one letter, so that the bytes of a text can be taken from it."""


@dataclass(frozen=True)
class BadBytes:
    """Rows of a column whose bytes could not be decoded.

    Parameters
    ----------
    column : str
    rows : ndarray of int
        Positions counted from 0.
    """

    column: str
    rows: NDArray[np.intp]


def recode_name(raw: str, codec: str) -> str:
    """Decode the name of a column that was read as Latin-1.

    >>> recode_name("水果".encode("gbk").decode("latin-1"), "gb18030")
    '水果'
    """
    return raw if raw.isascii() else raw.encode("latin-1").decode(codec, errors="replace")


def recode_frame(frame: pd.DataFrame, codec: str) -> tuple[pd.DataFrame, list[BadBytes]]:
    """Decode the texts of a layer that was read as Latin-1.

    Parameters
    ----------
    frame : DataFrame
        Layer whose texts hold one letter for each byte.
    codec : str
        Encoding of these bytes.

    Returns
    -------
    frame : DataFrame
        With decoded texts and names of columns; bad bytes are replacement characters.
    bad : list of BadBytes
        Columns with such bytes.
    """
    bad = []
    for column in list(frame.columns):
        if _has_texts(frame[column]):
            frame[column], rows = _recode_texts(frame[column], codec)
            bad += [BadBytes(recode_name(column, codec), rows)] if len(rows) else []
    return frame.rename(columns={name: recode_name(name, codec) for name in frame.columns}), bad


def raw_texts(frame: pd.DataFrame) -> Iterable[bytes]:
    """Yield the bytes of all texts of a layer that was read as Latin-1."""
    for column in frame.columns:
        if _has_texts(frame[column]):
            yield from (text.encode("latin-1") for text in frame[column] if isinstance(text, str))


def _has_texts(column: pd.Series) -> bool:
    return bool(pd.api.types.is_object_dtype(column) or pd.api.types.is_string_dtype(column))


def _recode_texts(column: pd.Series, codec: str) -> tuple[pd.Series, NDArray[np.intp]]:
    texts, bad = [], []
    for position, text in enumerate(column):
        if not isinstance(text, str) or text.isascii():
            texts.append(text)
            continue
        raw = text.encode("latin-1")
        try:
            texts.append(raw.decode(codec))
        except UnicodeDecodeError:
            texts.append(raw.decode(codec, errors="replace"))
            bad.append(position)
    return pd.Series(texts, index=column.index, dtype=object), np.array(bad, dtype=np.intp)
