"""Location of a reported incident, relative to the grids in which the caller works."""

from dataclasses import dataclass, replace
from math import inf

from sqlalchemy import ColumnElement, Subquery, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.columns import present_day
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay, select_revisions
from gridmap.store.queries.point_location import PointLocation
from gridmap.store.schema import Assignment, Building, BuildingCell, Cell, Subdistrict
from gridmap.store.schema.base import SRID


@dataclass(frozen=True)
class ReportLocation:
    """Location of a report.

    Parameters
    ----------
    ewkt : str
        As PostGIS writes it.
    outside_m : float
        Distance to the subdistrict; 0 inside, infinite where the caller does not see it.
    distance_m : float
        Distance to the own grids; 0 inside, and for callers who have none.
    nearest_cell_id : int or None
        Nearest cell of the own grids.
    nearest_ewkt : str
        Nearest point in the own grids; empty for callers who have none.
    """

    ewkt: str
    outside_m: float = 0.0
    distance_m: float = 0.0
    nearest_cell_id: int | None = None
    nearest_ewkt: str = ""


def locate_report(
    session: Session, caller: Caller, subdistrict_id: int, longitude: float, latitude: float
) -> ReportLocation:
    """Return the location of a point (WGS 84, degrees) relative to the own grids in force today."""
    point = func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), SRID)
    outside = func.ST_Distance(func.geography(Subdistrict.geometry), func.geography(point))
    subdistrict = select(outside).where(Subdistrict.id == subdistrict_id, row_filter.visible(caller, Subdistrict))
    outside_m = session.scalar(subdistrict)
    location = ReportLocation(_as_ewkt(session, point), inf if outside_m is None else outside_m)
    own = _select_own_cells(session, caller, subdistrict_id)
    distance_m = func.ST_Distance(func.geography(own.c.geometry), func.geography(point)).label("distance_m")
    nearest = func.ST_AsEWKT(func.ST_ClosestPoint(own.c.geometry, point)).label("ewkt")
    row = session.execute(select(own.c.id, distance_m, nearest).order_by(distance_m).limit(1)).first()
    if row is None:
        return location
    return replace(location, distance_m=row.distance_m, nearest_cell_id=row.id, nearest_ewkt=row.ewkt)


def locate_building(
    session: Session, caller: Caller, subdistrict_id: int, building_id: int
) -> tuple[ReportLocation, PointLocation] | None:
    """Return a point in a building of the own grids in force today, with its links; None for another building."""
    own = _select_own_cells(session, caller, subdistrict_id)
    inner_point = func.ST_AsEWKT(func.ST_PointOnSurface(Building.geometry)).label("ewkt")
    rows = (
        select(inner_point, own.c.id)
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .join(own, (own.c.id == BuildingCell.cell_id) & (own.c.land_id == BuildingCell.land_id))
        .where(Building.id == building_id, Building.valid.contains(present_day()), row_filter.visible(caller, Building))
    )
    row = session.execute(rows).first()
    if row is None:
        return None
    return ReportLocation(row.ewkt, nearest_cell_id=row.id), PointLocation(building_id, row.id)


def _select_own_cells(session: Session, caller: Caller, subdistrict_id: int) -> Subquery:
    """Select the cells of the grids in force today in which the caller works."""
    in_force = select_revisions(caller, SubdistrictDay(subdistrict_id, get_today(session))).subquery()
    return (
        select(Cell.id, Cell.land_id, Cell.geometry)
        .join(Assignment, Assignment.cell_id == Cell.id)
        .join(in_force, in_force.c.id == Assignment.revision_id)
        .where(scope_filter.in_scope_grids(caller, Assignment), row_filter.visible(caller, Assignment))
        .where(row_filter.visible(caller, Cell))
        .subquery()
    )


def _as_ewkt(session: Session, point: ColumnElement[object]) -> str:
    return str(session.scalar(select(func.ST_AsEWKT(point))))
