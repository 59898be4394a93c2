"""Columns of a layer as a page reads them: plain values, and sentences in every language."""

import json
from string import Formatter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.core.errors import Message
from gridmap.maps.page_geometry import Geometries
from gridmap.maps.page_texts import html_language
from gridmap.texts import LANGUAGES, translate

HouseholdRange = list[int]


def geometries_of(frame: gpd.GeoDataFrame) -> Geometries:
    """Geometries of a layer, shape (n,)."""
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def json_values(frame: pd.DataFrame, column: str) -> list[Any]:
    """Values of a column as JSON knows them; None for what is missing, also for a column that is not there.

    >>> json_values(pd.DataFrame({"area_m2": [1.5, np.inf]}), "area_m2"), json_values(pd.DataFrame(index=[0]), "area_m2")
    ([1.5, None], [None])
    """
    if column not in frame.columns:
        return [None] * len(frame)
    known = frame[column].replace([np.inf, -np.inf], np.nan)
    return list(known.astype(object).where(known.notna(), None))


def household_ranges(frame: pd.DataFrame, estimated_column: str) -> list[HouseholdRange | None]:
    """Fewest and most households of each row whose households nobody counted, None for the others.

    Parameters
    ----------
    frame : DataFrame
        With ``households``, and perhaps ``households_low``, ``households_high`` and the flag.
    estimated_column : str
        Column that is true, or not 0, where at least a part is estimated.

    Examples
    --------
    >>> grids = {"households": 9, "households_low": [7.4, 9], "households_high": 11, "estimated_households": [3, 0]}
    >>> household_ranges(pd.DataFrame(grids), "estimated_households")
    [[7, 11], None]
    """
    told = frame.reindex(columns=[estimated_column, "households", "households_low", "households_high"])
    told = told.apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
    estimated = told[estimated_column].fillna(0) != 0
    low = np.floor(told["households_low"].fillna(told["households"]).fillna(0)).astype(int)
    high = np.ceil(told["households_high"].fillna(told["households"]).fillna(0)).astype(int)
    return [[*ends] if each else None for each, *ends in zip(estimated, low.tolist(), high.tolist(), strict=True)]


def translate_reason(plain: str | None, message_json: str | None) -> dict[str, str] | None:
    """A sentence of a file in every language, by HTML tag; the plain text where there is nothing to translate.

    Parameters
    ----------
    plain : str or None
        The sentence as people read it.
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
    return {html_language(language): translate(message, language) if message else str(plain) for language in LANGUAGES}


def _decode_message(message_json: str | None) -> Message | None:
    """The message, if it is one whose names all have a plain value: a file must not bring formats of its own."""
    try:
        given = json.loads(message_json or "null")
        template, values = given["template"], given["values"]
        fields = [field[1:] for field in Formatter().parse(template) if field[1] is not None]
    except (ValueError, TypeError, KeyError):
        return None
    plain = all(name in values and not layout and not conversion for name, layout, conversion in fields)
    return Message(template, values) if plain else None
