"""Drafts of imports: sheets that an account has uploaded and not imported yet."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import AnySelect
from gridmap.store.schema import ImportDraft


class ImportDraftRow(NamedTuple):
    """A draft of an import; the columns of the table say what each field is."""

    id: int
    subdistrict_id: int
    kind: str
    source: str
    as_of: date
    file_name: str
    upload_id: int | None
    preview_id: int | None
    marked_id: int | None
    headers: Mapping[str, str]
    sheet: str | None
    encoding: str | None
    coordinates: str | None
    decisions: Mapping[str, str]
    fingerprint: str | None
    version: int
    job_id: int | None
    import_run_id: int | None
    created_at: datetime
    expires_at: datetime


def find_draft(session: Session, caller: Caller, draft_id: int) -> ImportDraftRow | None:
    """Return a draft of the caller's account."""
    row = session.execute(_select_drafts(caller).where(ImportDraft.id == draft_id)).one_or_none()
    return ImportDraftRow._make(row) if row else None


def find_draft_by_key(session: Session, caller: Caller, request_key: str) -> ImportDraftRow | None:
    """Return the draft that a form of the caller's account has made already."""
    row = session.execute(_select_drafts(caller).where(ImportDraft.request_key == request_key)).one_or_none()
    return ImportDraftRow._make(row) if row else None


def list_open_drafts(session: Session, caller: Caller) -> list[ImportDraftRow]:
    """Return the drafts of the caller's account that are not imported yet, the newest first."""
    rows = _select_drafts(caller).where(ImportDraft.import_run_id.is_(None), ImportDraft.upload_id.is_not(None))
    return [ImportDraftRow._make(row) for row in session.execute(rows.order_by(ImportDraft.id.desc()))]


def _select_drafts(caller: Caller) -> AnySelect:
    columns = (getattr(ImportDraft, name) for name in ImportDraftRow._fields)
    living = ImportDraft.expires_at > func.now()
    return select(*columns).where(row_filter.visible(caller, ImportDraft), living)
