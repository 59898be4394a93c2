"""Layers from which the land of some communities is built anew: as they are on a day, and with their keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.caller import Caller
from gridmap.core.land.town import Town
from gridmap.store.access import row_filter
from gridmap.store.queries.grids.grids_in_force import CountBasis
from gridmap.store.queries.plans.community_town import (
    LayerTable,
    load_layer,
    load_town_buildings,
    parse_geometries,
    select_town_buildings,
)
from gridmap.store.reprojection import to_metres
from gridmap.store.schema import Barrier, Building, Community, DedicatedLand, Street


@dataclass(frozen=True, eq=False)
class RebuildInput:
    """Layers of communities.

    Parameters
    ----------
    town : Town
        The communities with the buildings that stand on the day, in metres; buildings are those of the communities
        that they belonged to before.
    community_ids : ndarray of int, one per community of the town
    building_ids : ndarray of int, one per building
    dedicated_ids : ndarray of int, one per dedicated land
    """

    town: Town
    community_ids: IntArray
    building_ids: IntArray
    dedicated_ids: IntArray


def load_rebuild_input(
    session: Session, caller: Caller, community_ids: Sequence[int], crs: CRS, on: date
) -> RebuildInput:
    """Return the layers of some communities of a subdistrict.

    Parameters
    ----------
    session : Session
    caller : Caller
    community_ids : sequence of int
    crs : CRS
        Metric, in which the land is built.
    on : date
        Buildings are those that stand on it.
    """
    in_set = Community.id.in_(community_ids), row_filter.visible(caller, Community)
    communities = session.scalars(select(Community).where(*in_set).order_by(Community.id)).all()
    keys = np.array([community.id for community in communities], dtype=np.int64)
    buildings = _load_buildings(session, caller, keys, crs, on)
    load = partial(_load_layers, session, caller, communities, crs)
    dedicated = load(DedicatedLand)
    town = Town(
        name=communities[0].code,
        crs=crs,
        source_crs=crs,
        communities=_community_frame(communities, crs),
        buildings=buildings.drop(columns=["id", "community_id"]),
        streets=load(Street).drop(columns="id"),
        barriers=load(Barrier).drop(columns="id"),
        dedicated=dedicated.drop(columns="id"),
    )
    return RebuildInput(town, keys, _ids(buildings), _ids(dedicated))


def load_outlines(session: Session, caller: Caller, subdistrict_id: int, crs: CRS) -> Mapping[int, shapely.Geometry]:
    """Return the boundaries of all communities of a subdistrict, in metres."""
    rows = select(Community.id, Community.geometry).where(Community.subdistrict_id == subdistrict_id)
    listed = session.execute(rows.where(row_filter.visible(caller, Community)).order_by(Community.id)).all()
    shapes = to_metres(parse_geometries([row.geometry for row in listed]), crs)
    return {row.id: shape for row, shape in zip(listed, shapes, strict=True)}


def _load_buildings(session: Session, caller: Caller, keys: IntArray, crs: CRS, on: date) -> gpd.GeoDataFrame:
    rows = select_town_buildings(caller, CountBasis(on)).where(Building.community_id.in_(keys.tolist()))
    buildings = load_town_buildings(session, rows, crs)
    return buildings.assign(community=np.searchsorted(keys, buildings["community_id"].to_numpy(dtype=np.int64)))


def _load_layers(
    session: Session, caller: Caller, communities: Sequence[Community], crs: CRS, table: LayerTable
) -> gpd.GeoDataFrame:
    """Return the rows of a layer that touch any of the communities, each once."""
    frames = [load_layer(session, caller, table, community, crs) for community in communities]
    merged = pd.concat(frames, ignore_index=True).drop_duplicates("id").sort_values("id", ignore_index=True)
    return gpd.GeoDataFrame(merged, crs=crs)


def _community_frame(communities: Sequence[Community], crs: CRS) -> gpd.GeoDataFrame:
    shapes = to_metres(parse_geometries([community.geometry for community in communities]), crs)
    columns = {"code": [each.code for each in communities], "name": [each.name for each in communities]}
    return gpd.GeoDataFrame(columns, geometry=_single_parts(shapes), crs=crs)


def _single_parts(shapes: GeometryArray) -> GeometryArray:
    """Return multipolygons of one part as polygons."""
    parts = np.empty(len(shapes), dtype=object)
    parts[:] = [shape.geoms[0] if len(shape.geoms) == 1 else shape for shape in shapes]
    return parts


def _ids(frame: gpd.GeoDataFrame) -> IntArray:
    return np.asarray(frame["id"], dtype=np.int64)
