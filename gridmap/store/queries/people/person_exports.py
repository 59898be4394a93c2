"""Requests for exports of persons, and the residents that an approved one is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.people.residents import ResidentRow, list_residents_where
from gridmap.store.schema import Account, Building, Community, PersonExport


@dataclass(frozen=True)
class PersonExportRow:
    """A request for an export of persons.

    Parameters
    ----------
    id, subdistrict_id, community_id : int
    community : str
        Name of the community.
    requested_by : int
    requested_by_name : str
    requested_at : datetime
    purpose, legal_basis : str
    fields : sequence of str
        ``name``, ``phone``, ``id_number``, ``residence``.
    decided_by_name : str or None
    approved : bool or None
        None while it waits.
    decision_reason : str or None
    expires_at, downloaded_at : datetime or None
    residents : int or None
        Residents in the file that was downloaded.
    is_over : bool
        True for an approved one that was not downloaded in time.
    """

    id: int
    subdistrict_id: int
    community_id: int
    community: str
    requested_by: int
    requested_by_name: str
    requested_at: datetime
    purpose: str
    legal_basis: str
    fields: Sequence[str]
    decided_by_name: str | None
    approved: bool | None
    decision_reason: str | None
    expires_at: datetime | None
    downloaded_at: datetime | None
    residents: int | None
    is_over: bool


def list_own(session: Session, caller: Caller, limit: int) -> Sequence[PersonExportRow]:
    """Return the requests of the caller, the newest first."""
    query = _select(caller).where(PersonExport.requested_by == caller.account_id)
    return [PersonExportRow(*row) for row in session.execute(query.limit(limit))]


def list_administered(session: Session, caller: Caller, limit: int) -> Sequence[PersonExportRow]:
    """Return the requests in the places of an administrator: those that wait first, then the newest."""
    query = _select(caller).where(scope_filter.in_scope_communities(caller, PersonExport))
    query = query.order_by(None).order_by(PersonExport.decided_at.is_not(None), PersonExport.id.desc())
    return [PersonExportRow(*row) for row in session.execute(query.limit(limit))]


def find(session: Session, caller: Caller, person_export_id: int) -> PersonExportRow | None:
    """Return one request; None where the caller may not see it."""
    row = session.execute(_select(caller).where(PersonExport.id == person_export_id)).first()
    return PersonExportRow(*row) if row else None


def list_residents(session: Session, caller: Caller, community_id: int, limit: int) -> Sequence[ResidentRow]:
    """Return today's residents of a community that the caller sees."""
    return list_residents_where(session, caller, Building.community_id == community_id, limit)


def _select(caller: Caller) -> Select[Any]:
    requester, decider = aliased(Account), aliased(Account)
    export = PersonExport
    return (
        select(
            *(export.id, export.subdistrict_id, export.community_id, Community.name, export.requested_by),
            *(requester.display_name, export.requested_at, export.purpose, export.legal_basis, export.fields),
            *(decider.display_name, export.approved, export.decision_reason, export.expires_at),
            *(export.downloaded_at, export.residents),
            func.coalesce(export.expires_at < func.now(), False) & export.downloaded_at.is_(None),
        )
        .join(Community, Community.id == export.community_id)
        .join(requester, requester.id == export.requested_by)
        .outerjoin(decider, decider.id == export.decided_by)
        .where(row_filter.visible(caller, export))
        .order_by(export.id.desc())
    )
