"""Identity of courtyards: estate and name within a community, and one place."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.labels import label_components
from gridmap.core.text_comparison import fold_text

MAX_COURTYARD_GAP_M = 200.0
"""Largest gap between buildings of one courtyard. Courtyards are within a block; blocks of Chinese cities are 200 to
400 m wide, so that buildings of one name with a wider gap are on other blocks, and land of others is between them."""
NAME_SEPARATOR = " · "


@dataclass(frozen=True, eq=False)
class Courtyards:
    """Courtyards of the buildings of a town.

    Parameters
    ----------
    of_building : ndarray of int, one per building
        Courtyard of each building, -1 for none.
    names : tuple of str, one per courtyard
        Its name; with the estate before it where another courtyard of the community has the same name.
    first_spellings : tuple of str, one per courtyard
        Its name as its first building has it.
    group : ndarray of int, one per courtyard
        Number of its community, estate and name: the courtyards of one group are places that lie apart.
    """

    of_building: IntArray
    names: tuple[str, ...]
    first_spellings: tuple[str, ...]
    group: IntArray

    def __len__(self) -> int:
        return len(self.names)


def identify_courtyards(buildings: gpd.GeoDataFrame) -> Courtyards:
    """Find the courtyards of buildings: those of one name and estate in a community that lie together.

    Buildings lie together if no gap between them is wider than `MAX_COURTYARD_GAP_M`. Those without an estate belong to
    the nearest courtyard of their name that has one, if it is as near.

    Parameters
    ----------
    buildings : GeoDataFrame
        ``community`` (position), ``courtyard``, ``estate`` (str or None), geometries in metres.

    Returns
    -------
    Courtyards
        In the order of community, name and estate.

    Examples
    --------
    >>> names = {"community": [0, 0, 0], "courtyard": "1号院", "estate": ["东湖花园", "东湖花园", "西苑"]}
    >>> buildings = gpd.GeoDataFrame(names, geometry=shapely.points([[0, 0], [50, 0], [90, 0]]))
    >>> courtyards = identify_courtyards(buildings)
    >>> courtyards.of_building.tolist(), courtyards.names
    ([0, 0, 1], ('东湖花园 · 1号院', '西苑 · 1号院'))
    """
    table = _list_named_buildings(buildings)
    if table.empty:
        return Courtyards(np.full(len(buildings), -1, dtype=np.int64), (), (), np.empty(0, dtype=np.int64))
    shapes = buildings.geometry.to_numpy()
    table["place"] = _number_places(table, shapes)
    table = _join_buildings_without_estate(table, shapes)
    numbers = table.groupby(["community", "name", "estate", "place"], sort=True).ngroup()
    of_building = np.full(len(buildings), -1, dtype=np.int64)
    of_building[table["building"]] = numbers
    first = table.assign(number=numbers).drop_duplicates("number").sort_values("number")
    group: IntArray = first.groupby(["community", "name", "estate"], sort=True).ngroup().to_numpy().astype(np.int64)
    return Courtyards(of_building, _display_names(first), tuple(first["spelling"]), group)


def _list_named_buildings(buildings: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the buildings with a courtyard, with folded names; the estate is empty where there is none."""
    table = pd.DataFrame(
        {
            "building": np.arange(len(buildings)),
            "community": buildings["community"].to_numpy(),
            "spelling": buildings["courtyard"].to_numpy(dtype=object),
            "estate_spelling": buildings["estate"].to_numpy(dtype=object),
        }
    )
    table = table[table["spelling"].notna()].reset_index(drop=True)
    table["name"] = _fold(table["spelling"])
    table["estate"] = _fold(table["estate_spelling"])
    return table


def _fold(texts: pd.Series) -> pd.Series:
    codes, spellings = pd.factorize(texts.to_numpy(dtype=object))
    folded = np.array([*map(fold_text, spellings), ""], dtype=object)
    return pd.Series(folded[codes], index=texts.index, dtype=object)


def _number_places(table: pd.DataFrame, shapes: GeometryArray) -> IntArray:
    """Return for each building the place of its estate and name where it lies, from 0 in the order of buildings."""
    place = np.zeros(len(table), dtype=np.int64)
    bounds = pd.DataFrame(shapely.bounds(shapes[table["building"]]), columns=["west", "south", "east", "north"])
    keys = [table["community"], table["name"], table["estate"]]
    extents = bounds.groupby(keys, sort=False).agg({"west": "min", "south": "min", "east": "max", "north": "max"})
    is_wide = np.hypot(extents["east"] - extents["west"], extents["north"] - extents["south"]) > MAX_COURTYARD_GAP_M
    groups = table.groupby(["community", "name", "estate"], sort=False).indices
    for key in extents.index[is_wide]:
        rows = groups[key]
        place[rows] = _label_places(shapes[table["building"].to_numpy()[rows]])
    return place


def _label_places(shapes: GeometryArray) -> IntArray:
    """Return the place of each shape: gaps within a place are at most `MAX_COURTYARD_GAP_M`."""
    pairs = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=MAX_COURTYARD_GAP_M)
    return label_components(len(shapes), *pairs)


def _join_buildings_without_estate(table: pd.DataFrame, shapes: GeometryArray) -> pd.DataFrame:
    """Give places without an estate the estate and place of the nearest courtyard of their name."""
    has_estate = (table["estate"] != "").to_numpy()
    names = pd.MultiIndex.from_frame(table[["community", "name"]])
    is_mixed = names.isin(names[has_estate]) & ~has_estate
    for _, rows in table[is_mixed].groupby(["community", "name", "place"], sort=False):
        others = table[has_estate & (names == names[rows.index[0]])]
        tree = shapely.STRtree(shapes[others["building"]])
        places = shapes[rows["building"]]
        found, distances = tree.query_nearest(places, max_distance=MAX_COURTYARD_GAP_M, return_distance=True)
        if len(distances):
            nearest = others.iloc[found[1][np.argmin(distances)]]
            table.loc[rows.index, ["estate", "place"]] = [nearest["estate"], nearest["place"]]
            table.loc[rows.index, "estate_spelling"] = nearest["estate_spelling"]
    return table


def _display_names(first: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of courtyards, with the estate where another one of the community has the same name."""
    is_shared = first.duplicated(["community", "name"], keep=False) & (first["estate"] != "")
    columns = zip(is_shared, first["estate_spelling"], first["spelling"], strict=True)
    return tuple(f"{estate}{NAME_SEPARATOR}{name}" if shared else name for shared, estate, name in columns)
