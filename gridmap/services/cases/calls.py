"""Calls and visits that a station records as incidents."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.vocabulary import CaseAction
from gridmap.services.cases.cases import CaseRow, list_near, load_case
from gridmap.services.cases.steps import StepRequest, require_plain_text, take_step
from gridmap.services.incidents import categories, reporting
from gridmap.services.places.location import PlaceLocation, locate
from gridmap.store.queries.incidents import own_reports
from gridmap.store.queries.incidents.own_reports import IncidentRow
from gridmap.store.writes import incidents as incident_writes
from gridmap.store.writes.incidents import NewIncident
from gridmap.texts import LANGUAGES

CHANNELS = ("phone", "walk_in", "hotline")
"""Ways in which something reaches a station; keys of the code table."""
NEAR = N_("The same may be known already: {count} nearby within 7 days. Say which one it is, or record it anyway.")
KNOWN_CLOSED = N_("{number} was closed meanwhile. Record the call as another incident, or open that case again.")
UNKNOWN_CHOICE = N_("choose one of the list")


@dataclass(frozen=True)
class CallRecord:
    """A call or a visit.

    Parameters
    ----------
    subdistrict_id : int
    category : str
        Key of a category that may be reported.
    title : str
        What happened, without names and numbers of persons.
    channel : str
        One of `CHANNELS`.
    shape : str
        Point on the map; empty to take the building of the address.
    address : str
    building_id : int or None
        Building that was chosen among those that the address may mean.
    urgent : bool
    form_token : str
        Random token of the form: the same form is one incident.
    occurred_at : datetime or None
        Time of the event in the time zone of the office, without the zone; None for now.
    time_confirmed, numbers_confirmed, near_confirmed : bool
        An unusual time, numbers in the title and a new incident beside near ones are meant so.
    known_id : int or None
        Incident that is the same one: the call is kept as a repetition of it.
    """

    subdistrict_id: int
    category: str
    title: str
    channel: str
    shape: str
    address: str
    building_id: int | None
    urgent: bool
    form_token: str
    occurred_at: datetime | None = None
    time_confirmed: bool = False
    numbers_confirmed: bool = False
    near_confirmed: bool = False
    known_id: int | None = None

    def fingerprint(self, account_id: int) -> str:
        """Return a hash that is the same for the same form of the same account."""
        return hashlib.sha256(repr(("call", account_id, self.form_token)).encode()).hexdigest()


class NearCases(InvalidInput):
    """Cases that may be the same incident; the call is recorded when it is confirmed."""

    def __init__(self, near: Sequence[CaseRow]) -> None:
        super().__init__([InputFault(Message(NEAR, {"count": len(near)}))])
        self.near = near


def record_call(session: Session, caller: Caller, record: CallRecord) -> IncidentRow:
    """Store what a station was told, once for a form.

    Raises
    ------
    InvalidInput
        If the category, the channel or the place cannot be used, or the title is missing.
    PersonalNumbers, UnusualTime, NearCases
        If something looks wrong, and nobody has confirmed it.
    NotFound
        If the caller does not see the known incident.
    """
    fingerprint = record.fingerprint(caller.require_account_id())
    existing = own_reports.find_own_incident_by_fingerprint(session, caller, fingerprint)
    if existing:
        return existing
    _require_choices(session, caller, record)
    require_plain_text(record.title, needed=True, confirmed=record.numbers_confirmed, column="title")
    occurred_at = reporting.resolve_time(session, record.occurred_at, confirmed=record.time_confirmed)
    words = record.address, record.building_id
    location = locate(session, caller, record.subdistrict_id, record.shape, words)
    known = _find_known(session, caller, record, location)
    new = _make_incident(record, location, fingerprint, occurred_at)
    incident = incident_writes.insert_report(session, caller, new)
    if known is not None:
        version, action = load_case(session, caller, incident.id).case.version, CaseAction.LINK_DUPLICATE
        take_step(session, caller, StepRequest(incident.id, version, action, duplicate_number=known.number))
    return incident


def _find_known(session: Session, caller: Caller, record: CallRecord, location: PlaceLocation) -> CaseRow | None:
    """Return the case that a call repeats; None for a new incident, which is confirmed where others are near."""
    if record.known_id is not None:
        return _load_known(session, caller, record.known_id)
    if not record.near_confirmed:
        near = list_near(session, caller, location.point, record.subdistrict_id, record.category)
        if near:
            raise NearCases(near)
    return None


def _load_known(session: Session, caller: Caller, known_id: int) -> CaseRow:
    """Return the case that a call repeats; one that was closed meanwhile is none."""
    known = load_case(session, caller, known_id).case
    if not known.is_open:
        raise InvalidInput([InputFault(Message(KNOWN_CLOSED, {"number": known.number}))])
    return known


def _make_incident(
    record: CallRecord, location: PlaceLocation, fingerprint: str, occurred_at: datetime | None
) -> NewIncident:
    longitude, latitude = location.point
    return NewIncident(
        record.subdistrict_id,
        record.category,
        record.title.strip(),
        record.urgent,
        fingerprint,
        location.building_id,
        location.cell_id,
        f"SRID=4326;POINT({longitude} {latitude})",
        occurred_at,
        record.channel,
    )


def _require_choices(session: Session, caller: Caller, record: CallRecord) -> None:
    groups = categories.list_reportable(session, caller, [record.subdistrict_id], LANGUAGES[0])
    if not any(record.category in names for names in groups.values()):
        raise InvalidInput([InputFault(Message(UNKNOWN_CHOICE), column="category")])
    if record.channel not in CHANNELS:
        raise InvalidInput([InputFault(Message(UNKNOWN_CHOICE), column="channel")])
