"""Heatmap of incidents: counts and rates per 100 households, by grid in force and by square."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.services.grids import in_force, overview
from gridmap.services.grids import incident_counts as grid_incident_counts
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.grids.incident_counts import (
    NO_INCIDENTS,
    DateRange,
    IncidentFilter,
    PeriodCounts,
    list_categories,
)
from gridmap.services.incidents.comparison import Records, load_records
from gridmap.store.queries.grids import incident_counts as incident_count_queries
from gridmap.store.queries.grids.incident_counts import SquareRaster
from gridmap.store.queries.grids.packed_counts import Square
from gridmap.store.queries.territory import SubdistrictRow

__all__ = [
    "DateRange",
    "HeatValue",
    "Heatmap",
    "IncidentFilter",
    "SubdistrictRow",
    "list_categories",
    "load_grid_heat",
    "load_square_heat",
    "resolve_date_range",
    "resolve_subdistrict",
]

DEFAULT_PERIOD = timedelta(days=89)
"""A quarter: most grids have incidents in it, and there is soon a previous one to compare with."""
MIN_HOUSEHOLDS_FOR_RATE = 50
"""Minimum number of households for a rate; with fewer, it reflects chance more than the place."""


@dataclass(frozen=True)
class HeatValue:
    """Incidents and households of a grid or a square.

    Parameters
    ----------
    count : int
        Incidents of the date range.
    previous : int or None
        Incidents of the period of the same length before it; None where the two are not compared.
    households : int
        Households on the last day.
    on_border : int
        Ordinary incidents of the date range within 5 m of another grid; 0 for squares.
    """

    count: int
    previous: int | None
    households: int
    on_border: int = 0

    @property
    def rate(self) -> float | None:
        """Return the incidents per 100 households; None for too few households."""
        return 100 * self.count / self.households if self.households >= MIN_HOUSEHOLDS_FOR_RATE else None

    @property
    def change(self) -> int | None:
        """Return the increase over the previous period; None where nothing is compared."""
        return None if self.previous is None else self.count - self.previous


@dataclass(frozen=True)
class GridHeat:
    """A grid in force and its incidents."""

    grid: GridInForce
    value: HeatValue


@dataclass(frozen=True)
class SquareHeat:
    """A square of the raster and its incidents; `shape` is in longitude and latitude (WGS 84)."""

    shape: shapely.Geometry
    value: HeatValue


@dataclass(frozen=True)
class Heatmap:
    """Incidents of a subdistrict by grid.

    Parameters
    ----------
    filters : IncidentFilter
    grids : sequence of GridHeat
        Grids with the most incidents first.
    unlinked : int
        Incidents outside all grids.
    records : Records
        Days on which incidents were recorded.
    """

    filters: IncidentFilter
    grids: Sequence[GridHeat]
    unlinked: int
    records: Records

    @property
    def total(self) -> int:
        """Return the number of incidents in grids and outside."""
        return sum(each.value.count for each in self.grids) + self.unlinked


def resolve_date_range(today: date, first: date | None, last: date | None) -> DateRange:
    """Return a range of days; the 90 days up to its end where no first day is given.

    Raises
    ------
    InvalidInput
        If the first day is after the last.

    Examples
    --------
    >>> resolve_date_range(date(2026, 3, 1), None, None).first
    datetime.date(2025, 12, 2)
    """
    end = last or today
    return grid_incident_counts.make_date_range(first or in_force.date_before(end, DEFAULT_PERIOD), end)


def load_grid_heat(session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter) -> Heatmap:
    """Return the incidents of each grid that is in force on the last day.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    filters : IncidentFilter

    Returns
    -------
    Heatmap
    """
    day = in_force.resolve_day(session, subdistrict_id, filters.date_range.last)
    counts = grid_incident_counts.count_by_grid(session, caller, day, filters)
    records = load_records(session, caller, subdistrict_id, filters.date_range)
    grids = [
        GridHeat(grid, _heat_value(counts.get(grid.id, NO_INCIDENTS), grid.households.number, records.comparable))
        for grid in in_force.list_grids(session, caller, day)
    ]
    return Heatmap(filters, sorted(grids, key=_rank_key), counts.get(None, NO_INCIDENTS).current, records)


def load_square_heat(
    session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter
) -> Sequence[SquareHeat]:
    """Return the incidents of each square of 200 m that has any."""
    counts = grid_incident_counts.count_by_square(session, caller, subdistrict_id, filters)
    day = in_force.resolve_day(session, subdistrict_id, filters.date_range.last)
    households = incident_count_queries.count_households_by_square(session, caller, day)
    values = {
        square: _heat_value(counts[square], households.get(square, 0))
        for square in sorted(counts)
        if counts[square].current
    }
    shapes = _square_polygons(values, incident_count_queries.get_raster(session, caller, subdistrict_id))
    return [SquareHeat(shape, value) for shape, value in zip(shapes, values.values(), strict=True)]


def resolve_subdistrict(session: Session, caller: Caller, code: str | None) -> SubdistrictRow | None:
    """Return the subdistrict with a code, or the caller's first one where no code is given."""
    if code is not None:
        return overview.get_subdistrict(session, caller, code)
    return next(iter(overview.list_subdistricts(session, caller)), None)


def _heat_value(counts: PeriodCounts, households: int, comparable: bool = True) -> HeatValue:
    return HeatValue(counts.current, counts.previous if comparable else None, households, counts.on_border)


def _rank_key(grid_heat: GridHeat) -> tuple[int, str]:
    return -grid_heat.value.count, grid_heat.grid.code


def _square_polygons(squares: Iterable[Square], raster: SquareRaster) -> Sequence[shapely.Geometry]:
    indices = np.array(list(squares), dtype=np.int64).reshape(-1, 2)
    size_degrees = np.array([raster.width_degrees, raster.height_degrees])
    return list(shapely.box(*(indices * size_degrees).T, *((indices + 1) * size_degrees).T))
