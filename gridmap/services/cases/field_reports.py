"""Reports from the street: an incident with its photos, and its result where it was settled on the spot 当场办结."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import CaseAction
from gridmap.services.cases.photos import add_photos, clean_photos
from gridmap.services.cases.steps import require_plain_text
from gridmap.services.incidents import reporting
from gridmap.services.incidents.reporting import IncidentReport
from gridmap.store.queries.cases import cases
from gridmap.store.queries.cases.cases import CaseRow, NearFilter
from gridmap.store.queries.incidents.categories import list_categories
from gridmap.store.queries.incidents.own_reports import IncidentRow
from gridmap.store.writes.cases import steps as step_writes
from gridmap.store.writes.cases.steps import NewStep

TOO_LATE = N_(
    "This report can no longer be changed or withdrawn: ten minutes have passed, or the workstation has taken it in. "
    "Tell the workstation."
)
OTHER_CLASS = N_("This kind is handled by others. Withdraw the report and send it anew.")


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
    known_id : int or None
        Incident that the reporter knows to be the same one; None for a new one.
    """

    incident: IncidentReport
    photos: Sequence[bytes] = ()
    result: str | None = None
    numbers_confirmed: bool = False
    known_id: int | None = None


class StoredReport(NamedTuple):
    """Number of the incident of a report, and whether this call stored it."""

    number: str
    is_new: bool


class MendedReport(NamedTuple):
    """Category and title that a report is to have."""

    category: str
    title: str
    numbers_confirmed: bool = False


def submit_report(session: Session, caller: Caller, report: FieldReport) -> StoredReport:
    """Store a report with its photos and its result, once, however often a phone sends it.

    Raises
    ------
    PersonalNumbers
        If the title or the result seems to have numbers of persons, and nobody has confirmed that it has none.
    InvalidInput
        If `reporting.report_incident` refuses it, if a photo cannot be read, or if the result is missing.
    """
    number = reporting.find_number(session, caller, report.incident)
    if number:
        return StoredReport(number, is_new=False)
    _require_plain_texts(report)
    photos = clean_photos(report.photos)
    incident = reporting.report_incident(session, caller, report.incident)
    add_photos(session, incident.id, None, photos)
    if report.result is not None:
        _settle(session, caller, incident, report.result)
    elif report.known_id is not None:
        step_writes.repeat_report(session, incident.id, report.known_id)  # a case closed meanwhile leaves a new one
    return StoredReport(incident.number, is_new=True)


def list_known(session: Session, caller: Caller, report: IncidentReport) -> Sequence[CaseRow]:
    """Return the open cases that may be the same incident as a report, the nearest first.

    Raises
    ------
    InvalidInput
        If the category or the place cannot be used.
    """
    place = reporting.locate_report(session, caller, report)
    near = cases.list_near(session, caller, place, NearFilter(report.subdistrict_id, report.category))
    return [each for each in near if each.is_open]


def load_own_report(session: Session, caller: Caller, incident_id: int) -> CaseRow:
    """Return the case of an own report.

    Raises
    ------
    NotFound
        If the caller has no such report.
    """
    case = cases.find_own_report(session, caller, incident_id)
    if case is None:
        raise NotFound(incident_id)
    return case


def mend_report(session: Session, caller: Caller, incident_id: int, mended: MendedReport) -> None:
    """Change the category and the title of an own report of the last ten minutes that nobody has touched.

    Raises
    ------
    NotFound
        If the caller has no such report.
    PersonalNumbers
        If the title seems to have numbers of persons, and nobody has confirmed that it has none.
    InvalidInput
        If it is too late, or the category cannot be used.
    """
    case = load_own_report(session, caller, incident_id)
    classes = {each.key: each.access_class for each in list_categories(session, caller, case.subdistrict_id)}
    if classes.get(mended.category) is not case.access_class:
        raise InvalidInput([InputFault(Message(OTHER_CLASS), column="category")])
    require_plain_text(mended.title, needed=False, confirmed=mended.numbers_confirmed, column="title")
    if not step_writes.mend_report(session, incident_id, mended.category, mended.title.strip() or None):
        raise InvalidInput([InputFault(Message(TOO_LATE))])


def withdraw_report(session: Session, caller: Caller, incident_id: int) -> None:
    """Withdraw an own report of the last ten minutes that nobody has touched.

    Raises
    ------
    NotFound
        If the caller has no such report.
    InvalidInput
        If it is too late.
    """
    load_own_report(session, caller, incident_id)
    if not step_writes.withdraw_report(session, incident_id):
        raise InvalidInput([InputFault(Message(TOO_LATE))])


def _require_plain_texts(report: FieldReport) -> None:
    confirmed = report.numbers_confirmed
    require_plain_text(report.incident.title, needed=False, confirmed=confirmed, column="title")
    if report.result is not None:
        require_plain_text(report.result, needed=True, confirmed=confirmed, column="result")


def _settle(session: Session, caller: Caller, incident: IncidentRow, result: str) -> None:
    """Close the case of a report that was just stored; one that another request has settled stays as it is."""
    case = cases.find_case(session, caller, incident.id)
    if case is None:
        raise NotFound(incident.id)
    if case.days_left is not None:
        step_writes.take_step(session, NewStep(incident.id, case.version, CaseAction.SETTLE, result.strip()))
