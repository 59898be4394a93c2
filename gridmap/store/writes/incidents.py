"""Incidents reported by workers."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.queries.incidents import IncidentRow, find_own_incident_by_fingerprint
from gridmap.store.schema import Incident


@dataclass(frozen=True)
class NewIncident:
    """An incident to insert.

    Parameters
    ----------
    subdistrict_id : int
    category : str
        Key of a category of the subdistrict.
    title : str or None
    urgent : bool
    fingerprint : str
        The same for the same report from the same form; a second row with it is not inserted.
    building_id, cell_id : int or None
        Links of the place.
    ewkt : str
        The place as EWKT, in longitude and latitude.
    """

    subdistrict_id: int
    category: str
    title: str | None
    urgent: bool
    fingerprint: str
    building_id: int | None
    cell_id: int | None
    ewkt: str


def insert_report(session: Session, caller: Caller, incident: NewIncident) -> IncidentRow:
    """Insert an incident that the caller reports, unless it is stored already, and return the stored row."""
    values = {
        "subdistrict_id": incident.subdistrict_id,
        "number": session.scalar(select(func.next_incident_number(incident.subdistrict_id, incident.category))),
        "category": incident.category,
        "title": incident.title,
        "channel": "worker",
        "occurred_at": func.now(),
        "reported_by": caller.require_account_id(),
        "idempotency_key": incident.fingerprint,
        "urgent": incident.urgent,
        "building_id": incident.building_id,
        "cell_id": incident.cell_id,
        "geometry": incident.ewkt,
    }
    # without a list of columns: the application may not read them. The number is no conflict, as it is locked.
    session.execute(insert(Incident).values(values).on_conflict_do_nothing())
    row = find_own_incident_by_fingerprint(session, caller, incident.fingerprint)
    if row is None:
        raise LookupError(values["number"])
    return row
