"""Incidents counted by grid in force and by square of a metric raster, and the households beside them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Integer, and_, cast, false, func, literal, or_, select, true
from sqlalchemy.orm import Session

from gridmap.core.names import HouseholdKind
from gridmap.store import access, extent, in_force, linked
from gridmap.store.in_force import Day
from gridmap.store.schema import Building, Cell, HouseholdCount, Incident, Subdistrict

SIDE = 200
"""Metres that a square is wide: a few minutes on foot, and as a rule more than a handful of households."""

Square = tuple[int, int]
Kind = tuple[str, str]
"""Category and status of incidents."""
Counts = dict[Kind, int]


@dataclass(frozen=True)
class Span:
    """When the incidents happened that are counted: from the first day to the last, both included."""

    first: date
    last: date


def by_grid(session: Session, day: Day, span: Span) -> Mapping[int | None, Counts]:
    """Incidents by kind of each grid in force on the day; None for those in no grid.

    All that happened in the span are counted in the grids of that one day, whichever grids held when they happened:
    so grids can be compared, and a new plan is seen with the past of its own land.
    """
    gridded = linked.by_cell(session, day)
    rows = (
        select(gridded.c.grid_id, Incident.category, Incident.status, func.count())
        .select_from(Incident)
        .outerjoin(gridded, gridded.c.cell_id == Incident.cell_id)
        .where(*_wanted(session, day.home, span))
        .group_by(gridded.c.grid_id, Incident.category, Incident.status)
    )
    return _gathered((grid, kind, count) for grid, *kind, count in session.execute(rows))


def by_square(session: Session, home: int, span: Span) -> Mapping[Square, Counts]:
    """Incidents by kind of each square of the raster that has any."""
    east, north = _square(Incident.geometry, metric(session, home))
    rows = (
        select(east, north, Incident.category, Incident.status, func.count())
        .where(*_wanted(session, home, span))
        .group_by(east, north, Incident.category, Incident.status)
    )
    return _gathered(((x, y), kind, count) for x, y, *kind, count in session.execute(rows))


def households_by_square(session: Session, day: Day) -> Mapping[Square, int]:
    """Households living in each square: those of buildings whose middle lies in it."""
    counted = in_force.counts(session, day, HouseholdCount.kind == HouseholdKind.RESIDENT).subquery()
    east, north = _square(func.ST_Centroid(Building.geometry), metric(session, day.home))
    rows = (
        select(east, north, func.sum(counted.c.households))
        .join(counted, counted.c.building_id == Building.id)
        .where(Building.subdistrict_id == day.home, Building.valid.contains(day.on))
        .where(extent.communities(session, Building))
        .group_by(east, north)
    )
    return {(x, y): int(households) for x, y, households in session.execute(rows)}


def categories(session: Session, home: int) -> Sequence[str]:
    """Categories that incidents of a subdistrict have."""
    rows = select(Incident.category).where(Incident.subdistrict_id == home, access.only(session, Incident)).distinct()
    return sorted(session.scalars(rows))


def metric(session: Session, home: int) -> int:
    """EPSG code of the UTM projection in which the raster of a subdistrict lies: that of its middle."""
    middle = func.ST_Centroid(Subdistrict.geometry)
    rows = select(func.ST_X(middle), func.ST_Y(middle)).where(Subdistrict.id == home, access.only(session, Subdistrict))
    longitude, latitude = session.execute(rows).one()
    return (32600 if latitude >= 0 else 32700) + int((longitude + 180) // 6) + 1


def _square(point: Any, metres: int) -> tuple[ColumnElement[int], ColumnElement[int]]:
    there = func.ST_Transform(point, metres)
    east, north = (cast(func.floor(axis(there) / SIDE), Integer) for axis in (func.ST_X, func.ST_Y))
    return east, north


def _wanted(session: Session, home: int, span: Span) -> list[ColumnElement[bool]]:
    """Incidents of the span that the account may see; a station's are those of its communities."""
    mine = select(Cell.id).where(extent.communities(session, Cell))
    everywhere = true() if extent.whole(session, home) else false()
    return [
        Incident.subdistrict_id == home,
        Incident.occurred_at >= _begins(span.first),
        Incident.occurred_at < _begins(span.last + timedelta(days=1)),
        access.only(session, Incident),
        or_(Incident.cell_id.in_(mine), and_(everywhere, Incident.cell_id.is_(None))),
    ]


def _begins(day: date) -> ColumnElement[datetime]:
    """When a day begins, as a time: under row-level security an index on times is not used for what is a date."""
    return cast(literal(day, Date), DateTime(timezone=True))


def _gathered(rows: Iterable[tuple[Any, Sequence[str], int]]) -> Mapping[Any, Counts]:
    found: defaultdict[Any, Counts] = defaultdict(dict)
    for place, (category, status), count in rows:
        found[place][category, status] = int(count)
    return found
