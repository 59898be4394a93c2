"""Incident counts with disclosure control: the only source of counts for pages and the API."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.privacy.disclosure import DisclosedCount, disclose, exact_count
from gridmap.core.vocabulary import IncidentStatus, Role
from gridmap.store.queries.grids import incident_counts
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.incident_counts import (
    CategoryCounts,
    CategoryStatus,
    DateRange,
    IncidentCounts,
    Square,
)

__all__ = [
    "NO_INCIDENTS",
    "ROLES_WITH_INCIDENT_ACCESS",
    "DateRange",
    "IncidentFilter",
    "PeriodCounts",
    "count_by_grid",
    "count_by_square",
    "count_open",
    "find_recorded_days",
    "list_categories",
    "make_date_range",
]

ROLES_WITH_INCIDENT_ACCESS = (Role.WORKER, Role.STATION)
"""Roles that see single incidents and persons of their grids, and so every count of them."""
EARLIEST_DATE = date(1900, 1, 1)
CATEGORY_AND_STATUS = N_("a status together with some categories would disclose small numbers: choose one of the two")
CATEGORY_OR_STATUS = N_("either categories or a status")
FIRST_AFTER_LAST = N_("the first day is after the last")
DATE_UP_TO = N_("a day up to {last}")

PlaceT = TypeVar("PlaceT")


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
        Only incidents open, or closed, at the end of the range. Together with `categories` only for callers who see
        single incidents.
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
    """Incidents of a range of days, and of as many days before it."""

    current: DisclosedCount = field(default_factory=lambda: exact_count(0))
    previous: DisclosedCount = field(default_factory=lambda: exact_count(0))


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
    return _disclosed_counts(caller, filters, counts)


def count_by_square(
    session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter
) -> Mapping[Square, PeriodCounts]:
    """Return the incidents of each square that has any in either period."""
    counts = incident_counts.count_by_square(session, caller, subdistrict_id, filters.date_range)
    return _disclosed_counts(caller, filters, counts)


def count_open(session: Session, caller: Caller, day: SubdistrictDay, grid_id: int) -> DisclosedCount:
    """Return the incidents of a grid that were open at the end of the day: those of all days before, by status."""
    filters = IncidentFilter(DateRange(EARLIEST_DATE, day.date), status=IncidentStatus.OPEN)
    counts = incident_counts.count_by_grid(session, caller, day, filters.date_range, grid_id)
    return _disclosed_counts(caller, filters, counts).get(grid_id, NO_INCIDENTS).current


def list_categories(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[str]:
    """Return the categories to choose from."""
    return incident_counts.list_categories(session, caller, subdistrict_id)


def find_recorded_days(session: Session, caller: Caller, subdistrict_id: int) -> DateRange | None:
    """Return the days of the first and the last incident; None without incidents."""
    return incident_counts.find_recorded_days(session, caller, subdistrict_id)


def _disclosed_counts(
    caller: Caller, filters: IncidentFilter, counts_by_place: Mapping[PlaceT, IncidentCounts]
) -> dict[PlaceT, PeriodCounts]:
    """Return exact counts for callers who see single incidents, counts with disclosure control for the others."""
    sees_incidents = caller.trusted or caller.role in ROLES_WITH_INCIDENT_ACCESS
    if not sees_incidents and filters.categories and filters.status:
        raise InvalidInput(
            [
                InputFault(
                    Message(CATEGORY_AND_STATUS),
                    column="status",
                    value=filters.status,
                    expected=Message(CATEGORY_OR_STATUS),
                )
            ]
        )
    count = _exact_count if sees_incidents else _margin_count
    return {
        place: PeriodCounts(count(counts.current, filters), count(counts.previous, filters))
        for place, counts in counts_by_place.items()
    }


def _exact_count(counts: CategoryCounts, filters: IncidentFilter) -> DisclosedCount:
    return exact_count(sum(count for kind, count in counts.items() if filters.matches(kind)))


def _margin_count(counts: CategoryCounts, filters: IncidentFilter) -> DisclosedCount:
    """Return a count by category or by status, never by both: two margins of a table, and no cell of it.

    Whatever one margin is, the other may be anything with the same sum: a suppressed number of one does not follow from
    the other. A cell of the table never follows from sums that are zero or at least five.
    """
    margin: defaultdict[str, int] = defaultdict(int)
    for kind, count in counts.items():
        margin[kind[bool(filters.status)]] += count
    return disclose(margin, [filters.status] if filters.status else filters.categories or None)
