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

from gridmap.core.arrays import Ints, Shapes
from gridmap.core.kept_land import land_of_cells
from gridmap.core.land import Land
from gridmap.core.names import HouseholdKind
from gridmap.core.town import Town, with_ranges
from gridmap.store import access, schema
from gridmap.store.metres import to_metres

TEXTS = ("courtyard", "estate", "use", "name", "address")


@dataclass(frozen=True, eq=False)
class KeptTown:
    """A community as a town, and the rows that its layers came from.

    Parameters
    ----------
    town : Town
        Of this one community, in the metric CRS that its land was made in.
    land : Land
        Its newest making.
    number : int
        The row of that making.
    cells, buildings : ndarray of int
        Numbers of the rows of the land's cells and of the town's buildings.
    """

    town: Town
    land: Land
    number: int
    cells: Ints
    buildings: Ints


def town_of(session: Session, community: int, day: date) -> KeptTown | None:
    """A community on a day, with the newest making of its land.

    Parameters
    ----------
    session : Session
        Rows come as the account may see them.
    community : int
    day : date
        Buildings are those that stand on it, with their newest count up to it.

    Returns
    -------
    KeptTown or None
        None for an account that does not see the community, and for one without land.
    """
    asked = select(schema.Community, schema.Land).join(schema.Land, schema.Land.community_id == schema.Community.id)
    seen = asked.where(schema.Community.id == community, access.only(session, schema.Community))
    row = session.execute(seen.order_by(schema.Land.id.desc()).limit(1)).first()
    if row is None:
        return None
    home, land = row
    crs = CRS(land.crs)
    cells = _cells(session, land.id, crs)
    buildings = _buildings(session, land.id, day, crs)
    dedicated = _layer(session, schema.DedicatedLand, home.subdistrict_id, crs, home.geometry)
    town = Town(
        name=home.code,
        crs=crs,
        source_crs=crs,
        communities=_boundary(home, crs),
        buildings=buildings.drop(columns=["id", "cell_id"]),
        streets=_layer(session, schema.Street, home.subdistrict_id, crs, home.geometry).drop(columns="id"),
        barriers=_layer(session, schema.Barrier, home.subdistrict_id, crs, home.geometry).drop(columns="id"),
        dedicated=dedicated.drop(columns="id"),
    )
    return KeptTown(town, _land(town, cells, buildings, dedicated), land.id, _ids(cells), _ids(buildings))


def _land(town: Town, cells: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, dedicated: gpd.GeoDataFrame) -> Land:
    standing = _positions(cells["id"], buildings["cell_id"])
    of_dedicated = _positions(dedicated["id"], cells["dedicated_id"])
    water = cells["water"].to_numpy(dtype=np.bool_)
    return land_of_cells(town, cells.geometry.to_numpy(), of_dedicated, water, standing)


def _boundary(home: schema.Community, crs: CRS) -> gpd.GeoDataFrame:
    shape = to_metres(_shapes(pd.Series([home.geometry])), crs)[0]
    whole = shape.geoms[0] if len(shape.geoms) == 1 else shape
    return gpd.GeoDataFrame({"code": [home.code], "name": [home.name]}, geometry=[whole], crs=crs)


def _cells(session: Session, land: int, crs: CRS) -> gpd.GeoDataFrame:
    cell = schema.Cell
    rows = select(cell.id, cell.dedicated_id, cell.water, cell.geometry).where(cell.land_id == land)
    return _frame(session, rows.where(access.only(session, cell)).order_by(cell.number), crs)


def _buildings(session: Session, land: int, day: date, crs: CRS) -> gpd.GeoDataFrame:
    """Buildings of a making of the land with all columns of a town."""
    building, standing, counted = schema.Building, schema.BuildingCell, _counts(session, day).subquery()
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
        .where(standing.land_id == land, building.valid.contains(day), access.only(session, building))
        .order_by(building.id)
    )
    frame = _frame(session, rows, crs).assign(community=0)
    frame[list(TEXTS)] = frame[list(TEXTS)].astype(object).where(frame[list(TEXTS)].notna(), None)
    ranged = with_ranges(frame.astype({"levels": "float64", "households": "int64"}))
    return gpd.GeoDataFrame(ranged, crs=crs)


def _counts(session: Session, day: date) -> Any:
    count = schema.HouseholdCount
    newest = select(count).ext(distinct_on(count.building_id)).where(count.kind == HouseholdKind.RESIDENT)
    return newest.where(count.as_of <= day, access.only(session, count)).order_by(count.building_id, count.as_of.desc())


def _layer(session: Session, table: Any, home: int, crs: CRS, around: Any) -> gpd.GeoDataFrame:
    """Rows of a layer that touch a community: ``id``, ``name`` and ``kind`` as far as the table has them."""
    columns: list[InstrumentedAttribute[Any]] = [table.id, table.geometry]
    columns += [getattr(table, name) for name in ("name", "kind") if hasattr(table, name)]
    near: ColumnElement[bool] = func.ST_Intersects(table.geometry, around)
    rows = select(*columns).where(table.subdistrict_id == home, near, access.only(session, table))
    return _frame(session, rows.order_by(table.id), crs)


def _frame(session: Session, rows: Any, crs: CRS) -> gpd.GeoDataFrame:
    """Rows of a query with a geometry, in metres."""
    found = session.execute(rows)
    frame = pd.DataFrame(found.all(), columns=list(found.keys()))
    shapes = to_metres(_shapes(frame["geometry"]), crs)
    return gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=shapes, crs=crs)


def _shapes(elements: "pd.Series[Any]") -> Shapes:
    return np.asarray(shapely.from_wkb([element.desc for element in elements]), dtype=object)


def _positions(known: "pd.Series[Any]", wanted: "pd.Series[Any]") -> Ints:
    """Where each wanted number stands among the known ones; -1 for none."""
    return np.asarray(pd.Index(known).get_indexer(wanted.astype("Int64")), dtype=np.int64)


def _ids(frame: gpd.GeoDataFrame) -> Ints:
    return np.asarray(frame["id"], dtype=np.int64)
