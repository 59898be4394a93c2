"""Layers that a repair adds to a result: buildings that changed grid, and the grids as drawn."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.coverage.checks import DrawnGrids
from gridmap.core.coverage.repair import RepairedPlan
from gridmap.core.errors import Message
from gridmap.core.land.town import Town
from gridmap.formats.results.result_layers import message_to_json


@dataclass(frozen=True, eq=False)
class ChangeTables:
    """Changes of buildings, as points, and of land, as polygons; both with the columns of `build_change_table`."""

    buildings: gpd.GeoDataFrame
    land: gpd.GeoDataFrame

    def joined(self) -> gpd.GeoDataFrame:
        """Return both in one table of points; those of land lie within it."""
        points = shapely.point_on_surface(self.land.geometry.to_numpy())
        tables = (self.buildings, self.land.set_geometry(points, crs=self.land.crs))
        filled = [table for table in tables if len(table)] or [self.buildings]
        return gpd.GeoDataFrame(pd.concat(filled, ignore_index=True), geometry="geometry", crs=self.buildings.crs)


def build_change_table(
    town: Town, drawn: DrawnGrids, repaired: RepairedPlan, reasons: Sequence[str]
) -> gpd.GeoDataFrame:
    """Build the layer of changes: one row for each building that changed grid.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    repaired : RepairedPlan
    reasons : sequence of str
        Reason of each change, in the reader's language.

    Returns
    -------
    GeoDataFrame
        ``building_id``, ``households``, ``from_code`` (None for no grid), ``to_code``, ``area_m2`` (0: it is that of
        the land, in rows of its own), ``reason`` and ``reason_message``; a point on each building, in metres.
    """
    changes = repaired.changes
    buildings = town.buildings.iloc[changes["building"]]
    columns = {
        "building_id": buildings["building_id"].to_numpy(),
        "households": buildings["households"].to_numpy(),
        **_code_columns(drawn, repaired, changes),
        "area_m2": 0.0,
        **_reason_columns(changes["reason"], reasons),
    }
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    return gpd.GeoDataFrame(columns, geometry=points, crs=town.crs)


def build_land_change_table(
    town: Town, drawn: DrawnGrids, repaired: RepairedPlan, moved: gpd.GeoDataFrame, reasons: Sequence[str]
) -> gpd.GeoDataFrame:
    """Build the rows of land in the layer of changes, with the columns of `build_change_table`.

    Parameters
    ----------
    town, drawn, repaired : Town, DrawnGrids, RepairedPlan
    moved : GeoDataFrame
        From `gridmap.core.coverage.moved_land.find_moved_land`.
    reasons : sequence of str
        Reason of each row, in the reader's language.

    Returns
    -------
    GeoDataFrame
        ``building_id`` is None, ``households`` 0, ``to_code`` None for land that is in no grid any more; a polygon for
        each pair of grids, in metres.
    """
    columns = {
        "building_id": pd.Series([None] * len(moved), dtype=object),
        "households": np.zeros(len(moved), dtype=np.int64),
        **_code_columns(drawn, repaired, moved),
        "area_m2": moved["area_m2"].round(2).to_numpy(),
        **_reason_columns(moved["reason"], reasons),
    }
    return gpd.GeoDataFrame(columns, geometry=moved.geometry.to_numpy(), crs=town.crs)


def _code_columns(drawn: DrawnGrids, repaired: RepairedPlan, rows: pd.DataFrame) -> Mapping[str, object]:
    before = np.array([*drawn.labels(), None], dtype=object)
    after = np.array([*repaired.codes, None], dtype=object)
    return {"from_code": before[rows["drawn"]], "to_code": after[rows["grid"]]}


def _reason_columns(messages: Iterable[Message], reasons: Sequence[str]) -> Mapping[str, object]:
    values = [json.dumps(message_to_json(reason), ensure_ascii=False) for reason in messages]
    return {"reason": pd.Series(reasons, dtype=object), "reason_message": pd.Series(values, dtype=object)}


def build_repair_layers(town: Town, drawn: DrawnGrids, changes: ChangeTables) -> Mapping[str, gpd.GeoDataFrame]:
    """Build the layers that a repair adds to those of a result.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    changes : ChangeTables

    Returns
    -------
    mapping of str to GeoDataFrame
        ``changes``, ``moved_land`` (the polygons of its rows of land) and ``drawn_grids`` (``grid_code``, otherwise the
        label of the grid), in the town's own CRS.
    """
    grids = gpd.GeoDataFrame({"grid_code": drawn.labels()}, geometry=drawn.shapes, crs=town.crs)
    land = changes.land[["from_code", "to_code", "area_m2", "reason", "geometry"]]
    layers = {"changes": changes.joined(), "moved_land": land, "drawn_grids": grids}
    return {name: layer.to_crs(town.source_crs) for name, layer in layers.items()}
