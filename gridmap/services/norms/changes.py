"""Norms of subdistricts and communities: entered with their document and first day, ended, withdrawn, never lost."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.plans.norm import Norm
from gridmap.services.norms.places import NormPage, find_version, get_page, require_right
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans import norms as norm_queries
from gridmap.store.queries.plans.norms import NormPlace, NormRow
from gridmap.store.writes.territory import norms as norm_writes

EARLIEST_DAY = date(1949, 10, 1)
"""First day of the documents that can be in force; an earlier one is a slip of the keyboard."""
MAX_YEARS_AHEAD = 10
MIN_SOURCE_LETTERS = 2
CHANGED_MEANWHILE = N_("Somebody has changed the norm since you opened this page. Look at it, and enter yours again.")
SOURCE_REQUIRED = N_("Name the document that the norm is taken from.")
SOURCE_DATE_AHEAD = N_("The date of the document is after today.")
DATE_OUT_OF_RANGE = N_("This date cannot be right. Choose one from {first} to {last}.")
NOTHING_TO_END = N_("No norm of this place holds on {date}.")
ALREADY_BEGAN = N_("This norm has begun to hold. Enter another one, or end it.")


@dataclass(frozen=True)
class NormChange:
    """A norm to enter.

    Parameters
    ----------
    norm : Norm
    source : str
        Document that it is taken from.
    source_date : date
        Date of the document.
    first : date
        First day on which it holds; also in future. An earlier day judges the days since then anew.
    """

    norm: Norm
    source: str
    source_date: date
    first: date


class NormConflict(NotPossible):
    """A change of a norm that somebody else has changed since the page was opened."""


def change_norm(
    session: Session,
    caller: Caller,
    place: NormPlace,
    change: NormChange,
    version: str | None = None,
) -> NormRow:
    """Enter a norm: it holds from its first day until the next one that is entered.

    The norm that held on the first day ends the day before; one that begins on the same day is withdrawn. Both stay as
    history. The same norm entered twice is entered once.

    Parameters
    ----------
    session : Session
        Of a planner or administrator of the place, or of the owner.
    caller : Caller
    place : NormPlace
    change : NormChange
    version : str, optional
        Of the page on which it was entered, from `NormPage.version`.

    Raises
    ------
    NotFound
        If the caller does not work in the place.
    InvalidInput
        If the document is missing or a date cannot be right.
    NormConflict
        If the norms of the place have changed since the page was opened.
    """
    require_right(session, caller, place)
    _check_dates(change, get_today(session))
    locks.lock_norms(session, place.subdistrict_id)
    rows = [row for row in norm_queries.list_place_norms(session, caller, place) if row.withdrawn_at is None]
    if same := next((row for row in rows if _is_same(row, change)), None):
        return same
    _require_version(session, caller, place, version)
    for row in rows:
        _make_room(session, caller, row, change.first)
    later = [row.first for row in rows if row.first > change.first]
    source = change.source.strip(), change.source_date
    period = Range(change.first, min(later, default=None))
    return norm_writes.insert_norm(session, caller, place, change.norm, source, period)


def end_norm(session: Session, caller: Caller, place: NormPlace, first_without: date, version: str | None) -> NormRow:
    """End the norm of a place: from a day on, that of the subdistrict holds, or the default.

    Parameters
    ----------
    session : Session
        Of a planner or administrator of the place, or of the owner.
    caller : Caller
    place : NormPlace
    first_without : date
        First day without it; today or later.
    version : str or None
        Of the page, from `NormPage.version`.

    Raises
    ------
    NotFound
        If the caller does not work in the place.
    NotPossible
        If no norm of the place holds on the day before, or the norms have changed meanwhile.
    """
    require_right(session, caller, place)
    _require_date(first_without, get_today(session), first=get_today(session), column="first_without")
    locks.lock_norms(session, place.subdistrict_id)
    _require_version(session, caller, place, version)
    for row in norm_queries.list_place_norms(session, caller, place):
        is_open = row.end is None or row.end > first_without
        if row.withdrawn_at is None and row.first < first_without and is_open:
            norm_writes.end_norm(session, caller, row.id, first_without)
            return row
    raise NotPossible(Message(NOTHING_TO_END, {"date": first_without.isoformat()}))


def withdraw_planned(session: Session, caller: Caller, place: NormPlace, norm_id: int) -> None:
    """Withdraw a norm that has not begun; the one before it holds on.

    Parameters
    ----------
    session : Session
        Of a planner or administrator of the place, or of the owner.
    caller : Caller
    place : NormPlace
    norm_id : int

    Raises
    ------
    NotFound
        If there is no such norm, or the caller does not work in its place.
    NotPossible
        If it has begun.
    """
    page = get_page(session, caller, place)
    require_right(session, caller, place)
    locks.lock_norms(session, place.subdistrict_id)
    row = page.require_row(norm_id)
    if row.withdrawn_at is not None:
        return
    if row.first <= get_today(session):
        raise NotPossible(Message(ALREADY_BEGAN))
    norm_writes.withdraw_norm(session, caller, row.id)
    _continue_earlier(session, caller, page, row)


def _continue_earlier(session: Session, caller: Caller, page: NormPage, withdrawn: NormRow) -> None:
    """Let the norm that a withdrawn one would have ended hold as long as the withdrawn one."""
    for entry in page.entries:
        if entry.row.withdrawn_at is None and entry.row.end == withdrawn.first:
            norm_writes.end_norm(session, caller, entry.row.id, withdrawn.end)


def _make_room(session: Session, caller: Caller, row: NormRow, first: date) -> None:
    """End a norm that holds on the first day of another one; withdraw one that begins on it."""
    if row.first == first:
        norm_writes.withdraw_norm(session, caller, row.id)
    elif row.first < first and (row.end is None or row.end > first):
        norm_writes.end_norm(session, caller, row.id, first)


def _is_same(row: NormRow, change: NormChange) -> bool:
    entered = NormChange(row.norm, row.source, row.source_date, row.first)
    return entered == NormChange(change.norm, change.source.strip(), change.source_date, change.first)


def _require_version(session: Session, caller: Caller, place: NormPlace, version: str | None) -> None:
    if version is not None and version != find_version(session, caller, place):
        raise NormConflict(Message(CHANGED_MEANWHILE))


def _check_dates(change: NormChange, today: date) -> None:
    if len(change.source.strip()) < MIN_SOURCE_LETTERS:
        raise InvalidInput([InputFault(Message(SOURCE_REQUIRED), column="source")])
    if change.source_date > today:
        raise InvalidInput([InputFault(Message(SOURCE_DATE_AHEAD), column="source_date")])
    _require_date(change.source_date, today, first=EARLIEST_DAY, column="source_date")
    _require_date(change.first, today, first=EARLIEST_DAY, column="first")


def _require_date(day: date, today: date, *, first: date, column: str) -> None:
    last = today.replace(year=today.year + MAX_YEARS_AHEAD, day=min(today.day, 28))
    if not first <= day <= last:
        values = {"first": first.isoformat(), "last": last.isoformat()}
        raise InvalidInput([InputFault(Message(DATE_OUT_OF_RANGE, values), column=column)])
