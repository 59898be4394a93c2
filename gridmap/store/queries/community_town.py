"""A community read back from the database as the core sees it: a town of its own, in metres, with its land."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import InstrumentedAttribute, Session

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.caller import Caller
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.restore import restore_land
from gridmap.core.land.town import Town, add_household_ranges
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store import schema
from gridmap.store.access import row_filter
from gridmap.store.reprojection import to_metres

TEXT_COLUMNS = ("courtyard", "estate", "use", "name", "address")


@dataclass(frozen=True, eq=False)
class StoredCommunity:
    """A community as a town, and the rows that its layers came from.

    Parameters
    ----------
    town : Town
        Of this one community, in the metric CRS that its land was made in.
    land : LandCoverage
        Its newest making.
    land_id : int
        The row of that making.
    cell_ids, building_ids : ndarray of int
        Numbers of the rows of the land's cells and of the town's buildings.
    """

    town: Town
    land: LandCoverage
    land_id: int
    cell_ids: IntArray
    building_ids: IntArray


def load_community(session: Session, caller: Caller, community_id: int, on: date) -> StoredCommunity | None:
    """A community on a day, with the newest making of its land.

    Parameters
    ----------
    session : Session
        Rows come as the account may see them.
    community_id : int
    on : date
        Buildings are those that stand on it, with their newest count up to it.

    Returns
    -------
    KeptTown or None
        None for an account that does not see the community, and for one without land.
    """
    asked = select(schema.Community, schema.Land).join(schema.Land, schema.Land.community_id == schema.Community.id)
    seen = asked.where(schema.Community.id == community_id, row_filter.visible(caller, schema.Community))
    row = session.execute(seen.order_by(schema.Land.id.desc()).limit(1)).first()
    if row is None:
        return None
    home, land = row
    crs = CRS(land.crs)
    cells = _load_cells(session, caller, land.id, crs)
    buildings = _load_buildings(session, caller, land.id, on, crs)
    dedicated = _load_layer(session, caller, schema.DedicatedLand, home.subdistrict_id, crs, home.geometry)
    town = Town(
        name=home.code,
        crs=crs,
        source_crs=crs,
        communities=_community_frame(home, crs),
        buildings=buildings.drop(columns=["id", "cell_id"]),
        streets=_load_layer(session, caller, schema.Street, home.subdistrict_id, crs, home.geometry).drop(columns="id"),
        barriers=_load_layer(session, caller, schema.Barrier, home.subdistrict_id, crs, home.geometry).drop(
            columns="id"
        ),
        dedicated=dedicated.drop(columns="id"),
    )
    return StoredCommunity(town, _build_land(town, cells, buildings, dedicated), land.id, _ids(cells), _ids(buildings))


def _build_land(
    town: Town, cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, dedicated: gpd.GeoDataFrame
) -> LandCoverage:
    standing = _positions_of(cells["id"], buildings["cell_id"])
    of_dedicated = _positions_of(dedicated["id"], cells["dedicated_land_id"])
    water = cells["water"].to_numpy(dtype=np.bool_)
    return restore_land(town, cells.geometry.to_numpy(), of_dedicated, water, standing)


def _community_frame(community: schema.Community, crs: CRS) -> gpd.GeoDataFrame:
    shape = to_metres(_parse_geometries(pd.Series([community.geometry])), crs)[0]
    whole = shape.geoms[0] if len(shape.geoms) == 1 else shape
    return gpd.GeoDataFrame({"code": [community.code], "name": [community.name]}, geometry=[whole], crs=crs)


def _load_cells(session: Session, caller: Caller, land_id: int, crs: CRS) -> gpd.GeoDataFrame:
    cell = schema.Cell
    rows = select(cell.id, cell.dedicated_land_id, cell.water, cell.geometry).where(cell.land_id == land_id)
    return _load_frame(session, rows.where(row_filter.visible(caller, cell)).order_by(cell.number), crs)


def _load_buildings(session: Session, caller: Caller, land_id: int, on: date, crs: CRS) -> gpd.GeoDataFrame:
    """Buildings of a making of the land with all columns of a town."""
    building, standing, counted = (
        schema.Building,
        schema.BuildingCell,
        _select_latest_counts(session, caller, on).subquery(),
    )
    rows = (
        select(building.id, building.code.label("building_id"), standing.cell_id, building.levels, building.geometry)
        .add_columns(building.use, building.name, building.address)
        .add_columns(schema.Courtyard.name.label("courtyard"), schema.Estate.name.label("estate"))
        .add_columns(func.coalesce(counted.c.households, 0).label("households"))
        .add_columns(counted.c.estimated.label("households_estimated"))
        .add_columns(counted.c.low.label("households_low"), counted.c.high.label("households_high"))
        .join(standing, standing.building_id == building.id)
        .outerjoin(counted, counted.c.building_id == building.id)
        .outerjoin(schema.Courtyard, schema.Courtyard.id == building.courtyard_id)
        .outerjoin(schema.Estate, schema.Estate.id == building.estate_id)
        .where(standing.land_id == land_id, building.valid.contains(on), row_filter.visible(caller, building))
        .order_by(building.id)
    )
    frame = _load_frame(session, rows, crs).assign(community=0)
    frame[list(TEXT_COLUMNS)] = frame[list(TEXT_COLUMNS)].astype(object).where(frame[list(TEXT_COLUMNS)].notna(), None)
    ranged = add_household_ranges(frame.astype({"levels": "float64", "households": "int64"}))
    return gpd.GeoDataFrame(ranged, crs=crs)


def _select_latest_counts(session: Session, caller: Caller, on: date) -> Any:
    count = schema.HouseholdCount
    newest = select(count).ext(distinct_on(count.building_id)).where(count.kind == HouseholdKind.RESIDENT)
    return newest.where(count.as_of <= on, row_filter.visible(caller, count)).order_by(
        count.building_id, count.as_of.desc()
    )


def _load_layer(
    session: Session, caller: Caller, table: Any, subdistrict_id: int, crs: CRS, boundary: Any
) -> gpd.GeoDataFrame:
    """Rows of a layer that touch a community: ``id``, ``name`` and ``kind`` as far as the table has them."""
    columns: list[InstrumentedAttribute[Any]] = [table.id, table.geometry]
    columns += [getattr(table, name) for name in ("name", "kind") if hasattr(table, name)]
    near: ColumnElement[bool] = func.ST_Intersects(table.geometry, boundary)
    rows = select(*columns).where(table.subdistrict_id == subdistrict_id, near, row_filter.visible(caller, table))
    return _load_frame(session, rows.order_by(table.id), crs)


def _load_frame(session: Session, rows: Any, crs: CRS) -> gpd.GeoDataFrame:
    """Rows of a query with a geometry, in metres."""
    found = session.execute(rows)
    frame = pd.DataFrame(found.all(), columns=list(found.keys()))
    shapes = to_metres(_parse_geometries(frame["geometry"]), crs)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=crs)


def _parse_geometries(elements: "pd.Series[Any]") -> GeometryArray:
    return np.asarray(shapely.from_wkb([element.desc for element in elements]), dtype=object)


def _positions_of(ids: "pd.Series[Any]", lookup: "pd.Series[Any]") -> IntArray:
    """Where each wanted number stands among the known ones; -1 for none."""
    return np.asarray(pd.Index(ids).get_indexer(lookup.astype("Int64")), dtype=np.int64)


def _ids(frame: gpd.GeoDataFrame) -> IntArray:
    return np.asarray(frame["id"], dtype=np.int64)
