"""Where something happened, as far as it concerns the grids of whoever reports it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.store import access, extent
from gridmap.store.in_force import Day, revisions
from gridmap.store.links import Placed
from gridmap.store.schema import Assignment, Building, BuildingCell, Cell, Subdistrict
from gridmap.store.schema.base import SRID


@dataclass(frozen=True)
class Site:
    """A place.

    Parameters
    ----------
    shape : str
        As PostGIS writes it; of a place beside the own grids, the nearest one in them.
    inside : bool
        Whether it is in the subdistrict.
    metres : float
        How far outside the own grids the place is; 0 in them, and for accounts that have none.
    nearest : int or None
        The cell of the own grids that is nearest.
    """

    shape: str
    inside: bool
    metres: float = 0.0
    nearest: int | None = None


def at(session: Session, home: int, longitude: float, latitude: float) -> Site:
    """A place by longitude and latitude (WGS 84, degrees), beside the account's own grids in force today."""
    point = func.ST_SetSRID(func.ST_MakePoint(longitude, latitude), SRID)
    covers = select(Subdistrict.id).where(Subdistrict.id == home, access.only(session, Subdistrict))
    inside = session.scalar(covers.where(func.ST_Covers(Subdistrict.geometry, point))) is not None
    own = _own_cells(session, home)
    metres = func.ST_Distance(func.geography(own.c.geometry), func.geography(point))
    drawn = func.ST_AsEWKT(func.ST_ClosestPoint(own.c.geometry, point))
    near = session.execute(select(own.c.id, metres.label("metres"), drawn.label("shape")).order_by(metres).limit(1))
    if (row := near.first()) is None:
        return Site(_written(session, point), inside)
    return Site(row.shape if row.metres else _written(session, point), inside, row.metres, row.id)


def of_building(session: Session, home: int, building: int) -> tuple[Site, Placed] | None:
    """The middle of a building in the account's own grids today, with its links; None where it is not one of them."""
    own = _own_cells(session, home)
    middle = func.ST_AsEWKT(func.ST_PointOnSurface(Building.geometry)).label("shape")
    rows = (
        select(middle, own.c.id)
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .join(own, (own.c.id == BuildingCell.cell_id) & (own.c.land_id == BuildingCell.land_id))
        .where(Building.id == building, Building.valid.contains(func.today()), access.only(session, Building))
    )
    row = session.execute(rows).first()
    return (Site(row.shape, inside=True, nearest=row.id), Placed(building, row.id)) if row else None


def _own_cells(session: Session, home: int) -> Any:
    """Cells of the grids in force today that the account works in."""
    held = revisions(session, Day(home, extent.today(session))).subquery()
    return (
        select(Cell.id, Cell.land_id, Cell.geometry)
        .join(Assignment, Assignment.cell_id == Cell.id)
        .join(held, held.c.id == Assignment.revision_id)
        .where(extent.grids(session, Assignment), access.only(session, Assignment), access.only(session, Cell))
        .subquery()
    )


def _written(session: Session, point: Any) -> str:
    return str(session.scalar(select(func.ST_AsEWKT(point))))
