"""Location of a single point by the database, by the rule of `gridmap.core.land.point_links`."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.land.zones import MAX_OUTSIDE_M
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import GeometryColumn, present_day
from gridmap.store.schema import Building, BuildingCell, Cell, Land
from gridmap.store.schema.base import SRID


@dataclass(frozen=True)
class PointLocation:
    """Keys of the building that a point is in and of its cell; None for none."""

    building_id: int | None
    cell_id: int | None


def locate_point(
    session: Session, caller: Caller, subdistrict_id: int, longitude: float, latitude: float
) -> PointLocation:
    """Link a point to the newest land of a subdistrict.

    A point in a building is on the building's cell; another one is on the cell that covers it, or on the nearest one up
    to 8 m away. Of several, it is on the one with the lowest key.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    longitude, latitude : float
        WGS 84, degrees.
    """
    point = func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), SRID)
    newest = select(func.max(Land.id)).where(Land.subdistrict_id == subdistrict_id).group_by(Land.community_id)
    in_building = (
        select(Building.id, BuildingCell.cell_id)
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .where(BuildingCell.land_id.in_(newest), Building.valid.contains(present_day()))
        .where(Building.subdistrict_id == subdistrict_id, _intersects(Building.geometry, point))
        .where(row_filter.visible(caller, Building))
        .order_by(Building.id)
        .limit(1)
    )
    if row := session.execute(in_building).first():
        return PointLocation(row.id, row.cell_id)
    on_cell = (
        select(Cell.id)
        .where(Cell.land_id.in_(newest), _intersects(Cell.geometry, point), row_filter.visible(caller, Cell))
        .order_by(Cell.id)
        .limit(1)
    )
    cell_id = session.scalar(on_cell)
    return PointLocation(None, _find_nearest_cell(session, caller, newest, point) if cell_id is None else cell_id)


def _find_nearest_cell(
    session: Session, caller: Caller, land_ids: Select[int | None], point: ColumnElement[object]
) -> int | None:
    """Return the nearest cell of some lands up to 8 m from a point, in metres on the ellipsoid; None for none."""
    shape, place = func.geography(Cell.geometry), func.geography(point)
    rows = (
        select(Cell.id)
        .where(Cell.land_id.in_(land_ids), func.ST_DWithin(shape, place, MAX_OUTSIDE_M))
        .where(row_filter.visible(caller, Cell))
        .order_by(func.ST_Distance(shape, place), Cell.id)
        .limit(1)
    )
    return session.scalar(rows)


def _intersects(geometry: GeometryColumn, point: ColumnElement[object]) -> ColumnElement[bool]:
    intersects: ColumnElement[bool] = func.ST_Intersects(geometry, point)
    return intersects
