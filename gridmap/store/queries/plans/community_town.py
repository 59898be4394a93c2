"""A community read from the database as the core needs it: a town of its own in metres, with its land."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geoalchemy2.elements import WKBElement
from pyproj import CRS
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.caller import Caller
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.restore import restore_land
from gridmap.core.land.town import Town, add_household_ranges
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store import schema
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import AnySelect
from gridmap.store.queries.grids.grids_in_force import CountBasis
from gridmap.store.reprojection import to_metres

TEXT_COLUMNS = ["courtyard", "estate", "use", "name", "address"]
LayerTable = type[schema.DedicatedLand] | type[schema.Street] | type[schema.Barrier]


@dataclass(frozen=True, eq=False)
class StoredCommunity:
    """A community as a town, with the keys of the rows of its layers.

    Parameters
    ----------
    town : Town
        Of this one community, in the metric CRS in which its land was built.
    land : LandCoverage
        The newest land.
    land_id : int
    cell_ids : ndarray of int, one per cell of the land
    building_ids : ndarray of int, one per building of the town
    counted : ndarray of bool, one per building of the town
        Whether it has a count of the kind that was asked for; the others have 0 households.
    household_kind : HouseholdKind
        That kind.
    """

    town: Town
    land: LandCoverage
    land_id: int
    cell_ids: IntArray
    building_ids: IntArray
    counted: BoolArray
    household_kind: HouseholdKind = HouseholdKind.RESIDENT


def load_community(session: Session, caller: Caller, community_id: int, basis: CountBasis) -> StoredCommunity | None:
    """Return a community on a day, with its newest land.

    Parameters
    ----------
    session : Session
    caller : Caller
    community_id : int
    basis : CountBasis
        Buildings are those of the day, with their newest count of the kind up to it.

    Returns
    -------
    StoredCommunity or None
        None where the caller does not see the community, and for a community without land.
    """
    rows = (
        select(schema.Community, schema.Land)
        .join(schema.Land, schema.Land.community_id == schema.Community.id)
        .where(schema.Community.id == community_id, row_filter.visible(caller, schema.Community))
        .order_by(schema.Land.id.desc())
        .limit(1)
    )
    row = session.execute(rows).first()
    if row is None:
        return None
    community, land = row
    crs = CRS(land.crs)
    cells = _load_cells(session, caller, land.id, crs)
    buildings = _load_buildings(session, caller, land.id, basis, crs)
    dedicated = load_layer(session, caller, schema.DedicatedLand, community, crs)
    town = Town(
        name=community.code,
        crs=crs,
        source_crs=crs,
        communities=_community_frame(community, crs),
        buildings=buildings.drop(columns=["id", "cell_id", "community_id", "counted"]),
        streets=load_layer(session, caller, schema.Street, community, crs).drop(columns="id"),
        barriers=load_layer(session, caller, schema.Barrier, community, crs).drop(columns="id"),
        dedicated=dedicated.drop(columns="id"),
    )
    stored_land = _build_land(town, cells, buildings, dedicated)
    counted = buildings["counted"].to_numpy(dtype=np.bool_)
    keys = land.id, _ids(cells), _ids(buildings)
    return StoredCommunity(town, stored_land, *keys, counted, basis.household_kind)


def load_resident_groups(session: Session, caller: Caller, community_id: int, crs: CRS) -> gpd.GeoDataFrame:
    """Return the resident groups of a community that have an extent, with their names, in metres."""
    group = schema.ResidentGroup
    rows = select(group.id, group.name, group.geometry).where(
        group.community_id == community_id, group.geometry.is_not(None)
    )
    return load_frame(session, rows.where(row_filter.visible(caller, group)).order_by(group.id), crs)


def has_land(session: Session, caller: Caller, community_id: int) -> bool:
    """Return whether a community has land that can be partitioned."""
    rows = select(schema.Land.id).where(
        schema.Land.community_id == community_id, row_filter.visible(caller, schema.Land)
    )
    return session.scalar(rows.limit(1)) is not None


def _build_land(
    town: Town, cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, dedicated: gpd.GeoDataFrame
) -> LandCoverage:
    cell_of_building = _positions_of(cells["id"], buildings["cell_id"])
    dedicated_of_cell = _positions_of(dedicated["id"], cells["dedicated_land_id"])
    water = cells["water"].to_numpy(dtype=np.bool_)
    return restore_land(town, cells.geometry.to_numpy(), dedicated_of_cell, water, cell_of_building)


def _community_frame(community: schema.Community, crs: CRS) -> gpd.GeoDataFrame:
    shape = to_metres(parse_geometries([community.geometry]), crs)[0]
    geometry = shape.geoms[0] if len(shape.geoms) == 1 else shape
    return gpd.GeoDataFrame({"code": [community.code], "name": [community.name]}, geometry=[geometry], crs=crs)


def _load_cells(session: Session, caller: Caller, land_id: int, crs: CRS) -> gpd.GeoDataFrame:
    cell = schema.Cell
    rows = select(cell.id, cell.dedicated_land_id, cell.water, cell.geometry)
    rows = rows.where(cell.land_id == land_id, row_filter.visible(caller, cell))
    return load_frame(session, rows.order_by(cell.number), crs)


def _load_buildings(session: Session, caller: Caller, land_id: int, basis: CountBasis, crs: CRS) -> gpd.GeoDataFrame:
    """Return the buildings of a land with all columns of a town."""
    building_cell = schema.BuildingCell
    rows = (
        select_town_buildings(caller, basis)
        .add_columns(building_cell.cell_id)
        .join(building_cell, building_cell.building_id == schema.Building.id)
        .where(building_cell.land_id == land_id)
    )
    return load_town_buildings(session, rows, crs).assign(community=0)


def select_town_buildings(caller: Caller, basis: CountBasis) -> AnySelect:
    """Select the buildings of a day with the columns that `load_town_buildings` needs."""
    building, counts = schema.Building, select_latest_counts(caller, basis).subquery()
    return (
        select(building.id, building.code.label("building_id"), building.community_id, building.levels)
        .add_columns(building.use, building.name, building.address, building.geometry)
        .add_columns(schema.Courtyard.name.label("courtyard"), schema.Estate.name.label("estate"))
        .add_columns(func.coalesce(counts.c.households, 0).label("households"))
        .add_columns(counts.c.id.is_not(None).label("counted"))
        .add_columns(counts.c.estimated.label("households_estimated"))
        .add_columns(counts.c.low.label("households_low"), counts.c.high.label("households_high"))
        .outerjoin(counts, counts.c.building_id == building.id)
        .outerjoin(schema.Courtyard, schema.Courtyard.id == building.courtyard_id)
        .outerjoin(schema.Estate, schema.Estate.id == building.estate_id)
        .where(building.valid.contains(basis.on), row_filter.visible(caller, building))
        .order_by(building.id)
    )


def load_town_buildings(session: Session, rows: AnySelect, crs: CRS) -> gpd.GeoDataFrame:
    """Return the buildings of a query with all columns of a town but ``community``, and the key of their rows."""
    frame = load_frame(session, rows, crs)
    texts = frame[TEXT_COLUMNS]
    frame[TEXT_COLUMNS] = texts.astype(object).where(texts.notna(), None)
    ranged = add_household_ranges(frame.astype({"levels": "float64", "households": "int64"}))
    return gpd.GeoDataFrame(ranged, crs=crs)


def select_latest_counts(caller: Caller, basis: CountBasis) -> Select[schema.HouseholdCount]:
    """Select the newest count of the kind up to the day of each building."""
    count = schema.HouseholdCount
    return (
        select(count)
        .ext(distinct_on(count.building_id))
        .where(count.kind == basis.household_kind, count.as_of <= basis.on, row_filter.visible(caller, count))
        .order_by(count.building_id, count.as_of.desc())
    )


def load_layer(
    session: Session, caller: Caller, table: LayerTable, community: schema.Community, crs: CRS
) -> gpd.GeoDataFrame:
    """Return the rows of a layer that touch a community, with ``name`` and ``kind`` where the table has them."""
    columns: list[InstrumentedAttribute[Any]] = [table.id, table.geometry]
    columns += [getattr(table, name) for name in ("name", "kind") if hasattr(table, name)]
    touches: ColumnElement[bool] = func.ST_Intersects(table.geometry, community.geometry)
    rows = select(*columns).where(table.subdistrict_id == community.subdistrict_id, touches)
    return load_frame(session, rows.where(row_filter.visible(caller, table)).order_by(table.id), crs)


def load_frame(session: Session, rows: AnySelect, crs: CRS) -> gpd.GeoDataFrame:
    """Return the rows of a query with a column ``geometry`` in degrees, in metres."""
    result = session.execute(rows)
    frame = pd.DataFrame(result.all(), columns=list(result.keys()))
    shapes = to_metres(parse_geometries(frame["geometry"]), crs)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=crs)


def parse_geometries(elements: Iterable[WKBElement]) -> GeometryArray:
    """Return geometries as the database sends them, in degrees."""
    return np.asarray(shapely.from_wkb([element.desc for element in elements]), dtype=object)


def _positions_of(ids: pd.Series, lookup: pd.Series) -> IntArray:
    """Return the position of each looked-up key among `ids`; -1 for none."""
    return np.asarray(pd.Index(ids).get_indexer(lookup.astype("Int64")), dtype=np.int64)


def _ids(frame: gpd.GeoDataFrame) -> IntArray:
    return np.asarray(frame["id"], dtype=np.int64)
