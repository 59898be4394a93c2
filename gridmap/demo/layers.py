"""Layers of a town from columns, as `gridmap.core.land.town.Town` requires them."""

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.core.array_types import GeometryArray
from gridmap.core.land.town import Town, add_household_ranges

CGCS2000_114E = CRS.from_epsg(4547)
"""CGCS2000 / 3-degree Gauss-Kruger CM 114E, metres: the official zone of the central provinces."""

ColumnSequence = Sequence[object] | NDArray[np.generic] | GeometryArray
ColumnMapping = Mapping[str, ColumnSequence]

TEXT_COLUMNS = ("courtyard", "estate", "use", "name", "address")


def assemble_town(
    name: str,
    *,
    communities: ColumnMapping,
    buildings: ColumnMapping,
    streets: ColumnMapping,
    barriers: ColumnMapping,
    dedicated: ColumnMapping,
) -> Town:
    """Assemble a town from columns; missing columns are filled with unknown values.

    Parameters
    ----------
    name : str
        Name of the town.
    communities, buildings, streets, barriers, dedicated : mapping of str to sequence
        Columns by name; geometries in metres of EPSG:4547.

    Returns
    -------
    Town
        With all columns that `gridmap.core.land.town.Town` requires.

    Examples
    --------
    >>> import shapely
    >>> square = [shapely.box(0, 0, 10, 10)]
    >>> empty = {"kind": [], "name": [], "geometry": []}
    >>> house = {"building_id": ["1"], "households": [3], "community": [0], "geometry": shapely.centroid(square)}
    >>> communities = {"code": ["A"], "name": ["A"], "geometry": square}
    >>> town = assemble_town(
    ...     "one", communities=communities, buildings=house, streets=empty, barriers=empty, dedicated=empty
    ... )
    >>> town.buildings.levels.isna().all(), town.buildings.households.dtype
    (np.True_, dtype('int64'))
    """
    return Town(
        name=name,
        crs=CGCS2000_114E,
        source_crs=CGCS2000_114E,
        communities=_build_layer(communities, ["code", "name"]),
        buildings=_build_building_layer(buildings),
        streets=_build_layer(streets, ["name", "kind"]),
        barriers=_build_layer(barriers, ["kind"]),
        dedicated=_build_layer(dedicated, ["name"]),
    )


def _build_layer(columns: ColumnMapping, text_columns: list[str]) -> gpd.GeoDataFrame:
    geometry = np.asarray(columns["geometry"], dtype=object)
    values = {name: _text_series(columns.get(name), len(geometry)) for name in text_columns}
    return gpd.GeoDataFrame(values, geometry=geometry, crs=CGCS2000_114E)


def _build_building_layer(columns: ColumnMapping) -> gpd.GeoDataFrame:
    count = len(columns["geometry"])
    layer = _build_layer(columns, ["building_id", *TEXT_COLUMNS])
    layer.insert(1, "households", np.asarray(columns["households"], dtype=np.int64))
    layer.insert(2, "community", np.asarray(columns["community"], dtype=np.int64))
    layer["levels"] = np.asarray(columns.get("levels", np.full(count, np.nan)), dtype=np.float64)
    return add_household_ranges(layer)


def _text_series(values: ColumnSequence | None, count: int) -> pd.Series:
    return pd.Series([None] * count if values is None else list(values), dtype=object)
