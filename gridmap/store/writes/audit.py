"""Entries added to the audit, and looks at incidents of service lines, which are entries of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import ARRAY, BigInteger, ColumnElement, cast, func, select
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import IncidentStatus, LinePurpose
from gridmap.store.network_address import inet_value
from gridmap.store.queries.grids.date_range import DateRange


@dataclass(frozen=True)
class AuditEntry:
    """An entry to add to the audit.

    Parameters
    ----------
    action : str
        One word, such as ``reveal``.
    subject : str, optional
        Table of the row concerned.
    subject_id : int, optional
        Key of the row concerned.
    reason : str, optional
        Reason that the person gave.
    address : str, optional
        Network address of the request.
    subdistrict_id, community_id : int, optional
        Place whose admins can see the entry; without a community, only admins of the whole subdistrict.
    details : mapping
        Further values for JSON; never personal data.
    """

    action: str
    subject: str | None = None
    subject_id: int | None = None
    reason: str | None = None
    address: str | None = None
    subdistrict_id: int | None = None
    community_id: int | None = None
    details: Mapping[str, object] = field(default_factory=dict)


def insert_entry(session: Session, entry: AuditEntry) -> None:
    """Add an entry in the name of the transaction's account."""
    values = (entry.action, entry.subdistrict_id, entry.community_id, entry.subject, entry.subject_id, entry.reason)
    session.execute(select(func.record_audit(*values, cast(dict(entry.details), JSONB), inet_value(entry.address))))


def record_table_export(
    session: Session,
    subdistrict_ids: Sequence[int],
    community_id: int | None,
    details: Mapping[str, object],
    address: str | None,
) -> None:
    """Add an entry to the audit about a table that the transaction's account exported.

    Parameters
    ----------
    session : Session
    subdistrict_ids : sequence of int
        Subdistricts that the table is about; each gets an entry.
    community_id : int, optional
        The one community that it is about.
    details : mapping
        Table, format and number of rows; never personal data.
    address : str, optional
        Network address of the request.
    """
    values = (cast(list(subdistrict_ids), ARRAY(BigInteger)), community_id, cast(dict(details), JSONB))
    session.execute(select(func.record_table_export(*values, inet_value(address))))


def insert_denial(
    session: Session, what: Mapping[str, object], address: str | None, subject: tuple[str, int] | None
) -> None:
    """Add an entry about a request for something that the transaction's account may not see."""
    table, key = subject or (None, None)
    session.execute(select(func.record_denial(table, key, cast(dict(what), JSONB), inet_value(address))))


@dataclass(frozen=True)
class LineView:
    """Incidents of a leader's lines that an answer shows.

    Parameters
    ----------
    subdistrict_id : int
    page : str
        Page or export, for the audit.
    days : DateRange
        Days of the incidents that are counted or listed.
    categories : sequence of str
        Categories that are chosen; empty for all.
    status : IncidentStatus, optional
        Status at the end of the days; any where empty.
    grid_id : int, optional
        Grid in force on the last day, where the answer is about one.
    compared_first : date, optional
        First of the days before that are counted as well, to compare with them.
    """

    subdistrict_id: int
    page: str
    days: DateRange
    categories: Sequence[str] = ()
    status: IncidentStatus | None = None
    grid_id: int | None = None
    compared_first: date | None = None


def open_viewing(session: Session, purpose: LinePurpose, matter_number: str | None, address: str | None) -> None:
    """Choose the purpose for which the session sees the incidents of its lines; the audit records it."""
    session.execute(select(func.open_line_viewing(purpose.value, matter_number, inet_value(address))))


def end_viewing(session: Session, address: str | None) -> None:
    """End the purpose of the session; the audit records it."""
    session.execute(select(func.end_line_viewing(inet_value(address))))


def record_view(session: Session, view: LineView, address: str | None) -> bool:
    """Record that an answer shows incidents of the account's lines; return whether there is anything to show."""
    compared = view.compared_first and view.compared_first.isoformat()
    optional = {"status": view.status and view.status.value, "grid": view.grid_id, "compared_first": compared}
    filters = {key: value for key, value in optional.items() if value is not None}
    values = cast({"page": view.page, "categories": list(view.categories), **filters}, JSONB)
    call = func.record_line_view(view.subdistrict_id, _period(view.days), values, inet_value(address))
    return bool(session.scalar(select(call)))


def _period(days: DateRange) -> ColumnElement[Range[date]]:
    """Return the days as a period, without a bound at the first or the last date that there is."""
    first = None if days.first == date.min else days.first
    end = None if days.last == date.max else days.last + timedelta(days=1)
    return cast(Range(first, end), DATERANGE)


def open_incident(session: Session, incident_id: int, address: str | None) -> str | None:
    """Return the text of an incident of the account's lines; the audit records it."""
    title: str | None = session.scalar(select(func.open_line_incident(incident_id, inet_value(address))))
    return title
