"""Where incidents pile up: by grid in force and by square, as counts and per 100 households, as far as may be told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import shapely
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.privacy.disclosure import DisclosedCount, exact_count, sum_disclosed
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
from gridmap.store.queries import incident_counts as incident_count_queries
from gridmap.store.queries.incident_counts import Square, SquareRaster

__all__ = [
    "DateRange",
    "HeatValue",
    "Heatmap",
    "IncidentFilter",
    "list_categories",
    "load_grid_heat",
    "load_square_heat",
    "resolve_date_range",
    "resolve_subdistrict",
]

DEFAULT_PERIOD = timedelta(days=89)
"""A quarter: enough for most grids to have a number, and what came before it is soon there to be compared with."""
MIN_HOUSEHOLDS_FOR_RATE = 50
"""Households below which a rate per 100 says more about chance than about the place."""


@dataclass(frozen=True)
class HeatValue:
    """A place with its incidents.

    Parameters
    ----------
    count : DisclosedCount
        How many, as far as the account may know.
    previous : DisclosedCount
        How many in the span of the same length before.
    households : int
        Households living there on the last day.
    """

    count: DisclosedCount
    previous: DisclosedCount
    households: int

    @property
    def rate(self) -> float | None:
        """Incidents per 100 households, where the count is told and there are enough households."""
        known = self.count.number is not None and self.households >= MIN_HOUSEHOLDS_FOR_RATE
        return 100 * (self.count.number or 0) / self.households if known else None

    @property
    def change(self) -> int | None:
        """How many more than before, where both are told."""
        if self.count.number is None or self.previous.number is None:
            return None
        return self.count.number - self.previous.number


@dataclass(frozen=True)
class GridHeat:
    """A grid in force, and what happened in it."""

    grid: GridInForce
    value: HeatValue


@dataclass(frozen=True)
class SquareHeat:
    """A square of the raster, and what happened in it; `shape` is in longitude and latitude."""

    shape: shapely.Geometry
    value: HeatValue


@dataclass(frozen=True)
class Heatmap:
    """Everything that a page of it shows.

    Parameters
    ----------
    filters : IncidentFilter
    grids : sequence of GridHeat
        The most incidents first.
    unlinked : DisclosedCount
        Incidents in no grid.
    """

    filters: IncidentFilter
    grids: Sequence[GridHeat]
    unlinked: DisclosedCount

    @property
    def total(self) -> DisclosedCount:
        """All incidents, as a sum of what is told: no difference to it says more."""
        return sum_disclosed([*(each.value.count for each in self.grids), self.unlinked])


def resolve_date_range(today: date, first: date | None, last: date | None) -> DateRange:
    """The days asked for; the 90 days up to today where none are.

    Raises
    ------
    BadInput
        If the first day lies after the last.

    Examples
    --------
    >>> resolve_date_range(date(2026, 3, 1), None, None).first
    datetime.date(2025, 12, 2)
    """
    end = last or today
    return grid_incident_counts.make_date_range(first or in_force.date_before(end, DEFAULT_PERIOD), end)


def load_grid_heat(session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter) -> Heatmap:
    """Incidents of each grid in force on the last day.

    Parameters
    ----------
    session : Session
    subdistrict_id : int
        The subdistrict.
    filters : IncidentFilter

    Returns
    -------
    Heatmap
    """
    day = in_force.resolve_day(session, subdistrict_id, filters.date_range.last)
    told = grid_incident_counts.count_by_grid(session, caller, day, filters)
    found = [
        GridHeat(each, _heat_value(told.get(each.id, NO_INCIDENTS), each.households.number))
        for each in in_force.list_grids(session, caller, day)
    ]
    return Heatmap(filters, sorted(found, key=_rank_key), told.get(None, NO_INCIDENTS).current)


def load_square_heat(
    session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter
) -> Sequence[SquareHeat]:
    """Incidents of each square of 200 m that has any, and no place finer than that."""
    told = grid_incident_counts.count_by_square(session, caller, subdistrict_id, filters)
    living = incident_count_queries.count_households_by_square(
        session, caller, in_force.resolve_day(session, subdistrict_id, filters.date_range.last)
    )
    spots = {at: _heat_value(told[at], living.get(at, 0)) for at in sorted(told) if told[at].current != exact_count(0)}
    shapes = _square_polygons(spots, incident_count_queries.get_raster(session, caller, subdistrict_id))
    return [SquareHeat(shape, spot) for shape, spot in zip(shapes, spots.values(), strict=True)]


def resolve_subdistrict(session: Session, caller: Caller, code: str | None) -> Any | None:
    """The subdistrict of a code, or the first of the account where none is given."""
    if code is not None:
        return overview.get_subdistrict(session, caller, code)
    return next(iter(overview.list_subdistricts(session, caller)), None)


def _heat_value(counts: PeriodCounts, households: int) -> HeatValue:
    return HeatValue(counts.current, counts.previous, households)


def _rank_key(grid_heat: GridHeat) -> tuple[int, str]:
    number = grid_heat.value.count.number
    return -(grid_heat.value.count.low if number is None else number), grid_heat.grid.code


def _square_polygons(squares: Iterable[Square], raster: SquareRaster) -> Sequence[shapely.Geometry]:
    lines, step = (
        np.array(list(squares), dtype=np.int64).reshape(-1, 2),
        np.array([raster.width_degrees, raster.height_degrees]),
    )
    return list(shapely.box(*(lines * step).T, *((lines + 1) * step).T))
