"""Incidents counted by grid in force and by square of a raster, and households by square."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from typing import Any

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
from gridmap.core.incidents.count_table import CountTable, PlaceCount, PlaceT, make_count_table
from gridmap.core.vocabulary import IncidentStatus
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.join_method import hash_joins
from gridmap.store.queries.columns import AnySelect, GeometryColumn
from gridmap.store.queries.grids import grids_in_force, incident_places, packed_counts, packed_incidents
from gridmap.store.queries.grids.date_range import ALL_DAYS, DateRange
from gridmap.store.queries.grids.day_cache import DayFigure, load_cached
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.incident_places import PlaceRule
from gridmap.store.queries.grids.packed_counts import PackedRequest, Square
from gridmap.store.schema import Building, CategoryOfSubdistrict, Cell, Incident, Subdistrict

SQUARE_SIDE_M = 200
"""Side of a square: a few minutes on foot, and as a rule more than a handful of households."""
DEGREE_DECIMALS = 6
"""Decimals of the side of a square in degrees: 0.1 m, so that corners can be written down exactly."""

GroupColumn = ColumnElement[Any] | InstrumentedAttribute[Any]


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
) -> CountTable[int | None]:
    """Return the incidents of each grid in force on a day; None for those in no grid.

    All incidents of the range are counted in the grids of that one day, whichever grids were in force when they
    happened: so grids can be compared, and a new plan is seen with the past of its own land and streets. Months of
    ordinary incidents are counted packed where the caller may read them, the others from their rows; so are incidents
    on streets that a plan gives to a side.
    """
    rule = incident_places.load_rule(session, caller, day)
    days = _with_previous(date_range)
    request = PackedRequest("grids", day, days, tuple(rule.street_ids), rule.has_former_cells)
    count = partial(packed_counts.count_by_grid, session, caller, day, date_range)
    counts, packed = packed_counts.load_counts(session, caller, request, count)
    if packed_incidents.has_rows(session, caller, day.subdistrict_id, packed):
        in_rows = packed_incidents.is_in_rows(caller, packed)
        return _add_rows(counts, _count_rows_by_grid(session, caller, rule, date_range, in_rows))
    return counts


def _count_rows_by_grid(
    session: Session, caller: Caller, rule: PlaceRule, date_range: DateRange, *conditions: ColumnElement[bool]
) -> list[PlaceCount[int | None]]:
    place = incident_places.place_columns(rule)
    counts = _select_counts(session, caller, rule.day.subdistrict_id, date_range, *place).where(*conditions)
    by_place = rule.join_former_cells(counts).cte("by_place").prefix_with("MATERIALIZED", dialect="postgresql")
    located = incident_places.locate(caller, rule, by_place).c
    groups = located.grid_id, located.category, located.status
    border_count = func.coalesce(func.sum(located.current).filter(located.on_border), 0)
    rows = select(*groups, func.sum(located.current), func.sum(located.previous), border_count).group_by(*groups)
    with hash_joins(session):
        return [
            (grid, (category, status), tuple(map(int, numbers)))
            for grid, category, status, *numbers in session.execute(rows)
        ]


def count_by_square(session: Session, caller: Caller, subdistrict_id: int, date_range: DateRange) -> CountTable[Square]:
    """Return the incidents of each square that has any."""
    raster = get_raster(session, caller, subdistrict_id)
    sides = raster.width_degrees, raster.height_degrees
    day, days = SubdistrictDay(subdistrict_id, date_range.last), _with_previous(date_range)
    count = partial(packed_counts.count_by_square, date_range, sides)
    counts, packed = packed_counts.load_counts(
        session, caller, PackedRequest(("squares", sides), day, days, None), count
    )
    if packed_incidents.has_rows(session, caller, subdistrict_id, packed):
        rows = _select_counts(session, caller, subdistrict_id, date_range, *raster.square_of(Incident.geometry))
        in_rows = session.execute(rows.where(packed_incidents.is_in_rows(caller, packed)))
        return _add_rows(
            counts,
            (
                ((east, north), (category, status), (int(current), int(previous), 0))
                for east, north, category, status, current, previous in in_rows
            ),
        )
    return counts


def count_households_by_square(session: Session, caller: Caller, day: SubdistrictDay) -> Mapping[Square, int]:
    """Return the households of each square: those of the buildings whose centroid lies in it."""
    raster = get_raster(session, caller, day.subdistrict_id)

    def load() -> Mapping[Square, int]:
        return _count_households(session, caller, day, raster)

    return load_cached(session, caller, DayFigure(("squares", raster), *astuple(day)), load)


def _count_households(
    session: Session, caller: Caller, day: SubdistrictDay, raster: SquareRaster
) -> Mapping[Square, int]:
    counts = grids_in_force.select_resident_household_counts(caller, day).subquery()
    square = raster.square_of(func.ST_Centroid(Building.geometry))
    rows = (
        select(*square, func.sum(counts.c.households))
        .join(counts, counts.c.building_id == Building.id)
        .where(Building.subdistrict_id == day.subdistrict_id, Building.valid.contains(day.date))
        .where(scope_filter.in_scope_communities(caller, Building))
        .group_by(*square)
    )
    return {(east, north): int(households) for east, north, households in session.execute(rows)}


def list_categories(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[str]:
    """Return the categories of the incidents of a subdistrict, sorted.

    Each category is looked up in the index: a list of those of all incidents would read them all.
    """
    category = CategoryOfSubdistrict
    used = select(Incident.id).where(
        Incident.subdistrict_id == category.subdistrict_id,
        Incident.category == category.key,
        row_filter.visible(caller, Incident),
    )
    rows = select(category.key).where(category.subdistrict_id == subdistrict_id, row_filter.visible(caller, category))
    return sorted(session.scalars(rows.where(used.limit(1).exists())))


def find_recorded_days(session: Session, caller: Caller, subdistrict_id: int) -> DateRange | None:
    """Return the days of the first and the last incident; None without incidents."""
    return list_recorded_days(session, caller, subdistrict_id, [ALL_DAYS])[0]


def list_recorded_days(
    session: Session, caller: Caller, subdistrict_id: int, ranges: Sequence[DateRange]
) -> Sequence[DateRange | None]:
    """Return the days of the first and the last incident within each of some ranges; None where it has none.

    Incidents that a file dates to come are no record yet. The days are found from the ends of the index on times: an
    aggregate would join all incidents with the cells of a scope.
    """
    visible = select(Incident.occurred_at).where(
        Incident.subdistrict_id == subdistrict_id,
        Incident.occurred_at <= func.now(),
        *visible_conditions(session, caller, subdistrict_id),
    )
    ends = [end for within in ranges for end in _select_ends(visible, within)]
    days = session.execute(select(*ends)).one()
    return [
        None if first is None else DateRange(first, last) for first, last in zip(days[::2], days[1::2], strict=True)
    ]


def _select_ends(times: AnySelect, within: DateRange) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return the days of the earliest and the latest time within a range."""
    found = times.where(Incident.occurred_at >= day_start(within.first), Incident.occurred_at < day_end(within.last))
    earliest, latest = (found.order_by(order).limit(1) for order in (Incident.occurred_at, Incident.occurred_at.desc()))
    return cast(earliest.scalar_subquery(), Date), cast(latest.scalar_subquery(), Date)


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
        .where(*visible_conditions(session, caller, subdistrict_id))
        .group_by(*groups)
    )


def visible_conditions(session: Session, caller: Caller, subdistrict_id: int) -> list[ColumnElement[bool]]:
    """Return the conditions for visible incidents; a station that works in a part sees those of its communities."""
    own = Incident.cell_id.in_(select(Cell.id).where(scope_filter.in_scope_communities(caller, Cell)))
    covers_all = scope_filter.covers_subdistrict(session, caller, subdistrict_id)
    return [row_filter.visible(caller, Incident), true() if covers_all else own]


def _add_rows(table: CountTable[PlaceT], rows: Iterable[PlaceCount[PlaceT]]) -> CountTable[PlaceT]:
    """Return a table with the counts of rows added."""
    return make_count_table([*table.list_counts(), *rows])


def _with_previous(date_range: DateRange) -> DateRange:
    return DateRange(date_range.previous_first, date_range.last)
