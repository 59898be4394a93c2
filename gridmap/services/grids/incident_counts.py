"""How many incidents there were, told to each account as far as it may know: nothing else tells anybody."""

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
from gridmap.store.queries import incident_counts
from gridmap.store.queries.grids_in_force import SubdistrictDay
from gridmap.store.queries.incident_counts import CategoryCounts, CategoryStatus, DateRange, IncidentCounts, Square

__all__ = [
    "NO_INCIDENTS",
    "ROLES_WITH_INCIDENT_ACCESS",
    "PeriodCounts",
    "DateRange",
    "IncidentFilter",
    "count_by_grid",
    "count_by_square",
    "list_categories",
    "make_date_range",
    "count_open",
]

ROLES_WITH_INCIDENT_ACCESS = (Role.WORKER, Role.STATION)
"""Roles that see the incidents and the persons of their grids themselves, and so every count of them."""
EARLIEST_DATE = date(1900, 1, 1)
CATEGORY_AND_STATUS = N_("a status of some categories only would give small numbers away")
CATEGORY_OR_STATUS = N_("categories, or a status")
FIRST_AFTER_LAST = N_("the first day lies after the last")
DATE_UP_TO = N_("a day up to {last}")

PlaceT = TypeVar("PlaceT")


@dataclass(frozen=True)
class IncidentFilter:
    """What is to be counted.

    Parameters
    ----------
    date_range : DateRange
        Days; the grids are those in force on the last one.
    categories : collection of str
        All where there is none.
    status : IncidentStatus, optional
        Only those that were open, or closed, when the span was over; with `list_categories` only for who sees the incidents.
    """

    date_range: DateRange
    categories: Collection[str] = ()
    status: IncidentStatus | None = None

    def matches(self, kind: CategoryStatus) -> bool:
        """Whether incidents of a kind are to be counted."""
        category, status = kind
        return (not self.categories or category in self.categories) and self.status in (None, status)


@dataclass(frozen=True)
class PeriodCounts:
    """Incidents of the span, and of as many days before it."""

    current: DisclosedCount = field(default_factory=lambda: exact_count(0))
    previous: DisclosedCount = field(default_factory=lambda: exact_count(0))


NO_INCIDENTS = PeriodCounts()


def make_date_range(first: date, last: date) -> DateRange:
    """From one day to another.

    Raises
    ------
    InvalidInput
        If the first day lies after the last.
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
    """Incidents of each grid in force on the day that has any in either span; None for those in no grid."""
    return _disclosed_counts(
        session, caller, filters, incident_counts.count_by_grid(session, caller, day, filters.date_range)
    )


def count_by_square(
    session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter
) -> Mapping[Square, PeriodCounts]:
    """Incidents of each square that has any in either span."""
    return _disclosed_counts(
        session, caller, filters, incident_counts.count_by_square(session, caller, subdistrict_id, filters.date_range)
    )


def count_open(session: Session, caller: Caller, day: SubdistrictDay, grid_id: int) -> DisclosedCount:
    """Incidents of a grid that were open when the day was over: as by grid, asked since long ago for open ones."""
    wish = IncidentFilter(DateRange(EARLIEST_DATE, day.date), status=IncidentStatus.OPEN)
    return (
        _disclosed_counts(
            session, caller, wish, incident_counts.count_by_grid(session, caller, day, wish.date_range, grid_id)
        )
        .get(grid_id, NO_INCIDENTS)
        .current
    )


def list_categories(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[str]:
    """Categories there are to choose from."""
    return incident_counts.list_categories(session, caller, subdistrict_id)


def _disclosed_counts(
    session: Session, caller: Caller, filters: IncidentFilter, counts_by_place: Mapping[PlaceT, IncidentCounts]
) -> dict[PlaceT, PeriodCounts]:
    """Exactly to who sees the incidents one by one, as `gridmap.core.privacy.disclosure` has it to all others."""
    entitled = caller.trusted or caller.role in ROLES_WITH_INCIDENT_ACCESS
    if not entitled and filters.categories and filters.status:
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
    tell = _exact_count if entitled else _margin_count
    return {
        place: PeriodCounts(tell(each.current, filters), tell(each.previous, filters))
        for place, each in counts_by_place.items()
    }


def _exact_count(counts: CategoryCounts, filters: IncidentFilter) -> DisclosedCount:
    return exact_count(sum(count for kind, count in counts.items() if filters.matches(kind)))


def _margin_count(counts: CategoryCounts, filters: IncidentFilter) -> DisclosedCount:
    """By category or by status, never by both: so of each place two margins of a table are told, and nothing in it.

    Whatever the one margin is, the other may be anything with the same sum: what is hidden in one does not follow from
    the other. A number within the table never follows from sums that are none or at least five.
    """
    margin: defaultdict[str, int] = defaultdict(int)
    for kind, count in counts.items():
        margin[kind[bool(filters.status)]] += count
    return disclose(margin, [filters.status] if filters.status else filters.categories or None)
