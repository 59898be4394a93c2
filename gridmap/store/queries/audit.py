"""Entries of the audit that a caller may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.schema import Account, Audit


@dataclass(frozen=True)
class AuditFilter:
    """Filter of the audit.

    Parameters
    ----------
    action : str, optional
        Only this action.
    account_id : int, optional
        Only what this account did, and what was done to it.
    first, last : date, optional
        Only these days, both included.
    """

    action: str | None = None
    account_id: int | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class AuditRecord:
    """An entry of the audit, with the display names of the account that acted and of the account concerned."""

    at: datetime
    actor: str | None
    action: str
    subject: str | None
    subject_id: int | None
    target: str | None
    reason: str | None
    details: Mapping[str, object]
    address: str | None


def list_entries(
    session: Session, caller: Caller, filters: AuditFilter, *, limit: int, offset: int
) -> Sequence[AuditRecord]:
    """Return entries of the audit, newest first."""
    target = aliased(Account)
    concerns_account = (target.id == Audit.subject_id) & (Audit.subject == "account")
    rows = select(Audit, Account.display_name, target.display_name)
    rows = rows.outerjoin(Account, Account.id == Audit.account_id).outerjoin(target, concerns_account)
    rows = rows.where(row_filter.visible(caller, Audit), *_filter_conditions(filters))
    page = session.execute(rows.order_by(Audit.id.desc()).limit(limit).offset(offset))
    return [_audit_record(*row) for row in page]


def count_entries(session: Session, caller: Caller, filters: AuditFilter) -> int:
    """Return the number of entries that `list_entries` finds without a limit."""
    rows = select(func.count()).select_from(Audit)
    return session.scalar(rows.where(row_filter.visible(caller, Audit), *_filter_conditions(filters))) or 0


def list_actions(session: Session, caller: Caller) -> Sequence[str]:
    """Return the actions that occur in the caller's part of the audit, in alphabetical order."""
    rows = select(Audit.action).where(row_filter.visible(caller, Audit))
    return session.scalars(rows.distinct().order_by(Audit.action)).all()


def _filter_conditions(filters: AuditFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.action:
        conditions.append(Audit.action == filters.action)
    if filters.account_id:
        is_target = (Audit.subject == "account") & (Audit.subject_id == filters.account_id)
        conditions.append((Audit.account_id == filters.account_id) | is_target)
    if filters.first:
        conditions.append(Audit.at >= filters.first)
    if filters.last:
        conditions.append(Audit.at < filters.last + timedelta(days=1))
    return conditions


def _audit_record(row: Audit, actor: str | None, target: str | None) -> AuditRecord:
    address = str(row.ip_address) if row.ip_address else None
    subject = row.subject, row.subject_id
    return AuditRecord(row.at, actor, row.action, *subject, target, row.reason, row.details, address)
