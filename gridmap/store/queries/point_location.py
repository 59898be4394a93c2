"""Where a single place is, asked of the database: the rule of `gridmap.core.land.point_location` for what comes in one by one."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.schema import Building, BuildingCell, Cell, Land
from gridmap.store.schema.base import SRID


@dataclass(frozen=True)
class PointLocation:
    """Numbers of the building a place is in and of the cell it is on; None for none."""

    building_id: int | None
    cell_id: int | None


def locate_point(
    session: Session, caller: Caller, subdistrict_id: int, longitude: float, latitude: float
) -> PointLocation:
    """Link a place to the newest land of a subdistrict.

    A place in a building is on the building's cell; another is on the cell that covers it, of several the one with the
    smallest number.

    Parameters
    ----------
    session : Session
        Whoever may see the subdistrict may ask.
    subdistrict_id : int
        Subdistrict.
    longitude, latitude : float
        WGS 84, degrees.
    """
    place = func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), SRID)
    newest = select(func.max(Land.id)).where(Land.subdistrict_id == subdistrict_id).group_by(Land.community_id)
    inside = (
        select(Building.id, BuildingCell.cell_id)
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .where(BuildingCell.land_id.in_(newest), Building.valid.contains(func.today()))
        .where(
            _intersects(Building.geometry, place),
            Building.subdistrict_id == subdistrict_id,
            row_filter.visible(caller, Building),
        )
        .order_by(Building.id)
        .limit(1)
    )
    if found := session.execute(inside).first():
        return PointLocation(found.id, found.cell_id)
    on = (
        select(Cell.id)
        .where(Cell.land_id.in_(newest), _intersects(Cell.geometry, place), row_filter.visible(caller, Cell))
        .order_by(Cell.id)
        .limit(1)
    )
    return PointLocation(None, session.scalar(on))


def _intersects(shape: object, point: object) -> ColumnElement[bool]:
    covered: ColumnElement[bool] = func.ST_Intersects(shape, point)
    return covered
