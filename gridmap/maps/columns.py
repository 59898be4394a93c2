"""Columns of a layer as a page reads them: plain values, and sentences in every language."""

import json
from string import Formatter
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap.core.errors import Message
from gridmap.maps.shapes import Geometries
from gridmap.maps.words import tag
from gridmap.texts import LANGUAGES, say

Range = list[int]


def shapes_of(frame: gpd.GeoDataFrame) -> Geometries:
    """Geometries of a layer, shape (n,)."""
    return np.asarray(frame.geometry.to_numpy(), dtype=object)


def values_of(frame: pd.DataFrame, name: str) -> list[Any]:
    """Values of a column as JSON knows them; None for what is missing, also for a column that is not there.

    >>> values_of(pd.DataFrame({"area_m2": [1.5, np.inf]}), "area_m2"), values_of(pd.DataFrame(index=[0]), "area_m2")
    ([1.5, None], [None])
    """
    if name not in frame.columns:
        return [None] * len(frame)
    known = frame[name].replace([np.inf, -np.inf], np.nan)
    return list(known.astype(object).where(known.notna(), None))


def estimates(frame: pd.DataFrame, flag: str) -> list[Range | None]:
    """Fewest and most households of each row whose households nobody counted, None for the others.

    Parameters
    ----------
    frame : DataFrame
        With ``households``, and perhaps ``households_low``, ``households_high`` and the flag.
    flag : str
        Column that is true, or not 0, where at least a part is estimated.

    Examples
    --------
    >>> grids = {"households": 9, "households_low": [7.4, 9], "households_high": 11, "estimated_households": [3, 0]}
    >>> estimates(pd.DataFrame(grids), "estimated_households")
    [[7, 11], None]
    """
    told = frame.reindex(columns=[flag, "households", "households_low", "households_high"])
    told = told.apply(pd.to_numeric, errors="coerce").replace([np.inf, -np.inf], np.nan)
    estimated = told[flag].fillna(0) != 0
    low = np.floor(told["households_low"].fillna(told["households"]).fillna(0)).astype(int)
    high = np.ceil(told["households_high"].fillna(told["households"]).fillna(0)).astype(int)
    return [[*ends] if each else None for each, *ends in zip(estimated, low.tolist(), high.tolist(), strict=True)]


def reasons(plain: str | None, encoded: str | None) -> dict[str, str] | None:
    """A sentence of a file in every language, by HTML tag; the plain text where there is nothing to translate.

    Parameters
    ----------
    plain : str or None
        The sentence as people read it.
    encoded : str or None
        The same as JSON, ``{"template": ..., "values": {...}}``.

    Examples
    --------
    >>> reasons("12 households", '{"template": "{n} households", "values": {"n": 12}}')["en"]
    '12 households'
    >>> reasons("as it is", "{}")["en"]
    'as it is'
    """
    message = _message(encoded)
    if message is None and not plain:
        return None
    return {tag(language): say(message, language) if message else str(plain) for language in LANGUAGES}


def _message(encoded: str | None) -> Message | None:
    """The message, if it is one whose names all have a plain value: a file must not bring formats of its own."""
    try:
        given = json.loads(encoded or "null")
        template, values = given["template"], given["values"]
        fields = [field[1:] for field in Formatter().parse(template) if field[1] is not None]
    except (ValueError, TypeError, KeyError):
        return None
    plain = all(name in values and not layout and not conversion for name, layout, conversion in fields)
    return Message(template, values) if plain else None
