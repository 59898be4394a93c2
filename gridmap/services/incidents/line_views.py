"""Service lines 条线 of a leader: a purpose is chosen first, and every look at their incidents is recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import LinePurpose, Role
from gridmap.store.queries import service_lines
from gridmap.store.queries.service_lines import LineIncidentRow, OwnLineViewing, ServiceLineRow
from gridmap.store.writes import audit as audit_writes
from gridmap.store.writes.audit import LineView

__all__ = [
    "LineAccess",
    "LineIncidentRow",
    "LineView",
    "OpenedIncident",
    "end_viewing",
    "load_access",
    "open_incident",
    "open_viewing",
    "show_lines",
]

MATTER_NUMBER_NEEDED = N_("enter the number of the matter")


@dataclass(frozen=True)
class LineAccess:
    """Lines that a leader has in a subdistrict today, and the purpose that the session has chosen."""

    lines: Sequence[ServiceLineRow] = ()
    viewing: OwnLineViewing | None = None


@dataclass(frozen=True)
class OpenedIncident:
    """An incident of a line with its text."""

    row: LineIncidentRow
    title: str | None


def load_access(session: Session, caller: Caller, subdistrict_id: int) -> LineAccess:
    """Return the lines of the caller in a subdistrict; none for other roles than leaders."""
    if caller.role is not Role.LEADER:
        return LineAccess()
    own_ids = set(service_lines.list_own_line_ids(session, subdistrict_id))
    if not own_ids:
        return LineAccess()
    lines = [each for each in service_lines.list_lines(session, caller, [subdistrict_id]) if each.id in own_ids]
    return LineAccess(lines, service_lines.find_own_viewing(session))


def show_lines(session: Session, caller: Caller, view: LineView, address: str | None) -> Caller:
    """Record that an answer shows incidents of the caller's lines, and return the caller that sees them.

    Parameters
    ----------
    session : Session
    caller : Caller
    view : LineView
    address : str, optional
        Network address of the request, for the audit.

    Returns
    -------
    Caller
        The same one where it has no line there, or no purpose is chosen: then nothing is recorded.
    """
    if caller.role is not Role.LEADER or not audit_writes.record_view(session, view, address):
        return caller
    return replace(caller, shows_lines=True)


def open_viewing(session: Session, purpose: LinePurpose, matter_number: str, address: str | None) -> None:
    """Choose the purpose for which the session sees the incidents of its lines, for 8 hours.

    Raises
    ------
    InvalidInput
        If the number of a matter is missing.
    """
    if purpose is LinePurpose.MATTER and not matter_number.strip():
        raise InvalidInput([InputFault(Message(MATTER_NUMBER_NEEDED), column="matter_number")])
    number = matter_number.strip() if purpose is LinePurpose.MATTER else None
    audit_writes.open_viewing(session, purpose, number, address)


def end_viewing(session: Session, address: str | None) -> None:
    """End the purpose of the session; nothing happens without one."""
    audit_writes.end_viewing(session, address)


def open_incident(session: Session, caller: Caller, incident_id: int, address: str | None) -> OpenedIncident:
    """Return an incident of the caller's lines with its text, and record that it was opened.

    Raises
    ------
    NotFound
        If it is of none of them, or no purpose is chosen.
    """
    if caller.role is not Role.LEADER:
        raise NotFound(incident_id)
    row = service_lines.find_line_incident(session, replace(caller, shows_lines=True), incident_id)
    if row is None:
        raise NotFound(incident_id)
    return OpenedIncident(row, audit_writes.open_incident(session, incident_id, address))
