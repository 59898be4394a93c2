"""Reveals: database functions that check the limits, write the audit and return the value, in one step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import ARRAY, BigInteger, ColumnClause, LargeBinary, String, Text, cast, column, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import RevealField, Role
from gridmap.store.network_address import inet_value
from gridmap.store.queries.scopes import ScopePeriod

RevealLimit = Literal["cool_down", "budget", "special_task"]
VALUE_COLUMNS: tuple[ColumnClause[Any], ...] = (
    column("forbidding_limit"),
    column("name"),
    column("number_encrypted", LargeBinary),
)
MEMBER_COLUMNS: tuple[ColumnClause[Any], ...] = (
    column("resident_id"),
    column("name"),
    column("phone_encrypted", LargeBinary),
    column("visit_ends_at"),
)


class RevealedRow(NamedTuple):
    """A revealed name, or a number encrypted; both are None where a limit forbids the reveal."""

    limit: RevealLimit | None
    name: str | None
    number_encrypted: bytes | None


class OpenedVisit(NamedTuple):
    """A household that was opened for a visit, or the limit that forbids it."""

    limit: RevealLimit | None
    household_id: int


class VisitMember(NamedTuple):
    """A member of a household during a visit."""

    resident_id: int
    name: str
    phone_encrypted: bytes | None
    visit_ends_at: datetime


@dataclass(frozen=True)
class NewSpecialTask:
    """A special task to open.

    Parameters
    ----------
    subdistrict_id : int
    purpose : str
    fields : sequence of RevealField
        Values that it needs.
    households : int
        Households that each account may reveal in all.
    first, last : date
        Days on which it holds, both included.
    account_ids : sequence of int
        Workers and stations that work on it.
    """

    subdistrict_id: int
    purpose: str
    fields: Sequence[RevealField]
    households: int
    first: date
    last: date
    account_ids: Sequence[int]


def reveal_value(
    session: Session, resident_id: int, field: RevealField, grounds: Mapping[str, object], address: str | None
) -> RevealedRow | None:
    """Return a value of a resident; None where the account may not see the resident or the value is not known."""
    call = func.reveal_value(resident_id, field.value, cast(dict(grounds), JSONB), inet_value(address))
    row = session.execute(select(call.table_valued(*VALUE_COLUMNS))).one_or_none()
    return RevealedRow(*row) if row else None


def open_household_visit(
    session: Session, resident_id: int, grounds: Mapping[str, object], address: str | None
) -> OpenedVisit | None:
    """Open the household of a resident for a visit; None where the account may not see the resident."""
    call = func.open_household_visit(resident_id, cast(dict(grounds), JSONB), inet_value(address))
    row = session.execute(select(call.table_valued("forbidding_limit", "household_id"))).one_or_none()
    return OpenedVisit(*row) if row else None


def list_visit_members(session: Session, household_id: int) -> Sequence[VisitMember]:
    """Return the members of a household that the account has open for a visit; none otherwise."""
    members = func.visit_members(household_id).table_valued(*MEMBER_COLUMNS)
    return [VisitMember(*row) for row in session.execute(select(members))]


def end_household_visit(session: Session, household_id: int, address: str | None) -> None:
    """End the account's visit of a household."""
    session.execute(select(func.end_household_visit(household_id, inet_value(address))))


def record_residents_shown(
    session: Session,
    action: Literal["list", "search", "view", "export"],
    subject: tuple[str, int | None],
    resident_ids: Sequence[int],
    details: Mapping[str, object],
    address: str | None,
) -> None:
    """Record in the audit which residents were shown masked, so that each of them can be informed.

    Parameters
    ----------
    session : Session
    action : {"list", "search", "view", "export"}
    subject : tuple of str and int
        Table and key of the row concerned.
    resident_ids : sequence of int
    details : mapping
        Filter of a list; never personal data.
    address : str, optional
        Network address of the request.
    """
    ids = cast(list(resident_ids), ARRAY(BigInteger))
    values = (action, *subject, ids, cast(dict(details), JSONB), inet_value(address))
    session.execute(select(func.record_residents_shown(*values)))


def open_special_task(session: Session, task: NewSpecialTask) -> int:
    """Open a special task, record it in the audit, and return its key."""
    period = ScopePeriod(task.first, task.last).sql_value()
    fields = cast([field.value for field in task.fields], ARRAY(String))
    accounts = cast(list(task.account_ids), ARRAY(BigInteger))
    call = func.open_special_task(task.subdistrict_id, task.purpose, fields, task.households, period, accounts)
    task_id: int = session.scalars(select(call)).one()
    return task_id


def close_special_task(session: Session, task_id: int) -> None:
    """Close a special task before its last day."""
    session.execute(select(func.close_special_task(task_id)))


def set_reveal_budget(session: Session, subdistrict_id: int, role: Role, households: int) -> None:
    """Set the households a day that an account of a role may reveal."""
    session.execute(select(func.set_reveal_budget(subdistrict_id, role.value, households)))


def record_alarm_seen(session: Session, account_id: int, address: str | None) -> None:
    """Record that the admin has looked into the alarms of an account."""
    session.execute(select(func.record_alarm_seen(account_id, inet_value(address))))


def request_person_export(
    session: Session, community_id: int, grounds: tuple[str, str], fields: Sequence[str], address: str | None
) -> int:
    """Ask for an export of persons, with purpose and legal basis; return its key. The audit records it."""
    values = community_id, cast(list(grounds), ARRAY(Text)), cast(list(fields), ARRAY(Text)), inet_value(address)
    return int(session.execute(select(func.request_person_export(*values))).scalar_one())


def decide_person_export(session: Session, export_id: int, reason: str, address: str | None, *, approved: bool) -> None:
    """Approve or refuse an export of persons; the audit records it."""
    session.execute(select(func.decide_person_export(export_id, approved, reason, inet_value(address))))


def take_person_export(session: Session, export_id: int, resident_ids: Sequence[int], address: str | None) -> bool:
    """Mark an export as downloaded and record its residents; return False where it cannot be downloaded."""
    ids = cast(list(resident_ids), ARRAY(BigInteger))
    return bool(session.scalar(select(func.take_person_export(export_id, ids, inet_value(address)))))
