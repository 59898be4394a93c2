"""Where something happened, as far as it concerns the grids of whoever reports it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.grids_in_force import SubdistrictDay, select_revisions
from gridmap.store.queries.point_location import PointLocation
from gridmap.store.schema import Assignment, Building, BuildingCell, Cell, Subdistrict
from gridmap.store.schema.base import SRID


@dataclass(frozen=True)
class ReportLocation:
    """A place.

    Parameters
    ----------
    ewkt : str
        As PostGIS writes it; of a place beside the own grids, the nearest one in them.
    in_subdistrict : bool
        Whether it is in the subdistrict.
    distance_m : float
        How far outside the own grids the place is; 0 in them, and for accounts that have none.
    nearest_cell_id : int or None
        The cell of the own grids that is nearest.
    """

    ewkt: str
    in_subdistrict: bool
    distance_m: float = 0.0
    nearest_cell_id: int | None = None


def locate_report(
    session: Session, caller: Caller, subdistrict_id: int, longitude: float, latitude: float
) -> ReportLocation:
    """A place by longitude and latitude (WGS 84, degrees), beside the account's own grids in force today."""
    point = func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), SRID)
    covers = select(Subdistrict.id).where(Subdistrict.id == subdistrict_id, row_filter.visible(caller, Subdistrict))
    inside = session.scalar(covers.where(func.ST_Covers(Subdistrict.geometry, point))) is not None
    own = _select_own_cells(session, caller, subdistrict_id)
    metres = func.ST_Distance(func.geography(own.c.geometry), func.geography(point))
    drawn = func.ST_AsEWKT(func.ST_ClosestPoint(own.c.geometry, point))
    near = session.execute(select(own.c.id, metres.label("metres"), drawn.label("shape")).order_by(metres).limit(1))
    if (row := near.first()) is None:
        return ReportLocation(_as_ewkt(session, point), inside)
    return ReportLocation(row.shape if row.metres else _as_ewkt(session, point), inside, row.metres, row.id)


def locate_building(
    session: Session, caller: Caller, subdistrict_id: int, building_id: int
) -> tuple[ReportLocation, PointLocation] | None:
    """The middle of a building in the account's own grids today, with its links; None where it is not one of them."""
    own = _select_own_cells(session, caller, subdistrict_id)
    middle = func.ST_AsEWKT(func.ST_PointOnSurface(Building.geometry)).label("shape")
    rows = (
        select(middle, own.c.id)
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .join(own, (own.c.id == BuildingCell.cell_id) & (own.c.land_id == BuildingCell.land_id))
        .where(Building.id == building_id, Building.valid.contains(func.today()), row_filter.visible(caller, Building))
    )
    row = session.execute(rows).first()
    return (
        (ReportLocation(row.shape, in_subdistrict=True, nearest_cell_id=row.id), PointLocation(building_id, row.id))
        if row
        else None
    )


def _select_own_cells(session: Session, caller: Caller, subdistrict_id: int) -> Any:
    """Cells of the grids in force today that the account works in."""
    held = select_revisions(session, caller, SubdistrictDay(subdistrict_id, scope_filter.get_today(session))).subquery()
    return (
        select(Cell.id, Cell.land_id, Cell.geometry)
        .join(Assignment, Assignment.cell_id == Cell.id)
        .join(held, held.c.id == Assignment.revision_id)
        .where(
            scope_filter.in_scope_grids(caller, Assignment),
            row_filter.visible(caller, Assignment),
            row_filter.visible(caller, Cell),
        )
        .subquery()
    )


def _as_ewkt(session: Session, point: Any) -> str:
    return str(session.scalar(select(func.ST_AsEWKT(point))))
