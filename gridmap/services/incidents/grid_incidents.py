"""Incidents behind the count of a grid on the leader's page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import IncidentStatus
from gridmap.services.grids import in_force
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.grids.incident_counts import IncidentFilter
from gridmap.store.queries.grids.grid_details import GridDay
from gridmap.store.queries.incidents import grid_incidents
from gridmap.store.queries.incidents.grid_incidents import GridIncidentRow

__all__ = ["GridIncidentRow", "GridIncidents", "load_grid_incidents"]


@dataclass(frozen=True)
class GridIncidents:
    """The incidents of a grid that a filter matches, the newest first."""

    grid: GridInForce
    incidents: Sequence[GridIncidentRow]


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
