"""How many incidents there were, told to each account as far as it may know: nothing else tells anybody."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from gridmap.core.errors import N_, BadInput, Fault, Message
from gridmap.core.names import IncidentStatus, Role
from gridmap.core.small_counts import Told, exactly, told
from gridmap.store import extent, incidents
from gridmap.store.in_force import Day
from gridmap.store.incidents import Counts, Happened, Kind, Span, Square
from gridmap.store.session import TRUSTED

__all__ = ["NONE", "ONE_BY_ONE", "Pair", "Span", "Wish", "by_grid", "by_square", "categories", "days", "open_in"]

ONE_BY_ONE = (Role.WORKER, Role.STATION)
"""Roles that see the incidents and the persons of their grids themselves, and so every count of them."""
LONG_AGO = date(1900, 1, 1)
CROSSED = N_("a status of some categories only would give small numbers away")
ONE_OF_THEM = N_("categories, or a status")
TOO_LATE = N_("the first day lies after the last")
UP_TO = N_("a day up to {last}")

Place = TypeVar("Place")


@dataclass(frozen=True)
class Wish:
    """What is to be counted.

    Parameters
    ----------
    span : Span
        Days; the grids are those in force on the last one.
    categories : collection of str
        All where there is none.
    status : IncidentStatus, optional
        Only those that were open, or closed, when the span was over; with `categories` only for who sees the incidents.
    """

    span: Span
    categories: Collection[str] = ()
    status: IncidentStatus | None = None

    def takes(self, kind: Kind) -> bool:
        """Whether incidents of a kind are to be counted."""
        category, status = kind
        return (not self.categories or category in self.categories) and self.status in (None, status)


@dataclass(frozen=True)
class Pair:
    """Incidents of the span, and of as many days before it."""

    now: Told = field(default_factory=lambda: exactly(0))
    before: Told = field(default_factory=lambda: exactly(0))


NONE = Pair()


def days(first: date, last: date) -> Span:
    """From one day to another.

    Raises
    ------
    BadInput
        If the first day lies after the last.
    """
    if first > last:
        expected = Message(UP_TO, {"last": last.isoformat()})
        raise BadInput([Fault(Message(TOO_LATE), column="first", value=first.isoformat(), expected=expected)])
    return Span(first, last)


def by_grid(session: Session, day: Day, wish: Wish) -> Mapping[int | None, Pair]:
    """Incidents of each grid in force on the day that has any in either span; None for those in no grid."""
    return _told(session, wish, incidents.by_grid(session, day, wish.span))


def by_square(session: Session, home: int, wish: Wish) -> Mapping[Square, Pair]:
    """Incidents of each square that has any in either span."""
    return _told(session, wish, incidents.by_square(session, home, wish.span))


def open_in(session: Session, day: Day, grid: int) -> Told:
    """Incidents of a grid that were open when the day was over: as by grid, asked since long ago for open ones."""
    wish = Wish(Span(LONG_AGO, day.on), status=IncidentStatus.OPEN)
    return _told(session, wish, incidents.by_grid(session, day, wish.span, grid)).get(grid, NONE).now


def categories(session: Session, home: int) -> Sequence[str]:
    """Categories there are to choose from."""
    return incidents.categories(session, home)


def _told(session: Session, wish: Wish, found: Mapping[Place, Happened]) -> dict[Place, Pair]:
    """Exactly to who sees the incidents one by one, as `gridmap.core.small_counts` has it to all others."""
    entitled = bool(session.info.get(TRUSTED)) or extent.role(session) in ONE_BY_ONE
    if not entitled and wish.categories and wish.status:
        raise BadInput([Fault(Message(CROSSED), column="status", value=wish.status, expected=Message(ONE_OF_THEM))])
    tell = _exactly if entitled else _hidden
    return {place: Pair(tell(each.now, wish), tell(each.before, wish)) for place, each in found.items()}


def _exactly(counts: Counts, wish: Wish) -> Told:
    return exactly(sum(count for kind, count in counts.items() if wish.takes(kind)))


def _hidden(counts: Counts, wish: Wish) -> Told:
    """By category or by status, never by both: so of each place two margins of a table are told, and nothing in it.

    Whatever the one margin is, the other may be anything with the same sum: what is hidden in one does not follow from
    the other. A number within the table never follows from sums that are none or at least five.
    """
    margin: defaultdict[str, int] = defaultdict(int)
    for kind, count in counts.items():
        margin[kind[bool(wish.status)]] += count
    return told(margin, [wish.status] if wish.status else wish.categories or None)
