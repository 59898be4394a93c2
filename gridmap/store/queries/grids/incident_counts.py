"""Incidents counted by grid in force and by square of a raster, and households by square."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar

from pyproj import Geod
from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Label,
    case,
    cast,
    func,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import IncidentStatus
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.queries.columns import AnySelect, GeometryColumn
from gridmap.store.queries.grids import grids_in_force, incident_places
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.schema import Building, Cell, Incident, Subdistrict

SQUARE_SIDE_M = 200
"""Side of a square: a few minutes on foot, and as a rule more than a handful of households."""
DEGREE_DECIMALS = 6
"""Decimals of the side of a square in degrees: 0.1 m, so that corners can be written down exactly."""

Square = tuple[int, int]
"""Column east of Greenwich and row north of the equator."""
CategoryStatus = tuple[str, str]
"""Category of incidents, and their status at the end of the counted period."""
CategoryCounts = dict[CategoryStatus, int]
PlaceT = TypeVar("PlaceT", bound=Hashable)
GroupColumn = ColumnElement[Any] | InstrumentedAttribute[Any]


@dataclass(frozen=True)
class DateRange:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def previous_first(self) -> date:
        """First of as many days just before the range, or the first date there is.

        Examples
        --------
        >>> DateRange(date(2026, 3, 8), date(2026, 3, 14)).previous_first
        datetime.date(2026, 3, 1)
        """
        length = self.last - self.first + timedelta(days=1)
        return self.first - min(length, self.first - date.min)

    @property
    def previous(self) -> "DateRange | None":
        """Range of as many days just before, or of those that there are; None where there are none.

        Examples
        --------
        >>> DateRange(date(2026, 3, 8), date(2026, 3, 14)).previous
        DateRange(first=datetime.date(2026, 3, 1), last=datetime.date(2026, 3, 7))
        """
        return None if self.first == date.min else DateRange(self.previous_first, self.first - timedelta(days=1))

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1

    def intersection(self, other: "DateRange") -> "DateRange | None":
        """Return the days that are also in another range; None where there are none."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return DateRange(first, last) if first <= last else None


ALL_DAYS = DateRange(date.min, date.max)


@dataclass(frozen=True)
class IncidentCounts:
    """Incidents of a place by category and status, in a range of days and in as many days before; no zeros.

    Parameters
    ----------
    current, previous : mapping
        Incidents of the range, and of the days before it.
    on_border : mapping
        Those of the range that are ordinary, within 5 m of another grid, and on no street given to a side; by grid
        only.
    """

    current: CategoryCounts = field(default_factory=dict)
    previous: CategoryCounts = field(default_factory=dict)
    on_border: CategoryCounts = field(default_factory=dict)


@dataclass(frozen=True)
class SquareRaster:
    """Raster of a subdistrict, bounded by meridians and parallels (GB/T 12409 knows such rasters, and metric ones).

    Parameters
    ----------
    width_degrees, height_degrees : float
        Degrees that are 200 m at the middle of the subdistrict. 5 km north or south of it, a square in the north of
        China is 0.1 % narrower or wider.
    """

    width_degrees: float
    height_degrees: float

    def square_of(self, point: GeometryColumn) -> tuple[Label[int], Label[int]]:
        """Return the square of each point of a column: two divisions, without a projection."""
        steps = {"east": func.ST_X(point) / self.width_degrees, "north": func.ST_Y(point) / self.height_degrees}
        east, north = (cast(func.floor(step), Integer).label(name) for name, step in steps.items())
        return east, north


def count_by_grid(
    session: Session, caller: Caller, day: SubdistrictDay, date_range: DateRange
) -> Mapping[int | None, IncidentCounts]:
    """Return the incidents of each grid in force on a day; None for those in no grid.

    All incidents of the range are counted in the grids of that one day, whichever grids were in force when they
    happened: so grids can be compared, and a new plan is seen with the past of its own land and streets.
    """
    rule = incident_places.load_rule(session, caller, day)
    place = incident_places.place_columns(rule)
    counts = _select_counts(session, caller, day.subdistrict_id, date_range, *place)
    by_place = counts.cte("by_place").prefix_with("MATERIALIZED", dialect="postgresql")
    located = incident_places.locate(caller, rule, by_place).c
    groups = located.grid_id, located.category, located.status
    border_count = func.coalesce(func.sum(located.current).filter(located.on_border), 0)
    rows = select(*groups, func.sum(located.current), func.sum(located.previous), border_count).group_by(*groups)
    return _collect_counts(
        (grid, (category, status), tuple(map(int, numbers)))
        for grid, category, status, *numbers in session.execute(rows)
    )


def count_by_square(
    session: Session, caller: Caller, subdistrict_id: int, date_range: DateRange
) -> Mapping[Square, IncidentCounts]:
    """Return the incidents of each square that has any."""
    square = get_raster(session, caller, subdistrict_id).square_of(Incident.geometry)
    rows = _select_counts(session, caller, subdistrict_id, date_range, *square)
    return _collect_counts(
        ((east, north), (category, status), (int(current), int(previous), 0))
        for east, north, category, status, current, previous in session.execute(rows)
    )


def count_households_by_square(session: Session, caller: Caller, day: SubdistrictDay) -> Mapping[Square, int]:
    """Return the households of each square: those of the buildings whose centroid lies in it."""
    counts = grids_in_force.select_resident_household_counts(caller, day).subquery()
    square = get_raster(session, caller, day.subdistrict_id).square_of(func.ST_Centroid(Building.geometry))
    rows = (
        select(*square, func.sum(counts.c.households))
        .join(counts, counts.c.building_id == Building.id)
        .where(Building.subdistrict_id == day.subdistrict_id, Building.valid.contains(day.date))
        .where(scope_filter.in_scope_communities(caller, Building))
        .group_by(*square)
    )
    return {(east, north): int(households) for east, north, households in session.execute(rows)}


def list_categories(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[str]:
    """Return the categories of the incidents of a subdistrict, sorted."""
    rows = select(Incident.category).where(Incident.subdistrict_id == subdistrict_id)
    return sorted(session.scalars(rows.where(row_filter.visible(caller, Incident)).distinct()))


def find_recorded_days(
    session: Session, caller: Caller, subdistrict_id: int, within: DateRange = ALL_DAYS
) -> DateRange | None:
    """Return the days of the first and the last incident within a range of days; None where it has none.

    Both are found from the ends of the index on times: an aggregate would join all incidents with the cells of a scope.
    """
    times = (
        select(Incident.occurred_at)
        .where(Incident.subdistrict_id == subdistrict_id, Incident.occurred_at >= day_start(within.first))
        .where(Incident.occurred_at < day_end(within.last))
        .where(*_visible_conditions(session, caller, subdistrict_id))
        .limit(1)
    )
    earliest, latest = (
        cast(times.order_by(order).scalar_subquery(), Date)
        for order in (Incident.occurred_at, Incident.occurred_at.desc())
    )
    first, last = session.execute(select(earliest, latest)).one()
    return None if first is None else DateRange(first, last)


def get_raster(session: Session, caller: Caller, subdistrict_id: int) -> SquareRaster:
    """Return the raster of a subdistrict: 200 m at its middle, the same lines for every caller."""
    middle = func.ST_Centroid(Subdistrict.geometry)
    rows = select(func.ST_X(middle), func.ST_Y(middle)).where(
        Subdistrict.id == subdistrict_id, row_filter.visible(caller, Subdistrict)
    )
    longitude, latitude = session.execute(rows).one()
    ellipsoid = Geod(ellps="WGS84")
    east, _, _ = ellipsoid.fwd(longitude, latitude, 90, SQUARE_SIDE_M)
    _, north, _ = ellipsoid.fwd(longitude, latitude, 0, SQUARE_SIDE_M)
    return SquareRaster(round(east - longitude, DEGREE_DECIMALS), round(north - latitude, DEGREE_DECIMALS))


def _select_counts(
    session: Session, caller: Caller, subdistrict_id: int, date_range: DateRange, *group_columns: GroupColumn
) -> AnySelect:
    """Select incidents by place, category and status, of the range and of the days before, in one scan of the table.

    An incident counts as closed if it was at the end of its own period: the range, or the days before it.
    """
    first, end = day_start(date_range.first), day_end(date_range.last)
    is_current = Incident.occurred_at >= first
    is_closed = Incident.closed_at < case((is_current, end), else_=first)
    status = case((is_closed, IncidentStatus.CLOSED.value), else_=IncidentStatus.OPEN.value).label("status")
    groups = (*group_columns, Incident.category, status)
    current = func.count().filter(is_current).label("current")
    previous = func.count().filter(~is_current).label("previous")
    return (
        select(*groups, current, previous)
        .where(Incident.subdistrict_id == subdistrict_id, Incident.occurred_at < end)
        .where(Incident.occurred_at >= day_start(date_range.previous_first))
        .where(*_visible_conditions(session, caller, subdistrict_id))
        .group_by(*groups)
    )


def _visible_conditions(session: Session, caller: Caller, subdistrict_id: int) -> list[ColumnElement[bool]]:
    """Return the conditions for visible incidents; a station that works in a part sees those of its communities."""
    own = Incident.cell_id.in_(select(Cell.id).where(scope_filter.in_scope_communities(caller, Cell)))
    covers_all = scope_filter.covers_subdistrict(session, caller, subdistrict_id)
    return [row_filter.visible(caller, Incident), true() if covers_all else own]


def _collect_counts(
    rows: Iterable[tuple[PlaceT, CategoryStatus, tuple[int, ...]]],
) -> Mapping[PlaceT, IncidentCounts]:
    """Return the counts of each place; `rows` have current and previous counts and those on the border, or 0."""
    counts_by_place: dict[PlaceT, IncidentCounts] = {}
    for place, category_status, numbers in rows:
        counts = counts_by_place.setdefault(place, IncidentCounts())
        for count, number in zip((counts.current, counts.previous, counts.on_border), numbers, strict=True):
            if number:
                count[category_status] = number
    return counts_by_place
