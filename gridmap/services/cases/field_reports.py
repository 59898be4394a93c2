"""Reports from the street: an incident with its photos, and its result where it was settled on the spot 当场办结."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import CaseAction
from gridmap.formats.pictures.photo import clean_photo
from gridmap.services.cases.steps import require_plain_text
from gridmap.services.incidents import reporting
from gridmap.services.incidents.reporting import IncidentReport
from gridmap.store.queries.cases import cases
from gridmap.store.queries.incidents.own_reports import IncidentRow
from gridmap.store.writes.cases import steps as step_writes
from gridmap.store.writes.cases.steps import NewStep

MAX_PHOTOS = 3
TOO_MANY_PHOTOS = N_("{count} photos; at most {maximum}")
TOO_LATE = N_(
    "This report can no longer be withdrawn: ten minutes have passed, or the workstation has taken it in. Tell the "
    "workstation."
)


@dataclass(frozen=True)
class FieldReport:
    """A report with what belongs to it; all of it is stored, or nothing.

    Parameters
    ----------
    incident : IncidentReport
    photos : sequence of bytes
        Pictures of the phone, as they are.
    result : str or None
        What was done about it on the spot; None where it is left to others.
    numbers_confirmed : bool
        Numbers in the title and the result are none of a person.
    """

    incident: IncidentReport
    photos: Sequence[bytes] = ()
    result: str | None = None
    numbers_confirmed: bool = False


class StoredReport(NamedTuple):
    """Incident of a report, and whether this call stored it."""

    incident: IncidentRow
    is_new: bool


def submit_report(session: Session, caller: Caller, report: FieldReport) -> StoredReport:
    """Store a report with its photos and its result, once, however often a phone sends it.

    Raises
    ------
    PersonalNumbers
        If the title or the result seems to have numbers of persons, and nobody has confirmed that it has none.
    InvalidInput
        If `reporting.report_incident` refuses it, if a photo cannot be read, or if the result is missing.
    """
    existing = reporting.find_report(session, caller, report.incident)
    if existing:
        return StoredReport(existing, is_new=False)
    _require_plain_texts(report)
    photos = _clean_photos(report.photos)
    incident = reporting.report_incident(session, caller, report.incident)
    for content, size in photos:
        step_writes.add_photo(session, incident.id, None, content, size)
    if report.result is not None:
        _settle(session, caller, incident, report.result)
    return StoredReport(incident, is_new=True)


def withdraw_report(session: Session, caller: Caller, incident_id: int) -> None:
    """Withdraw an own report of the last ten minutes that nobody has touched.

    Raises
    ------
    NotFound
        If the caller has no such report.
    InvalidInput
        If it is too late.
    """
    if not any(each.incident_id == incident_id for each in cases.list_own_reports(session, caller)):
        raise NotFound(incident_id)
    if not step_writes.withdraw_report(session, incident_id):
        raise InvalidInput([InputFault(Message(TOO_LATE))])


def _require_plain_texts(report: FieldReport) -> None:
    confirmed = report.numbers_confirmed
    require_plain_text(report.incident.title, needed=False, confirmed=confirmed, column="title")
    if report.result is not None:
        require_plain_text(report.result, needed=True, confirmed=confirmed, column="result")


def _clean_photos(photos: Sequence[bytes]) -> list[tuple[bytes, tuple[int, int]]]:
    if len(photos) > MAX_PHOTOS:
        values = {"count": len(photos), "maximum": MAX_PHOTOS}
        raise InvalidInput([InputFault(Message(TOO_MANY_PHOTOS, values), column="photos")])
    return [clean_photo(content) for content in photos]


def _settle(session: Session, caller: Caller, incident: IncidentRow, result: str) -> None:
    """Close the case of a report that was just stored; one that another request has settled stays as it is."""
    case = cases.find_case(session, caller, incident.id)
    if case is None:
        raise NotFound(incident.id)
    if case.days_left is not None:
        step_writes.take_step(session, NewStep(incident.id, case.version, CaseAction.SETTLE, result.strip()))
