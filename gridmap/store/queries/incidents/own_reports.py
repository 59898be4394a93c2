"""Incidents that an account reported itself."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.schema import Incident, Subdistrict, WithdrawnReport


@dataclass(frozen=True)
class IncidentRow:
    """An incident.

    Parameters
    ----------
    id : int
    number : str
        Number that people quote: the day and a count.
    category : str
        Key of a category of the subdistrict.
    title : str or None
    occurred_at : datetime
    urgent : bool
    outside_m : float
        Distance to the subdistrict; 0 inside.
    """

    id: int
    number: str
    category: str
    title: str | None
    occurred_at: datetime
    urgent: bool
    outside_m: float


def find_own_incident(session: Session, caller: Caller, number: str) -> IncidentRow | None:
    """Return an incident by its number, if the caller reported it."""
    return _find_own(session, caller, func.find_my_report(number, None))


def find_own_incident_by_fingerprint(session: Session, caller: Caller, fingerprint: str) -> IncidentRow | None:
    """Return the incident that a report of the caller is stored as; None before it is stored."""
    return _find_own(session, caller, func.find_my_report(None, fingerprint))


def find_withdrawn_number(session: Session, caller: Caller, fingerprint: str) -> str | None:
    """Return the number of a report that the caller withdrew; None where it was not withdrawn."""
    rows = select(WithdrawnReport.number).where(WithdrawnReport.idempotency_key == fingerprint)
    return session.scalar(rows.where(row_filter.visible(caller, WithdrawnReport)).limit(1))


def _find_own(session: Session, caller: Caller, key: ColumnElement[int]) -> IncidentRow | None:
    outside_m = func.ST_Distance(func.geography(Subdistrict.geometry), func.geography(Incident.geometry))
    rows = (
        select(Incident.id, Incident.number, Incident.category, Incident.title, Incident.occurred_at, Incident.urgent)
        .add_columns(outside_m)
        .join(Subdistrict, Subdistrict.id == Incident.subdistrict_id)
        .where(Incident.id == select(key).scalar_subquery())
        .where(row_filter.visible(caller, Incident), row_filter.visible(caller, Subdistrict))
    )
    row = session.execute(rows).first()
    return IncidentRow(*row) if row else None
