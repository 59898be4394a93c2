"""Incidents of a grid in force within a range of days."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AccessClass
from gridmap.store.access import row_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.queries.grids import incident_places
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grid_details import GridDay, listed_title
from gridmap.store.schema import Incident


class GridIncidentRow(NamedTuple):
    """An incident of a grid; `is_closed` holds at the end of the range of days.

    A sensitive incident of a leader's lines has no title: it is opened one at a time.
    """

    id: int
    number: str
    category: str
    title: str | None
    urgent: bool
    occurred_at: datetime
    is_sensitive: bool
    is_closed: bool


def list_incidents(
    session: Session, caller: Caller, grid_day: GridDay, date_range: DateRange
) -> Sequence[GridIncidentRow]:
    """Return the incidents of a range of days that the caller may see, in a grid in force on a day; the newest first.

    They are those that `incident_counts.count_by_grid` counts.
    """
    in_range = (
        Incident.occurred_at >= day_start(date_range.first),
        Incident.occurred_at < day_end(date_range.last),
    )
    counted = incident_places.select_grid_incidents(session, caller, grid_day.day, grid_day.grid_id, *in_range)
    is_closed = (Incident.closed_at.is_not(None)) & (Incident.closed_at < day_end(date_range.last))
    rows = (
        select(Incident.id, Incident.number, Incident.category, listed_title(caller), Incident.urgent)
        .add_columns(Incident.occurred_at, Incident.access_class == AccessClass.SENSITIVE.value)
        .add_columns(is_closed.label("is_closed"))
        .join(counted, counted.c.id == Incident.id)
        .where(row_filter.visible(caller, Incident))
        .order_by(Incident.occurred_at.desc(), Incident.id.desc())
    )
    return [GridIncidentRow(*row) for row in session.execute(rows)]
