"""Counts of the incidents that a caller may see: the only source of counts for pages and the API."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.incidents.count_table import CategoryStatus, CountTable, PlaceT
from gridmap.core.vocabulary import IncidentStatus, Role
from gridmap.store.queries.grids import incident_counts
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.packed_counts import Square

__all__ = [
    "NO_INCIDENTS",
    "ROLES_SEEING_EVERY_CLASS",
    "DateRange",
    "IncidentFilter",
    "PeriodCounts",
    "count_by_grid",
    "count_by_square",
    "find_recorded_days",
    "list_categories",
    "make_date_range",
]

ROLES_SEEING_EVERY_CLASS = (Role.WORKER, Role.STATION)
"""Roles that see incidents of every access class; the others see ordinary ones."""
FIRST_AFTER_LAST = N_("the first day is after the last")
DATE_UP_TO = N_("a day up to {last}")


@dataclass(frozen=True)
class IncidentFilter:
    """Incidents to count.

    Parameters
    ----------
    date_range : DateRange
        The grids are those in force on the last day.
    categories : collection of str
        Empty for all.
    status : IncidentStatus, optional
        Only incidents open, or closed, at the end of the range.
    """

    date_range: DateRange
    categories: Collection[str] = ()
    status: IncidentStatus | None = None

    def matches(self, kind: CategoryStatus) -> bool:
        """Return whether incidents of a category and status are counted."""
        category, status = kind
        return (not self.categories or category in self.categories) and self.status in (None, status)


@dataclass(frozen=True)
class PeriodCounts:
    """Incidents of a range of days, and of as many days before it.

    Parameters
    ----------
    current, previous : int
    on_border : int
        Ordinary incidents of the range within 5 m of another grid; 0 where incidents are not counted by grid.
    """

    current: int = 0
    previous: int = 0
    on_border: int = 0


NO_INCIDENTS = PeriodCounts()


def make_date_range(first: date, last: date) -> DateRange:
    """Return the range from one day to another.

    Raises
    ------
    InvalidInput
        If the first day is after the last.
    """
    if first > last:
        expected = Message(DATE_UP_TO, {"last": last.isoformat()})
        raise InvalidInput(
            [InputFault(Message(FIRST_AFTER_LAST), column="first", value=first.isoformat(), expected=expected)]
        )
    return DateRange(first, last)


def count_by_grid(
    session: Session, caller: Caller, day: SubdistrictDay, filters: IncidentFilter
) -> Mapping[int | None, PeriodCounts]:
    """Return the incidents of each grid in force on the day that has any in either period; None for no grid."""
    counts = incident_counts.count_by_grid(session, caller, day, filters.date_range)
    return _period_counts(filters, counts)


def count_by_square(
    session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter
) -> Mapping[Square, PeriodCounts]:
    """Return the incidents of each square that has any in either period."""
    counts = incident_counts.count_by_square(session, caller, subdistrict_id, filters.date_range)
    return _period_counts(filters, counts)


def list_categories(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[str]:
    """Return the categories to choose from."""
    return incident_counts.list_categories(session, caller, subdistrict_id)


def find_recorded_days(session: Session, caller: Caller, subdistrict_id: int) -> DateRange | None:
    """Return the days of the first and the last incident; None without incidents."""
    return incident_counts.find_recorded_days(session, caller, subdistrict_id)


def _period_counts(filters: IncidentFilter, table: CountTable[PlaceT]) -> dict[PlaceT, PeriodCounts]:
    sums = table.sum_kinds([filters.matches(kind) for kind in table.kinds])
    return {place: PeriodCounts(*counts) for place, counts in sums.items()}
