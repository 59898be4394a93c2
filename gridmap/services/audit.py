"""What was done and seen: written by the database's functions, read by admins, changed by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, select
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import Session, aliased

from gridmap.services.signing_in import place
from gridmap.store import access
from gridmap.store.schema import Account, Audit

PAGE = 50
"""Rows of a page: what can be looked through without losing one's place."""


@dataclass(frozen=True)
class Deed:
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
    subdistrict : int, optional
        Whose admins find it.
    details : dict
        What else is needed; never personal data.
    """

    action: str
    subject: str | None = None
    subject_id: int | None = None
    reason: str | None = None
    address: str | None = None
    subdistrict: int | None = None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A row of the audit with the names of who did it, and to which account."""

    at: datetime
    who: str | None
    action: str
    subject: str | None
    subject_id: int | None
    whom: str | None
    reason: str | None
    details: dict[str, Any]
    address: str | None


@dataclass(frozen=True)
class Wanted:
    """Which rows: of one action, of one account (by whom or to whom), of a span of days, both ends included."""

    action: str | None = None
    account: int | None = None
    first: date | None = None
    last: date | None = None


def record(session: Session, deed: Deed) -> None:
    """Write down what the account of the session does; within its transaction, so it cannot happen without the row."""
    values = (deed.action, deed.subdistrict, deed.subject, deed.subject_id, deed.reason)
    session.execute(select(func.note(*values, cast(deed.details, JSONB), cast(place(deed.address), INET))))


def entries(session: Session, wanted: Wanted, page: int = 1) -> tuple[Sequence[Entry], int]:
    """A page of the audit, newest first, and how many pages there are.

    Parameters
    ----------
    session : Session
        Of an admin, who finds the rows of the own subdistricts; or the owner's, who finds all.
    wanted : Wanted
        Which rows.
    page : int
        From 1; after the last one there is nothing.
    """
    rows = _wanted(session, wanted)
    count = session.scalar(select(func.count()).select_from(rows.order_by(None).subquery())) or 0
    pages = max(1, -(-count // PAGE))
    found = session.execute(rows.limit(PAGE).offset((min(page, pages + 1) - 1) * PAGE))
    return [_entry(*row) for row in found], pages


def actions(session: Session) -> Sequence[str]:
    """Actions that occur, for a filter."""
    return session.scalars(select(Audit.action).where(access.only(session, Audit)).distinct().order_by("action")).all()


def _wanted(session: Session, wanted: Wanted) -> Select[Any]:
    whom = aliased(Account)
    concerns_account = (whom.id == Audit.subject_id) & (Audit.subject == "account")
    columns: tuple[Any, ...] = (Audit, Account.display_name, whom.display_name)
    rows = select(*columns).outerjoin(Account, Account.id == Audit.account_id)
    rows = rows.outerjoin(whom, concerns_account).where(access.only(session, Audit), *_limits(wanted))
    return rows.order_by(Audit.id.desc())


def _limits(wanted: Wanted) -> list[ColumnElement[bool]]:
    limits = []
    if wanted.action:
        limits.append(Audit.action == wanted.action)
    if wanted.account:
        to_whom = (Audit.subject == "account") & (Audit.subject_id == wanted.account)
        limits.append((Audit.account_id == wanted.account) | to_whom)
    if wanted.first:
        limits.append(Audit.at >= wanted.first)
    if wanted.last:
        limits.append(Audit.at < wanted.last + timedelta(days=1))
    return limits


def _entry(row: Audit, who: str | None, whom: str | None) -> Entry:
    address = str(row.address) if row.address else None
    subject = row.subject, row.subject_id
    return Entry(row.at, who, row.action, *subject, whom, row.reason, row.details, address)
