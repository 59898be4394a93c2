"""The layers of a result: grids, assignment and cells, and the town they were made from, in the town's own CRS."""

import json
from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from gridmap import __version__
from gridmap.core.array_types import GeometryArray
from gridmap.core.errors import Message
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile


def build_result_layers(
    town: Town,
    land: LandCoverage,
    plan: GridPlan,
    grids: gpd.GeoDataFrame,
    reasons: list[str | None],
    settings: PartitionSettings,
) -> Mapping[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Layers of a result, ready to write.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
        What was divided, and how.
    grids : GeoDataFrame
        From `gridmap.core.plans.measures.measure_grids`, in the order of the plan.
    reasons : list of str or None
        The reason of each grid in the reader's language.
    settings : PartitionSettings
        How it was divided.

    Returns
    -------
    mapping of str to GeoDataFrame or DataFrame
        ``assignment``, ``profile`` (one row: what was asked for), ``grids`` in the order of their codes and ``cells``;
        then the town's own layers, so that a map needs no other file.
    """
    code = grids["grid_code"].to_numpy()
    of_building = code[plan.grid_of_cell[land.cell_of_building]]
    ids = town.buildings["building_id"].to_numpy()
    spatial = {
        "grids": _with_reason_texts(grids, reasons).sort_values("grid_code", ignore_index=True),
        "cells": _build_cell_layer(land, code[plan.grid_of_cell], ids, town),
        **build_town_layers(town, of_building),
    }
    assignment = pd.DataFrame({"building_id": ids, "grid_code": of_building})
    tables = {"assignment": assignment, "profile": profile_table(settings.profile).assign(seed=settings.seed)}
    return {**tables, **{name: layer.to_crs(town.source_crs) for name, layer in spatial.items()}}


def build_town_layers(town: Town, grid_of_building: GeometryArray) -> Mapping[str, gpd.GeoDataFrame]:
    """The town's own layers, in metres; its buildings with the code of the grid that each is in."""
    return {
        "communities": town.communities,
        "buildings": town.buildings.drop(columns="community").assign(grid_code=grid_of_building),
        "streets": town.streets,
        "barriers": town.barriers,
        "dedicated": town.dedicated,
    }


def profile_table(profile: Profile) -> pd.DataFrame:
    """What was asked for, and by which version it was answered, in one row."""
    sizes = {"minimum": profile.minimum, "maximum": profile.maximum, "target": profile.target}
    return pd.DataFrame([{**sizes, "version": __version__}])


def message_to_json(message: Message) -> dict[str, object]:
    """A sentence that can still be translated, as plain values."""
    return {"template": message.template, "values": dict(message.values)}


def _with_reason_texts(grids: gpd.GeoDataFrame, reasons: list[str | None]) -> gpd.GeoDataFrame:
    """Reasons as text, and as values that a page can still translate."""
    values = [json.dumps(message_to_json(reason), ensure_ascii=False) if reason else None for reason in grids["reason"]]
    return grids.assign(reason=pd.Series(reasons, dtype=object), reason_message=pd.Series(values, dtype=object))


def _build_cell_layer(
    land: LandCoverage, grid_code_of_cell: GeometryArray, building_ids: GeometryArray, town: Town
) -> gpd.GeoDataFrame:
    """Cells with the buildings on them: none on open land, several where they cannot be parted."""
    on_cell = pd.Series(building_ids).groupby(land.cell_of_building).agg(list)
    buildings = on_cell.reindex(range(len(land.cells)))
    listed = [json.dumps(each, ensure_ascii=False) if isinstance(each, list) else "[]" for each in buildings]
    columns = {"cell_id": np.arange(1, len(land.cells) + 1), "grid_code": grid_code_of_cell, "building_ids": listed}
    return gpd.GeoDataFrame(columns, geometry=land.cells, crs=town.crs)
