"""What was done and seen: written by the database's functions, read by admins, changed by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, select
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.services.accounts.sign_in import parse_address
from gridmap.store.access import row_filter
from gridmap.store.schema import Account, Audit

PAGE_SIZE = 50
"""Rows of a page: what can be looked through without losing one's place."""


@dataclass(frozen=True)
class AuditEntry:
    """A row of the audit.

    Parameters
    ----------
    action : str
        What was done, in one word such as ``reveal``.
    subject : str, optional
        Table of what it was done to.
    subject_id : int, optional
        Row of what it was done to.
    reason : str, optional
        Why, in the person's own words.
    address : str, optional
        Network address it came from; passed on by the caller, since a transaction does not know it.
    subdistrict_id : int, optional
        Whose admins find it.
    details : dict
        What else is needed; never personal data.
    """

    action: str
    subject: str | None = None
    subject_id: int | None = None
    reason: str | None = None
    address: str | None = None
    subdistrict_id: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditRecord:
    """A row of the audit with the names of who did it, and to which account."""

    at: datetime
    actor: str | None
    action: str
    subject: str | None
    subject_id: int | None
    target: str | None
    reason: str | None
    details: dict[str, Any]
    address: str | None


@dataclass(frozen=True)
class AuditFilter:
    """Which rows: of one action, of one account (by whom or to whom), of a span of days, both ends included."""

    action: str | None = None
    account_id: int | None = None
    first: date | None = None
    last: date | None = None


def record_entry(session: Session, entry: AuditEntry) -> None:
    """Write down what the account of the session does; within its transaction, so it cannot happen without the row."""
    values = (entry.action, entry.subdistrict_id, entry.subject, entry.subject_id, entry.reason)
    session.execute(select(func.note(*values, cast(entry.details, JSONB), cast(parse_address(entry.address), INET))))


def list_entries(
    session: Session, caller: Caller, filters: AuditFilter, page: int = 1
) -> tuple[Sequence[AuditRecord], int]:
    """A page of the audit, newest first, and how many pages there are.

    Parameters
    ----------
    session : Session
        Of an admin, who finds the rows of the own subdistricts; or the owner's, who finds all.
    filters : AuditFilter
        Which rows.
    page : int
        From 1; after the last one there is nothing.
    """
    rows = _entries_query(session, caller, filters)
    count = session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    pages = max(1, -(-count // PAGE_SIZE))
    found = session.execute(rows.limit(PAGE_SIZE).offset((min(page, pages + 1) - 1) * PAGE_SIZE))
    return [_audit_record(*row) for row in found], pages


def list_actions(session: Session, caller: Caller) -> Sequence[str]:
    """Actions that occur, for a filter."""
    return session.scalars(
        select(Audit.action).where(row_filter.visible(caller, Audit)).distinct().order_by("action")
    ).all()


def _entries_query(session: Session, caller: Caller, filters: AuditFilter) -> Select[Any]:
    whom = aliased(Account)
    concerns_account = (whom.id == Audit.subject_id) & (Audit.subject == "account")
    columns: tuple[Any, ...] = (Audit, Account.display_name, whom.display_name)
    rows = select(*columns).outerjoin(Account, Account.id == Audit.account_id)
    rows = rows.outerjoin(whom, concerns_account).where(row_filter.visible(caller, Audit), *_filter_conditions(filters))
    return rows.order_by(Audit.id.desc())


def _filter_conditions(filters: AuditFilter) -> list[ColumnElement[bool]]:
    limits = []
    if filters.action:
        limits.append(Audit.action == filters.action)
    if filters.account_id:
        to_whom = (Audit.subject == "account") & (Audit.subject_id == filters.account_id)
        limits.append((Audit.account_id == filters.account_id) | to_whom)
    if filters.first:
        limits.append(Audit.at >= filters.first)
    if filters.last:
        limits.append(Audit.at < filters.last + timedelta(days=1))
    return limits


def _audit_record(row: Audit, actor: str | None, target: str | None) -> AuditRecord:
    address = str(row.address) if row.address else None
    subject = row.subject, row.subject_id
    return AuditRecord(row.at, actor, row.action, *subject, target, row.reason, row.details, address)
