"""Incidents reported by workers, and categories of incidents."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.incidents.categories import IncidentCategory
from gridmap.store.network_address import inet_value
from gridmap.store.queries.incidents.own_reports import IncidentRow, find_own_incident_by_fingerprint
from gridmap.store.schema import CategoryOfSubdistrict, Incident, ServiceLine
from gridmap.store.writes import bulk


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
    occurred_at : datetime or None
        Time of the event in the time zone of the connection, without the zone; None for now.
    channel : str
        How it came in: a key of the code table of channels.
    """

    subdistrict_id: int
    category: str
    title: str | None
    urgent: bool
    fingerprint: str
    building_id: int | None
    cell_id: int | None
    ewkt: str
    occurred_at: datetime | None = None
    channel: str = "worker"


def insert_report(session: Session, caller: Caller, incident: NewIncident) -> IncidentRow:
    """Insert an incident that the caller reports, unless it is stored already, and return the stored row."""
    values = {
        "subdistrict_id": incident.subdistrict_id,
        "number": session.scalar(select(func.next_incident_number(incident.subdistrict_id, incident.category))),
        "category": incident.category,
        "title": incident.title,
        "channel": incident.channel,
        "occurred_at": incident.occurred_at or func.now(),
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


def insert_categories(
    session: Session, subdistrict_id: int, categories: Sequence[IncidentCategory], source: str
) -> None:
    """Insert categories of a subdistrict.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    subdistrict_id : int
    categories : sequence of IncidentCategory
        None of them is stored yet.
    source : str
        Catalogue or file that they come from.
    """
    names = ("key", "main_category", "name_zh", "name_en", "access_class", "purpose", "legal_basis")
    columns = {name: [getattr(each, name) for each in categories] for name in (*names, "line_of_work", "standard_code")}
    shared = {"subdistrict_id": subdistrict_id, "source": source}
    bulk.copy_rows(session, CategoryOfSubdistrict, {**columns, **shared})


def save_category(session: Session, subdistrict_id: int, category: IncidentCategory) -> None:
    """Add a category, or change all of a stored one but its class; the audit records it."""
    texts = [category.main_category, *category.names, category.purpose, category.legal_basis, category.line_of_work]
    days = None if category.promised_days is None else str(category.promised_days)
    values = cast([*texts, category.access_class.value, category.standard_code, days], ARRAY(Text))
    session.execute(select(func.save_incident_category(subdistrict_id, category.key, values)))


def insert_lines(session: Session, subdistrict_id: int, lines: Mapping[str, Sequence[str]]) -> None:
    """Insert the service lines of a new subdistrict, by key with their Chinese and their English name."""
    names = {"name_zh": [zh for zh, _ in lines.values()], "name_en": [en for _, en in lines.values()]}
    bulk.copy_rows(session, ServiceLine, {"key": list(lines), **names, "subdistrict_id": subdistrict_id})


def save_line(
    session: Session, subdistrict_id: int, key: str, names: tuple[str, str], categories: Sequence[str]
) -> None:
    """Add a service line, or change its names, Chinese first, and its categories; the audit records it."""
    session.execute(select(func.save_service_line(subdistrict_id, key, *names, cast(list(categories), ARRAY(Text)))))


def propose_class(session: Session, subdistrict_id: int, category: IncidentCategory, reason: str) -> None:
    """Propose the class, the purpose and the legal basis of a category; the audit records it."""
    values = cast([category.access_class.value, category.purpose, category.legal_basis, reason], ARRAY(Text))
    session.execute(select(func.propose_category_class(subdistrict_id, category.key, values)))


def decide_class(session: Session, change_id: int, *, confirmed: bool) -> None:
    """Confirm or refuse a proposed class; the audit records it."""
    session.execute(select(func.decide_category_class(change_id, confirmed)))


def record_figures_export(
    session: Session, subdistrict_id: int, details: Mapping[str, object], address: str | None
) -> None:
    """Add an entry to the audit about a download of figures by the transaction's account.

    Parameters
    ----------
    session : Session
    subdistrict_id : int
    details : mapping
        Days and number of rows; never personal data.
    address : str, optional
        Network address of the request.
    """
    values = (subdistrict_id, cast(dict(details), JSONB), inet_value(address))
    session.execute(select(func.record_figures_export(*values)))
