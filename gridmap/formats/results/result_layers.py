"""Layers of a result: grids, assignment and cells, and the town itself, in the town's own CRS."""

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
from gridmap.texts import translate

TEXT_COLUMNS = ("reason", "extent")


def build_result_layers(
    town: Town,
    land: LandCoverage,
    plan: GridPlan,
    grids: gpd.GeoDataFrame,
    language: str,
    settings: PartitionSettings,
) -> Mapping[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Build the layers of a result, ready to write.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
        The town, its cells, and the grid of each cell.
    grids : GeoDataFrame
        From `gridmap.core.plans.measures.measure_grids`, in the order of the plan.
    language : str
        Language of reasons and extents.
    settings : PartitionSettings
        Profile and seed of the partition.

    Returns
    -------
    mapping of str to GeoDataFrame or DataFrame
        ``assignment``, ``profile`` (one row with the settings), ``grids`` in the order of their codes, ``outlines``
        (the same grids as they are drawn, unless they are drawn by hand) and ``cells``; then the town's own layers, so
        that a map needs no other file.
    """
    codes = grids["grid_code"].to_numpy()
    code_of_building = codes[plan.grid_of_cell[land.cell_of_building]]
    ids = town.buildings["building_id"].to_numpy()
    spatial = {
        "grids": _with_texts(grids, language).sort_values("grid_code", ignore_index=True),
        **_outline_layer(grids, language),
        "cells": _build_cell_layer(land, codes[plan.grid_of_cell], ids, town),
        **build_town_layers(town, code_of_building),
    }
    assignment = pd.DataFrame({"building_id": ids, "grid_code": code_of_building})
    tables = {"assignment": assignment, "profile": profile_table(settings.profile).assign(seed=settings.seed)}
    return {**tables, **{name: layer.to_crs(town.source_crs) for name, layer in spatial.items()}}


def add_micro_grids(
    layers: Mapping[str, gpd.GeoDataFrame | pd.DataFrame],
    micro_grids: gpd.GeoDataFrame,
    micro_grid_of_building: GeometryArray,
    language: str,
) -> Mapping[str, gpd.GeoDataFrame | pd.DataFrame]:
    """Add the layer ``micro_grids`` and the column ``micro_grid_code`` of buildings to those of a result.

    Parameters
    ----------
    layers : mapping
        From `build_result_layers`.
    micro_grids : GeoDataFrame
        From `gridmap.core.plans.measures.measure_grids`, with the grids as communities.
    micro_grid_of_building : ndarray of str
    language : str
    """
    crs = gpd.GeoDataFrame(layers["grids"]).crs
    table = _with_texts(micro_grids, language).rename(
        columns={"grid_code": "micro_grid_code", "community_code": "grid_code"}
    )
    table = table.sort_values("micro_grid_code", ignore_index=True).to_crs(crs)
    coded = {name: layers[name].assign(micro_grid_code=micro_grid_of_building) for name in ("assignment", "buildings")}
    return {**layers, **coded, "micro_grids": table}


def build_town_layers(town: Town, grid_of_building: GeometryArray) -> Mapping[str, gpd.GeoDataFrame]:
    """Build the town's own layers, in metres; each building has the code of its grid."""
    return {
        "communities": town.communities,
        "buildings": town.buildings.drop(columns="community").assign(grid_code=grid_of_building),
        "streets": town.streets,
        "barriers": town.barriers,
        "dedicated": town.dedicated,
    }


def profile_table(profile: Profile) -> pd.DataFrame:
    """Build a table of one row: the norm range, and the version of gridmap."""
    sizes = {"minimum": profile.minimum, "maximum": profile.maximum, "target": profile.target}
    return pd.DataFrame([{**sizes, "version": __version__}])


def message_to_json(message: Message) -> dict[str, object]:
    """Return a message as plain values, from which it can still be translated."""
    return {"template": message.template, "values": dict(message.values)}


def _with_texts(grids: gpd.GeoDataFrame, language: str) -> gpd.GeoDataFrame:
    """Add reasons and extents as text; reasons as values, too, that a page can still translate."""
    values = [json.dumps(message_to_json(reason), ensure_ascii=False) if reason else None for reason in grids["reason"]]
    texts = {name: [translate(text, language) if text else None for text in grids[name]] for name in TEXT_COLUMNS}
    columns = {**texts, "reason_message": values}
    table = grids.drop(columns="outline")
    return table.assign(**{name: pd.Series(column, dtype=object) for name, column in columns.items()})


def _outline_layer(grids: gpd.GeoDataFrame, language: str) -> Mapping[str, gpd.GeoDataFrame]:
    if grids["outline"].isna().any():
        return {}
    table = _with_texts(grids, language)[["grid_code", "community_code", "kind", "extent"]]
    layer = gpd.GeoDataFrame(table, geometry=grids["outline"].to_numpy(), crs=grids.crs)
    return {"outlines": layer.sort_values("grid_code", ignore_index=True)}


def _build_cell_layer(
    land: LandCoverage, grid_code_of_cell: GeometryArray, building_ids: GeometryArray, town: Town
) -> gpd.GeoDataFrame:
    """Build the layer of cells with the ids of their buildings: none on open land, several where buildings overlap."""
    ids_by_cell = pd.Series(building_ids).groupby(land.cell_of_building).agg(list).reindex(range(len(land.cells)))
    json_ids = [json.dumps(ids, ensure_ascii=False) if isinstance(ids, list) else "[]" for ids in ids_by_cell]
    columns = {"cell_id": np.arange(1, len(land.cells) + 1), "grid_code": grid_code_of_cell, "building_ids": json_ids}
    return gpd.GeoDataFrame(columns, geometry=land.cells, crs=town.crs)
