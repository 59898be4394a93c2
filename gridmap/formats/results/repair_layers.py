"""Layers that a repair adds to a result: buildings that changed grid, and the grids as drawn."""

import json
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.coverage.checks import DrawnGrids
from gridmap.core.coverage.repair import RepairedPlan
from gridmap.core.land.town import Town
from gridmap.formats.results.result_layers import message_to_json


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
        ``building_id``, ``households``, ``from_code`` (None for no grid), ``to_code``, ``reason`` and
        ``reason_message``; a point on each building, in metres.
    """
    changes = repaired.changes
    buildings = town.buildings.iloc[changes["building"]]
    before = np.array([*drawn.labels(), None], dtype=object)
    after = np.array(repaired.codes, dtype=object)
    messages = [json.dumps(message_to_json(reason), ensure_ascii=False) for reason in changes["reason"]]
    columns = {
        "building_id": buildings["building_id"].to_numpy(),
        "households": buildings["households"].to_numpy(),
        "from_code": before[changes["drawn"]],
        "to_code": after[changes["grid"]],
        "reason": pd.Series(reasons, dtype=object),
        "reason_message": pd.Series(messages, dtype=object),
    }
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    return gpd.GeoDataFrame(columns, geometry=points, crs=town.crs)


def build_repair_layers(town: Town, drawn: DrawnGrids, changes: gpd.GeoDataFrame) -> Mapping[str, gpd.GeoDataFrame]:
    """Build the layers that a repair adds to those of a result.

    Parameters
    ----------
    town : Town
    drawn : DrawnGrids
    changes : GeoDataFrame
        From `build_change_table`.

    Returns
    -------
    mapping of str to GeoDataFrame
        ``changes`` and ``drawn_grids`` (``grid_code``, otherwise the label of the grid), in the town's own CRS.
    """
    grids = gpd.GeoDataFrame({"grid_code": drawn.labels()}, geometry=drawn.shapes, crs=town.crs)
    return {"changes": changes.to_crs(town.source_crs), "drawn_grids": grids.to_crs(town.source_crs)}
