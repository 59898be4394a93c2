"""Drafts of imports, written in the name of their account."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.schema import ImportDraft


@dataclass(frozen=True)
class NewImportDraft:
    """A sheet that was uploaded.

    Parameters
    ----------
    subdistrict_id : int
    kind, source : str
    as_of : date
    file_name : str
    upload_id : int
        Stored file.
    request_key : str
        Random key of the form.
    lifetime : timedelta
    coordinates : str, optional
        Last choice for the source of a layer.
    """

    subdistrict_id: int
    kind: str
    source: str
    as_of: date
    file_name: str
    upload_id: int
    request_key: str
    lifetime: timedelta
    coordinates: str | None = None


def insert_draft(session: Session, caller: Caller, draft: NewImportDraft) -> int:
    """Add a draft of the caller's account and return its key."""
    values = {name: getattr(draft, name) for name in draft.__dataclass_fields__ if name != "lifetime"}
    row = ImportDraft(**values, account_id=caller.require_account_id(), expires_at=func.now() + draft.lifetime)
    session.add(row)
    session.flush()
    return row.id


def update_draft(session: Session, draft_id: int, version: int, values: Mapping[str, object]) -> bool:
    """Change a draft and make its version larger; return False where it has another version meanwhile."""
    statement = update(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.version == version)
    changed = session.execute(statement.values(**values, version=version + 1).returning(ImportDraft.id))
    return changed.one_or_none() is not None


def store_draft_preview(session: Session, draft_id: int, version: int, values: Mapping[str, object]) -> bool:
    """Note what a job has found out about a version of a draft; return False where it has another one meanwhile."""
    statement = update(ImportDraft).where(ImportDraft.id == draft_id, ImportDraft.version == version)
    return session.execute(statement.values(**values).returning(ImportDraft.id)).one_or_none() is not None


def set_draft_job(session: Session, draft_id: int, job_id: int) -> None:
    """Note the latest job that works on a draft."""
    session.execute(update(ImportDraft).where(ImportDraft.id == draft_id).values(job_id=job_id))
