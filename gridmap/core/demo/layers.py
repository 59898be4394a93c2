"""Layers from columns: frames that hold to the contract of `gridmap.core.town.Town`."""

from collections.abc import Mapping, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.core.town import Town, with_ranges

CHINA_114 = CRS.from_epsg(4547)
"""CGCS2000 / 3-degree Gauss-Kruger CM 114E, metres: the official zone of the central provinces."""

Shapes = Sequence[Any] | NDArray[Any]
Columns = Mapping[str, Shapes]

TEXTS = ("courtyard", "estate", "use", "name", "address")


def assemble(
    name: str, *, communities: Columns, buildings: Columns, streets: Columns, barriers: Columns, dedicated: Columns
) -> Town:
    """Make a town from columns, each with ``geometry``; columns a layer may lack are filled with unknown.

    Parameters
    ----------
    name : str
        Name of the town.
    communities, buildings, streets, barriers, dedicated : mapping of str to sequence
        Columns by name; geometries in metres of EPSG:4547.

    Returns
    -------
    Town
        All columns present, as `gridmap.core.town.Town` asks for.

    Examples
    --------
    >>> import shapely
    >>> square = [shapely.box(0, 0, 10, 10)]
    >>> nothing = {"kind": [], "name": [], "geometry": []}
    >>> house = {"building_id": ["1"], "households": [3], "community": [0], "geometry": shapely.centroid(square)}
    >>> town = assemble("one", communities={"code": ["A"], "name": ["A"], "geometry": square}, buildings=house,
    ...                 streets=nothing, barriers=nothing, dedicated=nothing)
    >>> town.buildings.levels.isna().all(), town.buildings.households.dtype
    (np.True_, dtype('int64'))
    """
    return Town(
        name=name,
        crs=CHINA_114,
        source_crs=CHINA_114,
        communities=_layer(communities, ["code", "name"]),
        buildings=_buildings(buildings),
        streets=_layer(streets, ["name", "kind"]),
        barriers=_layer(barriers, ["kind"]),
        dedicated=_layer(dedicated, ["name"]),
    )


def _layer(columns: Columns, names: list[str]) -> gpd.GeoDataFrame:
    geometry = np.asarray(columns["geometry"], dtype=object)
    values = {name: _texts(columns.get(name), len(geometry)) for name in names}
    return gpd.GeoDataFrame(values, geometry=geometry, crs=CHINA_114)


def _buildings(columns: Columns) -> gpd.GeoDataFrame:
    count = len(columns["geometry"])
    layer = _layer(columns, ["building_id", *TEXTS])
    layer.insert(1, "households", np.asarray(columns["households"], dtype=np.int64))
    layer.insert(2, "community", np.asarray(columns["community"], dtype=np.int64))
    layer["levels"] = np.asarray(columns.get("levels", np.full(count, np.nan)), dtype=np.float64)
    return with_ranges(layer)


def _texts(values: Sequence[Any] | NDArray[Any] | None, count: int) -> pd.Series:
    return pd.Series([None] * count if values is None else list(values), dtype=object)
