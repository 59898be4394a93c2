"""Columns of a layer as values for a page: plain values, and sentences in every language."""

import json
from string import Formatter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import Message
from gridmap.texts import LANGUAGES, language_tag, translate

HouseholdRange = list[int]


def geometries_of(frame: gpd.GeoDataFrame) -> GeometryArray:
    """Return the geometries of a layer, shape (n,)."""
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def json_values(frame: pd.DataFrame, column: str) -> list[Any]:
    """Return the values of a column as JSON values; None for missing values and for a missing column.

    >>> json_values(pd.DataFrame({"area_m2": [1.5, np.inf]}), "area_m2")
    [1.5, None]
    >>> json_values(pd.DataFrame(index=[0]), "area_m2")
    [None]
    """
    if column not in frame.columns:
        return [None] * len(frame)
    values = frame[column].replace([np.inf, -np.inf], np.nan)
    return list(values.astype(object).where(values.notna(), None))


def household_ranges(frame: pd.DataFrame, estimated_column: str) -> list[HouseholdRange | None]:
    """Return the minimum and maximum households of each row with estimated households, None for the others.

    Parameters
    ----------
    frame : DataFrame
        Layer with ``households`` and optionally ``households_low``, ``households_high`` and the flag.
    estimated_column : str
        Column of the flag or number of estimated households; true or not 0 if at least some are estimated.

    Examples
    --------
    >>> grids = {"households": 9, "households_low": [7.4, 9], "households_high": 11, "estimated_households": [3, 0]}
    >>> household_ranges(pd.DataFrame(grids), "estimated_households")
    [[7, 11], None]
    """
    counts = frame.reindex(columns=[estimated_column, "households", "households_low", "households_high"])
    counts = counts.apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
    is_estimated = counts[estimated_column].fillna(0) != 0
    low = np.floor(counts["households_low"].fillna(counts["households"]).fillna(0)).astype(int)
    high = np.ceil(counts["households_high"].fillna(counts["households"]).fillna(0)).astype(int)
    rows = zip(is_estimated, low.tolist(), high.tolist(), strict=True)
    return [[minimum, maximum] if estimated else None for estimated, minimum, maximum in rows]


def translate_reason(plain: str | None, message_json: str | None) -> dict[str, str] | None:
    """Translate a sentence of a file into every language, by HTML tag.

    The plain text is used if there is nothing to translate.

    Parameters
    ----------
    plain : str or None
        The sentence as plain text.
    message_json : str or None
        The same as JSON, ``{"template": ..., "values": {...}}``.

    Examples
    --------
    >>> translate_reason("12 households", '{"template": "{n} households", "values": {"n": 12}}')["en"]
    '12 households'
    >>> translate_reason("as it is", "{}")["en"]
    'as it is'
    """
    message = _decode_message(message_json)
    if message is None and not plain:
        return None
    return {language_tag(language): translate(message, language) if message else str(plain) for language in LANGUAGES}


def _decode_message(message_json: str | None) -> Message | None:
    """Decode a message; None unless every placeholder has a value and no format, which a file must not bring."""
    try:
        content = json.loads(message_json or "null")
        template, values = content["template"], content["values"]
        fields = [field[1:] for field in Formatter().parse(template) if field[1] is not None]
    except (ValueError, TypeError, KeyError):
        return None
    is_plain = all(name in values and not layout and not conversion for name, layout, conversion in fields)
    return Message(template, values) if is_plain else None
