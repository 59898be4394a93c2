"""Limits of reveals, special tasks, accounts that reached a limit, and who has seen a resident."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import DateTime, column, func, select
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import RevealField, Role
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import AnyRow
from gridmap.store.schema import Account, Audit, RevealBudget, SpecialTask, SpecialTaskAccount, Subdistrict

ALARM_DAYS = 7
"""Days after which an alarm that nobody has dealt with is left to the audit: a week has every weekly duty in it."""


class RevealLimits(NamedTuple):
    """Households that an account may still reveal today, its whole budget, and the seconds of a pause."""

    households_left: int
    budget: int
    wait_s: int


class RevealAlarm(NamedTuple):
    """An account that reached a limit of reveals: which limits, how often and when last."""

    account_id: int
    display_name: str
    limits: Sequence[str]
    refusals: int
    last_at: datetime


class AccessRecord(NamedTuple):
    """An action that showed the data of a resident, masked or in clear."""

    at: datetime
    actor: str | None
    role: str | None
    action: str
    reason: str | None
    details: Mapping[str, object]


class BudgetRow(NamedTuple):
    """Budget of a role in a subdistrict, where it is not the default."""

    subdistrict_id: int
    role: Role
    households_per_day: int


class OwnSpecialTask(NamedTuple):
    """A special task of today, for an account that works on it.

    Parameters
    ----------
    id : int
    purpose : str
    fields : sequence of RevealField
        Values that it allows to reveal.
    last_day : date
    households_left : int
        Households that the account may still reveal.
    """

    id: int
    purpose: str
    fields: Sequence[RevealField]
    last_day: date
    households_left: int


class SpecialTaskRow(NamedTuple):
    """A special task, for an admin; `account_names` are those of the accounts that work on it."""

    id: int
    purpose: str
    fields: Sequence[RevealField]
    households: int
    first: date
    last: date
    opened_by: str | None
    closed_at: datetime | None
    account_names: Sequence[str]


def find_limits(session: Session, subdistrict_id: int) -> RevealLimits | None:
    """Return the limits of the transaction's account; None where it sees no residents."""
    limits = func.my_reveal_limits(subdistrict_id).table_valued("households_left", "budget", "wait_s")
    row = session.execute(select(limits)).one_or_none()
    return RevealLimits(*row) if row else None


def list_access_records(session: Session, resident_id: int) -> Sequence[AccessRecord]:
    """Return who has seen the data of a resident, newest first; nothing for callers who may not know it."""
    names = ("account", "role", "action", "reason", "details")
    log = func.resident_access_log(resident_id).table_valued(column("at", DateTime(timezone=True)), *names)
    return [AccessRecord(*row) for row in session.execute(select(log))]


def list_alarms(session: Session, caller: Caller) -> Sequence[RevealAlarm]:
    """Return the accounts that reached a limit in the last days, unless an admin has looked into it since."""
    seen = aliased(Audit)
    dealt_with = select(seen.id).where(
        row_filter.visible(caller, seen),
        seen.action == "reveal_alarm_seen",
        seen.subject_id == Audit.account_id,
        seen.subdistrict_id == Audit.subdistrict_id,
        seen.community_id.is_not_distinct_from(Audit.community_id),
        seen.id > Audit.id,
    )
    rows = (
        select(
            Account.id,
            Account.display_name,
            func.array_agg(func.distinct(Audit.details["limit"].astext)),
            func.count(),
            func.max(Audit.at),
        )
        .join(Account, Account.id == Audit.account_id)
        .where(
            row_filter.visible(caller, Audit),
            Audit.action == "reveal_refused",
            Audit.details["limit"].astext.in_(("budget", "cool_down")),
            Audit.at > func.now() - timedelta(days=ALARM_DAYS),
            ~dealt_with.exists(),
        )
        .group_by(Account.id, Account.display_name)
        .order_by(func.max(Audit.at).desc())
    )
    return [RevealAlarm(*row) for row in session.execute(rows)]


def list_budgets(session: Session, caller: Caller) -> Sequence[BudgetRow]:
    """Return the budgets that an admin has set."""
    rows = select(RevealBudget.subdistrict_id, RevealBudget.role, RevealBudget.households_per_day)
    rows = rows.where(row_filter.visible(caller, RevealBudget))
    return [BudgetRow(place, Role(role), households) for place, role, households in session.execute(rows)]


def list_subdistricts(session: Session, caller: Caller) -> Sequence[tuple[int, str]]:
    """Return key and name of the subdistricts of an admin."""
    rows = select(Subdistrict.id, Subdistrict.name).where(row_filter.visible(caller, Subdistrict))
    return [(place, name) for place, name in session.execute(rows.order_by(Subdistrict.code))]


def list_whole_subdistricts(session: Session, caller: Caller) -> Sequence[tuple[int, str]]:
    """Return key and name of the subdistricts that the scopes of an admin cover as a whole."""
    rows = select(Subdistrict.id, Subdistrict.name).where(row_filter.visible(caller, Subdistrict))
    rows = rows.where(func.is_in_my_scope(Subdistrict.id, None))
    return [(place, name) for place, name in session.execute(rows.order_by(Subdistrict.code))]


def list_own_tasks(session: Session, subdistrict_id: int) -> Sequence[OwnSpecialTask]:
    """Return the special tasks that the transaction's account works on today."""
    names = ("id", "purpose", "fields", "last_day", "households_left")
    rows = session.execute(select(func.my_special_tasks(subdistrict_id).table_valued(*names)))
    return [
        OwnSpecialTask(key, purpose, [RevealField(field) for field in fields], last_day, left)
        for key, purpose, fields, last_day, left in rows
    ]


def list_tasks(session: Session, caller: Caller, task_id: int | None = None) -> Sequence[SpecialTaskRow]:
    """Return the special tasks that an admin governs, newest first; one where its key is given."""
    opener, member = aliased(Account), aliased(Account)
    names = func.array_remove(func.array_agg(func.distinct(member.display_name)), None)
    rows = (
        select(
            SpecialTask.id,
            SpecialTask.purpose,
            SpecialTask.fields,
            SpecialTask.households,
            func.lower(SpecialTask.valid),
            func.upper(SpecialTask.valid),
            opener.display_name,
            SpecialTask.closed_at,
            names,
        )
        .join(SpecialTaskAccount, SpecialTaskAccount.special_task_id == SpecialTask.id)
        .outerjoin(opener, opener.id == SpecialTask.opened_by)
        .outerjoin(member, member.id == SpecialTaskAccount.account_id)
        .where(row_filter.visible(caller, SpecialTask), row_filter.visible(caller, SpecialTaskAccount))
        .group_by(SpecialTask.id, opener.display_name)
        .order_by(SpecialTask.id.desc())
    )
    rows = rows if task_id is None else rows.where(SpecialTask.id == task_id)
    return [_task_row(row) for row in session.execute(rows)]


def _task_row(row: AnyRow) -> SpecialTaskRow:
    key, purpose, fields, households, first, after_last, *rest = row
    last = after_last - timedelta(days=1)
    return SpecialTaskRow(key, purpose, [RevealField(field) for field in fields], households, first, last, *rest)
