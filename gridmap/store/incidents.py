"""Incidents counted by grid in force and by square of a raster, and the households beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pyproj import Geod
from sqlalchemy import ColumnElement, Integer, Label, Select, case, cast, func, select, true
from sqlalchemy.orm import Session

from gridmap.core.names import HouseholdKind, IncidentStatus
from gridmap.store import access, extent, in_force, linked
from gridmap.store.in_force import Day
from gridmap.store.schema import Building, Cell, HouseholdCount, Incident, Subdistrict
from gridmap.store.times import begins, ended

SIDE = 200
"""Metres that a square is wide: a few minutes on foot, and as a rule more than a handful of households."""
DIGITS = 6
"""Decimals of the degrees that a square is wide: 0.1 m, so that corners are numbers to be written down."""

Square = tuple[int, int]
"""Columns east of Greenwich and rows north of the equator."""
Kind = tuple[str, str]
"""Category of incidents, and their status when the time they are counted in was over."""
Counts = dict[Kind, int]


@dataclass(frozen=True)
class Span:
    """When the incidents happened that are counted: from the first day to the last, both included."""

    first: date
    last: date

    @property
    def before(self) -> date:
        """First of as many days just before, or the first day there is.

        >>> Span(date(2026, 3, 8), date(2026, 3, 14)).before
        datetime.date(2026, 3, 1)
        """
        length = self.last - self.first + timedelta(days=1)
        return self.first - min(length, self.first - date.min)


@dataclass(frozen=True)
class Happened:
    """Incidents of a place by kind: of a span, and of as many days before it. Kinds without any are left out."""

    now: Counts = field(default_factory=dict)
    before: Counts = field(default_factory=dict)


@dataclass(frozen=True)
class Raster:
    """Squares of a subdistrict, bounded by meridians and parallels (GB/T 12409 knows such rasters, and metric ones).

    Parameters
    ----------
    width, height : float
        Degrees that are 200 m at the middle of the subdistrict. 5 km north or south of it, a square in the north of
        China is 0.1 % narrower or wider.
    """

    width: float
    height: float

    def of(self, point: Any) -> tuple[Label[int], Label[int]]:
        """Square of a column of points: two divisions, and nothing to be projected."""
        steps = {"east": func.ST_X(point) / self.width, "north": func.ST_Y(point) / self.height}
        east, north = (cast(func.floor(step), Integer).label(name) for name, step in steps.items())
        return east, north


def by_grid(session: Session, day: Day, span: Span, grid: int | None = None) -> Mapping[int | None, Happened]:
    """Incidents by kind of each grid in force on the day, or of one of them; None for those in no grid.

    All that happened in the span are counted in the grids of that one day, whichever grids held when they happened:
    so grids can be compared, and a new plan is seen with the past of its own land.
    """
    gridded = linked.by_cell(session, day)
    inside = gridded.c.grid_id == grid
    wanted = () if grid is None else (Incident.cell_id.in_(select(gridded.c.cell_id).where(inside)),)
    cells = _counted(session, day.home, span, Incident.cell_id).where(*wanted).subquery()
    places = gridded.c.grid_id, cells.c.category, cells.c.status
    rows = (
        select(*places, func.sum(cells.c.now), func.sum(cells.c.before))
        .select_from(cells)
        .outerjoin(gridded, gridded.c.cell_id == cells.c.cell_id)
        .group_by(*places)
    )
    return _gathered((grid, kind, counts) for grid, *kind, counts in _paired(session.execute(rows)))


def by_square(session: Session, home: int, span: Span) -> Mapping[Square, Happened]:
    """Incidents by kind of each square that has any."""
    rows = _counted(session, home, span, *raster(session, home).of(Incident.geometry))
    return _gathered(((x, y), kind, counts) for x, y, *kind, counts in _paired(session.execute(rows)))


def households_by_square(session: Session, day: Day) -> Mapping[Square, int]:
    """Households living in each square: those of buildings whose middle lies in it."""
    counted = in_force.counts(session, day, HouseholdCount.kind == HouseholdKind.RESIDENT).subquery()
    square = raster(session, day.home).of(func.ST_Centroid(Building.geometry))
    rows = (
        select(*square, func.sum(counted.c.households))
        .join(counted, counted.c.building_id == Building.id)
        .where(Building.subdistrict_id == day.home, Building.valid.contains(day.on))
        .where(extent.communities(session, Building))
        .group_by(*square)
    )
    return {(x, y): int(households) for x, y, households in session.execute(rows)}


def categories(session: Session, home: int) -> Sequence[str]:
    """Categories that incidents of a subdistrict have."""
    rows = select(Incident.category).where(Incident.subdistrict_id == home, access.only(session, Incident)).distinct()
    return sorted(session.scalars(rows))


def raster(session: Session, home: int) -> Raster:
    """The raster of a subdistrict: 200 m at the middle of it, and the same lines for whoever asks."""
    middle = func.ST_Centroid(Subdistrict.geometry)
    rows = select(func.ST_X(middle), func.ST_Y(middle)).where(Subdistrict.id == home, access.only(session, Subdistrict))
    longitude, latitude = session.execute(rows).one()
    globe = Geod(ellps="WGS84")
    east, _, _ = globe.fwd(longitude, latitude, 90, SIDE)
    _, north, _ = globe.fwd(longitude, latitude, 0, SIDE)
    return Raster(round(east - longitude, DIGITS), round(north - latitude, DIGITS))


def _counted(session: Session, home: int, span: Span, *place: Any) -> Select[Any]:
    """Incidents by place, category and status, of the span and of the days before, in one reading of them.

    An incident counts as closed if it was when its own time was over, the span or the days before it.
    """
    first, last = begins(span.first), ended(span.last)
    now = Incident.occurred_at >= first
    closed = Incident.closed_at < case((now, last), else_=first)
    status = case((closed, IncidentStatus.CLOSED.value), else_=IncidentStatus.OPEN.value).label("status")
    counts = func.count().filter(now).label("now"), func.count().filter(~now).label("before")
    wanted = [Incident.subdistrict_id == home, Incident.occurred_at >= begins(span.before), Incident.occurred_at < last]
    rows = select(*place, Incident.category, status, *counts).where(*wanted, *_own(session, home))
    return rows.group_by(*place, Incident.category, status)


def _own(session: Session, home: int) -> list[ColumnElement[bool]]:
    """Incidents that the account may see; of a station that works in a part, those of its communities."""
    mine = Incident.cell_id.in_(select(Cell.id).where(extent.communities(session, Cell)))
    return [access.only(session, Incident), true() if extent.whole(session, home) else mine]


def _paired(rows: Iterable[Any]) -> Iterable[Sequence[Any]]:
    """Rows whose last two columns, counts of now and of before, are one pair."""
    return ([*place, (int(now), int(before))] for *place, now, before in rows)


def _gathered(rows: Iterable[tuple[Any, Sequence[str], tuple[int, int]]]) -> Mapping[Any, Happened]:
    found: dict[Any, Happened] = {}
    for place, (category, status), counts in rows:
        happened = found.setdefault(place, Happened())
        for by_kind, count in zip((happened.now, happened.before), counts, strict=True):
            if count:
                by_kind[category, status] = count
    return found
