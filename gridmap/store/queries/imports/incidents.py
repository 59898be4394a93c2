"""Incidents that a sheet is compared with."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import BigInteger, Text, any_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.schema import Incident


class StoredIncident(NamedTuple):
    """An incident as a sheet can name it; times in the time zone of the office, without the zone."""

    id: int
    number: str
    category: str
    access_class: str
    title: str | None
    channel: str
    urgent: bool
    occurred_at: datetime
    closed_at: datetime | None
    longitude: float
    latitude: float


def list_incidents(
    session: Session, caller: Caller, subdistrict_id: int, numbers: Sequence[str]
) -> dict[str, StoredIncident]:
    """Return the incidents of a subdistrict that have one of the numbers and that the caller sees, by number."""
    rows = select(
        cast(Incident.id, BigInteger),
        *(Incident.number, Incident.category, Incident.access_class, Incident.title, Incident.channel),
        Incident.urgent,
        *(func.timezone(func.current_setting("TimeZone"), time) for time in (Incident.occurred_at, Incident.closed_at)),
        *(func.ST_X(Incident.geometry), func.ST_Y(Incident.geometry)),
    ).where(
        Incident.subdistrict_id == subdistrict_id,
        Incident.number == any_(literal(list(numbers), ARRAY(Text))),
        row_filter.visible(caller, Incident),
    )
    return {row[1]: StoredIncident(*row) for row in session.execute(rows)}
