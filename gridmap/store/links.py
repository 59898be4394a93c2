"""Where a single place is, asked of the database: the rule of `gridmap.core.links` for what comes in one by one."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.store import access
from gridmap.store.schema import Building, BuildingCell, Cell, Land
from gridmap.store.schema.base import SRID


@dataclass(frozen=True)
class Placed:
    """Numbers of the building a place is in and of the cell it is on; None for none."""

    building: int | None
    cell: int | None


def placed(session: Session, home: int, longitude: float, latitude: float) -> Placed:
    """Link a place to the newest land of a subdistrict.

    A place in a building is on the building's cell; another is on the cell that covers it, of several the one with the
    smallest number.

    Parameters
    ----------
    session : Session
        Whoever may see the subdistrict may ask.
    home : int
        Subdistrict.
    longitude, latitude : float
        WGS 84, degrees.
    """
    place = func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), SRID)
    newest = select(func.max(Land.id)).where(Land.subdistrict_id == home).group_by(Land.community_id)
    inside = (
        select(Building.id, BuildingCell.cell_id)
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .where(BuildingCell.land_id.in_(newest), Building.valid.contains(func.today()))
        .where(_covers(Building.geometry, place), Building.subdistrict_id == home, access.only(session, Building))
        .order_by(Building.id)
        .limit(1)
    )
    if found := session.execute(inside).first():
        return Placed(found.id, found.cell_id)
    on = (
        select(Cell.id)
        .where(Cell.land_id.in_(newest), _covers(Cell.geometry, place), access.only(session, Cell))
        .order_by(Cell.id)
        .limit(1)
    )
    return Placed(None, session.scalar(on))


def _covers(shape: object, place: object) -> ColumnElement[bool]:
    covered: ColumnElement[bool] = func.ST_Intersects(shape, place)
    return covered
