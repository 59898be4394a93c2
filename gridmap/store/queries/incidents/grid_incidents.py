"""Incidents of a grid in force, or of a subdistrict, within a range of days."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Subquery, and_, select, true
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AccessClass, IncidentStatus
from gridmap.store.access import row_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.queries.columns import AnySelect
from gridmap.store.queries.grids import incident_counts, incident_places
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grid_details import GridDay, listed_title
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.schema import Grid, Incident

MAX_LISTED = 500
"""Incidents of a subdistrict in a list at most; further ones are reached by the filters and by the lists of grids."""


class GridIncidentRow(NamedTuple):
    """An incident of a grid; `is_closed` holds at the end of the range of days.

    A sensitive incident of a leader's lines has no title: it is opened one at a time. `grid_code` is None in no grid.
    """

    id: int
    number: str
    category: str
    title: str | None
    urgent: bool
    occurred_at: datetime
    is_sensitive: bool
    is_closed: bool
    on_border: bool
    grid_code: str | None


@dataclass(frozen=True)
class IncidentKinds:
    """Incidents of a range of days, of some categories, open or closed at its end; no value filters nothing."""

    date_range: DateRange
    categories: Collection[str] = ()
    status: IncidentStatus | None = None

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """Return the conditions of a query of incidents."""
        is_closed = _is_closed(self.date_range)
        by_status = {None: true(), IncidentStatus.CLOSED: is_closed, IncidentStatus.OPEN: ~is_closed}
        in_categories = Incident.category.in_(self.categories) if self.categories else true()
        return [*_is_in_range(self.date_range), in_categories, by_status[self.status]]


def list_incidents(
    session: Session, caller: Caller, grid_day: GridDay, date_range: DateRange
) -> Sequence[GridIncidentRow]:
    """Return the incidents of a range of days that the caller may see, in a grid in force on a day; the newest first.

    They are those that `incident_counts.count_by_grid` counts.
    """
    grid_id = grid_day.grid_id
    in_range = _is_in_range(date_range)
    counted = incident_places.select_grid_incidents(session, caller, grid_day.day, grid_id, *in_range)
    rows = _select_rows(caller, counted, date_range).join(Grid, Grid.id == grid_id)
    return [GridIncidentRow(*row) for row in session.execute(rows.where(row_filter.visible(caller, Grid)))]


def list_newest_incidents(
    session: Session, caller: Caller, day: SubdistrictDay, kinds: IncidentKinds, *, in_no_grid: bool
) -> Sequence[GridIncidentRow]:
    """Return the newest incidents of a subdistrict that the caller may see, in all grids, or only those in none.

    They are those that `incident_counts.count_by_grid` counts.
    """
    seen = incident_counts.visible_conditions(session, caller, day.subdistrict_id)
    counted = incident_places.select_newest_incidents(
        session, caller, day, *seen, *kinds.conditions(), in_no_grid=in_no_grid, limit=MAX_LISTED
    )
    in_force = and_(Grid.id == counted.c.grid_id, row_filter.visible(caller, Grid))
    rows = _select_rows(caller, counted, kinds.date_range).outerjoin(Grid, in_force)
    return [GridIncidentRow(*row) for row in session.execute(rows)]


def _select_rows(caller: Caller, counted: Subquery, date_range: DateRange) -> AnySelect:
    return (
        select(Incident.id, Incident.number, Incident.category, listed_title(caller), Incident.urgent)
        .add_columns(Incident.occurred_at, Incident.access_class == AccessClass.SENSITIVE.value)
        .add_columns(_is_closed(date_range).label("is_closed"), counted.c.on_border, Grid.code)
        .select_from(Incident)
        .join(counted, counted.c.id == Incident.id)
        .where(row_filter.visible(caller, Incident))
        .order_by(Incident.occurred_at.desc(), Incident.id.desc())
    )


def _is_closed(date_range: DateRange) -> ColumnElement[bool]:
    return and_(Incident.closed_at.is_not(None), Incident.closed_at < day_end(date_range.last))


def _is_in_range(date_range: DateRange) -> Sequence[ColumnElement[bool]]:
    first, end = day_start(date_range.first), day_end(date_range.last)
    return [Incident.occurred_at >= first, Incident.occurred_at < end]
