"""Notices about cases, and photos of incidents."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import CaseNoticeKind
from gridmap.store.access import row_filter
from gridmap.store.schema import CaseNotice, Incident, IncidentPhoto


class NoticeRow(NamedTuple):
    """A notice of the caller; `can_open` tells whether the caller still sees the incident."""

    id: int
    incident_id: int
    number: str
    kind: CaseNoticeKind
    created_at: datetime
    is_new: bool
    can_open: bool


class PhotoRow(NamedTuple):
    """A photo without its content; `step_id` is None for one of the report."""

    id: UUID
    step_id: int | None
    width: int
    height: int


def list_notices(session: Session, caller: Caller, limit: int = 50) -> Sequence[NoticeRow]:
    """Return the notices of the caller, the newest first."""
    seen_incident = select(Incident.id).where(Incident.id == CaseNotice.incident_id)
    can_open = seen_incident.where(row_filter.visible(caller, Incident)).exists()
    rows = (
        select(CaseNotice.id, CaseNotice.incident_id, CaseNotice.number, CaseNotice.kind, CaseNotice.created_at)
        .add_columns(CaseNotice.seen_at.is_(None), can_open)
        .where(row_filter.visible(caller, CaseNotice))
        .order_by(CaseNotice.id.desc())
        .limit(limit)
    )
    return [
        NoticeRow(key, incident, number, CaseNoticeKind(kind), *rest)
        for key, incident, number, kind, *rest in session.execute(rows)
    ]


def count_new_notices(session: Session, caller: Caller) -> int:
    """Return the number of notices that the caller has not seen."""
    is_new = CaseNotice.seen_at.is_(None)
    count = select(func.count()).select_from(CaseNotice).where(is_new, row_filter.visible(caller, CaseNotice))
    return int(session.scalar(count) or 0)


def list_photos(session: Session, caller: Caller, incident_id: int) -> Sequence[PhotoRow]:
    """Return the photos of an incident in the order in which they were added."""
    rows = (
        select(IncidentPhoto.id, IncidentPhoto.case_step_id, IncidentPhoto.width, IncidentPhoto.height)
        .where(IncidentPhoto.incident_id == incident_id, row_filter.visible(caller, IncidentPhoto))
        .order_by(IncidentPhoto.added_at, IncidentPhoto.id)
    )
    return [PhotoRow(*row) for row in session.execute(rows)]


def get_photo_content(session: Session, caller: Caller, incident_id: int, photo_id: UUID) -> bytes | None:
    """Return a photo as JPEG; None where the caller sees none."""
    rows = select(IncidentPhoto.content).where(IncidentPhoto.id == photo_id, IncidentPhoto.incident_id == incident_id)
    return session.scalar(rows.where(row_filter.visible(caller, IncidentPhoto)))
