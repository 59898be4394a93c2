"""Incidents behind the counts of the leader's page: of a grid, of a subdistrict, and of what lies in no grid."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import IncidentStatus
from gridmap.services.grids import in_force, incident_counts
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.grids.incident_counts import NO_INCIDENTS, IncidentFilter
from gridmap.store.queries.grids.grid_details import GridDay
from gridmap.store.queries.incidents import grid_incidents
from gridmap.store.queries.incidents.grid_incidents import GridIncidentRow, IncidentKinds

__all__ = [
    "GridIncidentRow",
    "GridIncidents",
    "SubdistrictIncidents",
    "load_grid_incidents",
    "load_subdistrict_incidents",
]


@dataclass(frozen=True)
class GridIncidents:
    """The incidents of a grid that a filter matches, the newest first."""

    grid: GridInForce
    incidents: Sequence[GridIncidentRow]


@dataclass(frozen=True)
class SubdistrictIncidents:
    """The newest incidents of a subdistrict that a filter matches, and the number of all that match."""

    total: int
    incidents: Sequence[GridIncidentRow]


def load_subdistrict_incidents(
    session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter, *, in_no_grid: bool
) -> SubdistrictIncidents:
    """Return the incidents that the leader's page counts for a subdistrict, or those of them that lie in no grid.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    filters : IncidentFilter
    in_no_grid : bool
    """
    day = in_force.resolve_day(session, subdistrict_id, filters.date_range.last)
    counts = incident_counts.count_by_grid(session, caller, day, filters)
    outside = counts.get(None, NO_INCIDENTS).current
    total = outside if in_no_grid else sum(each.current for each in counts.values())
    kinds = IncidentKinds(filters.date_range, filters.categories, filters.status)
    rows = grid_incidents.list_newest_incidents(session, caller, day, kinds, in_no_grid=in_no_grid)
    return SubdistrictIncidents(total, rows)


def load_grid_incidents(session: Session, caller: Caller, grid_id: int, filters: IncidentFilter) -> GridIncidents:
    """Return the incidents that the leader's page counts for a grid.

    Parameters
    ----------
    session : Session
    caller : Caller
    grid_id : int
    filters : IncidentFilter

    Raises
    ------
    NotFound
        If the grid is not in force on the last day, or the caller does not work in it.
    """
    day = in_force.find_grid_day(session, caller, grid_id, filters.date_range.last)
    grid = in_force.get_grid_on(session, caller, day, grid_id) if day else None
    if grid is None or day is None:
        raise NotFound(grid_id)
    rows = grid_incidents.list_incidents(session, caller, GridDay(day, grid_id), filters.date_range)
    return GridIncidents(grid, [row for row in rows if filters.matches((row.category, _status(row)))])


def _status(row: GridIncidentRow) -> IncidentStatus:
    return IncidentStatus.CLOSED if row.is_closed else IncidentStatus.OPEN
