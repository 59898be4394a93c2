"""Incidents counted by grid in force and by square of a raster, and the households beside them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from pyproj import Geod
from sqlalchemy import ColumnElement, Integer, Label, Select, case, cast, func, select, true
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import HouseholdKind, IncidentStatus
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.queries import grids_in_force, link_counts
from gridmap.store.queries.grids_in_force import SubdistrictDay
from gridmap.store.schema import Building, Cell, HouseholdCount, Incident, Subdistrict

SQUARE_SIDE_M = 200
"""Metres that a square is wide: a few minutes on foot, and as a rule more than a handful of households."""
DEGREE_DECIMALS = 6
"""Decimals of the degrees that a square is wide: 0.1 m, so that corners are numbers to be written down."""

Square = tuple[int, int]
"""Columns east of Greenwich and rows north of the equator."""
CategoryStatus = tuple[str, str]
"""Category of incidents, and their status when the time they are counted in was over."""
CategoryCounts = dict[CategoryStatus, int]


@dataclass(frozen=True)
class DateRange:
    """When the incidents happened that are counted: from the first day to the last, both included."""

    first: date
    last: date

    @property
    def previous_first(self) -> date:
        """First of as many days just before, or the first day there is.

        >>> DateRange(date(2026, 3, 8), date(2026, 3, 14)).before
        datetime.date(2026, 3, 1)
        """
        length = self.last - self.first + timedelta(days=1)
        return self.first - min(length, self.first - date.min)


@dataclass(frozen=True)
class IncidentCounts:
    """Incidents of a place by kind: of a span, and of as many days before it. Kinds without any are left out."""

    current: CategoryCounts = field(default_factory=dict)
    previous: CategoryCounts = field(default_factory=dict)


@dataclass(frozen=True)
class SquareRaster:
    """Squares of a subdistrict, bounded by meridians and parallels (GB/T 12409 knows such rasters, and metric ones).

    Parameters
    ----------
    width_degrees, height_degrees : float
        Degrees that are 200 m at the middle of the subdistrict. 5 km north or south of it, a square in the north of
        China is 0.1 % narrower or wider.
    """

    width_degrees: float
    height_degrees: float

    def square_of(self, point: Any) -> tuple[Label[int], Label[int]]:
        """Square of a column of points: two divisions, and nothing to be projected."""
        steps = {"east": func.ST_X(point) / self.width_degrees, "north": func.ST_Y(point) / self.height_degrees}
        east, north = (cast(func.floor(step), Integer).label(name) for name, step in steps.items())
        return east, north


def count_by_grid(
    session: Session, caller: Caller, day: SubdistrictDay, date_range: DateRange, grid_id: int | None = None
) -> Mapping[int | None, IncidentCounts]:
    """Incidents by kind of each grid in force on the day, or of one of them; None for those in no grid.

    All that happened in the span are counted in the grids of that one day, whichever grids held when they happened:
    so grids can be compared, and a new plan is seen with the past of its own land.
    """
    gridded = link_counts.select_grid_of_cells(session, caller, day)
    inside = gridded.c.grid_id == grid_id
    wanted = () if grid_id is None else (Incident.cell_id.in_(select(gridded.c.cell_id).where(inside)),)
    cells = _select_counts(session, caller, day.subdistrict_id, date_range, Incident.cell_id).where(*wanted).subquery()
    places = gridded.c.grid_id, cells.c.category, cells.c.status
    rows = (
        select(*places, func.sum(cells.c.now), func.sum(cells.c.before))
        .select_from(cells)
        .outerjoin(gridded, gridded.c.cell_id == cells.c.cell_id)
        .group_by(*places)
    )
    return _collect_counts((grid, kind, counts) for grid, *kind, counts in _pair_counts(session.execute(rows)))


def count_by_square(
    session: Session, caller: Caller, subdistrict_id: int, date_range: DateRange
) -> Mapping[Square, IncidentCounts]:
    """Incidents by kind of each square that has any."""
    rows = _select_counts(
        session,
        caller,
        subdistrict_id,
        date_range,
        *get_raster(session, caller, subdistrict_id).square_of(Incident.geometry),
    )
    return _collect_counts(((x, y), kind, counts) for x, y, *kind, counts in _pair_counts(session.execute(rows)))


def count_households_by_square(session: Session, caller: Caller, day: SubdistrictDay) -> Mapping[Square, int]:
    """Households living in each square: those of buildings whose middle lies in it."""
    counted = grids_in_force.select_household_counts(
        session, caller, day, HouseholdCount.kind == HouseholdKind.RESIDENT
    ).subquery()
    square = get_raster(session, caller, day.subdistrict_id).square_of(func.ST_Centroid(Building.geometry))
    rows = (
        select(*square, func.sum(counted.c.households))
        .join(counted, counted.c.building_id == Building.id)
        .where(Building.subdistrict_id == day.subdistrict_id, Building.valid.contains(day.date))
        .where(scope_filter.in_scope_communities(caller, Building))
        .group_by(*square)
    )
    return {(x, y): int(households) for x, y, households in session.execute(rows)}


def list_categories(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[str]:
    """Categories that incidents of a subdistrict have."""
    rows = (
        select(Incident.category)
        .where(Incident.subdistrict_id == subdistrict_id, row_filter.visible(caller, Incident))
        .distinct()
    )
    return sorted(session.scalars(rows))


def get_raster(session: Session, caller: Caller, subdistrict_id: int) -> SquareRaster:
    """The raster of a subdistrict: 200 m at the middle of it, and the same lines for whoever asks."""
    middle = func.ST_Centroid(Subdistrict.geometry)
    rows = select(func.ST_X(middle), func.ST_Y(middle)).where(
        Subdistrict.id == subdistrict_id, row_filter.visible(caller, Subdistrict)
    )
    longitude, latitude = session.execute(rows).one()
    globe = Geod(ellps="WGS84")
    east, _, _ = globe.fwd(longitude, latitude, 90, SQUARE_SIDE_M)
    _, north, _ = globe.fwd(longitude, latitude, 0, SQUARE_SIDE_M)
    return SquareRaster(round(east - longitude, DEGREE_DECIMALS), round(north - latitude, DEGREE_DECIMALS))


def _select_counts(
    session: Session, caller: Caller, subdistrict_id: int, date_range: DateRange, *group_columns: Any
) -> Select[Any]:
    """Incidents by place, category and status, of the span and of the days before, in one reading of them.

    An incident counts as closed if it was when its own time was over, the span or the days before it.
    """
    first, last = day_start(date_range.first), day_end(date_range.last)
    now = Incident.occurred_at >= first
    closed = Incident.closed_at < case((now, last), else_=first)
    status = case((closed, IncidentStatus.CLOSED.value), else_=IncidentStatus.OPEN.value).label("status")
    counts = func.count().filter(now).label("now"), func.count().filter(~now).label("before")
    wanted = [
        Incident.subdistrict_id == subdistrict_id,
        Incident.occurred_at >= day_start(date_range.previous_first),
        Incident.occurred_at < last,
    ]
    rows = select(*group_columns, Incident.category, status, *counts).where(
        *wanted, *_visible_conditions(session, caller, subdistrict_id)
    )
    return rows.group_by(*group_columns, Incident.category, status)


def _visible_conditions(session: Session, caller: Caller, subdistrict_id: int) -> list[ColumnElement[bool]]:
    """Incidents that the account may see; of a station that works in a part, those of its communities."""
    mine = Incident.cell_id.in_(select(Cell.id).where(scope_filter.in_scope_communities(caller, Cell)))
    return [
        row_filter.visible(caller, Incident),
        true() if scope_filter.covers_subdistrict(session, caller, subdistrict_id) else mine,
    ]


def _pair_counts(rows: Iterable[Any]) -> Iterable[Sequence[Any]]:
    """Rows whose last two columns, counts of now and of before, are one pair."""
    return ([*place, (int(now), int(before))] for *place, now, before in rows)


def _collect_counts(rows: Iterable[tuple[Any, Sequence[str], tuple[int, int]]]) -> Mapping[Any, IncidentCounts]:
    found: dict[Any, IncidentCounts] = {}
    for place, (category, status), counts in rows:
        happened = found.setdefault(place, IncidentCounts())
        for by_kind, count in zip((happened.current, happened.previous), counts, strict=True):
            if count:
                by_kind[category, status] = count
    return found
