"""Special tasks and budgets of reveals, which administrators govern, and alarms of accounts that reached a limit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.reason import is_nonsense, is_sufficient_reason
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts
from gridmap.services.accounts.accounts import AccountSummary
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.people import reveals as reveal_queries
from gridmap.store.queries.people.reveals import RevealAlarm, SpecialTaskRow
from gridmap.store.writes import reveals as reveal_writes
from gridmap.store.writes.reveals import NewSpecialTask

__all__ = [
    "DEFAULT_BUDGET",
    "MAX_BUDGET",
    "MAX_TASK_HOUSEHOLDS",
    "REVEALING_ROLES",
    "NewSpecialTask",
    "RevealAlarm",
    "RoleBudget",
    "SpecialTaskRow",
    "close_task",
    "dismiss_alarm",
    "list_alarms",
    "list_budgets",
    "list_candidates",
    "list_subdistricts",
    "list_tasks",
    "open_task",
    "set_budget",
]

DEFAULT_BUDGET = 30
"""Households a day where no administrator has set another number; a day of visits in one grid has about twenty."""
MAX_BUDGET = 200
MAX_TASK_HOUSEHOLDS = 5000
MAX_TASK_DAYS = 92
"""Longest special task: a quarter; a campaign that lasts longer is looked at again."""
REVEALING_ROLES = (Role.WORKER, Role.STATION)


@dataclass(frozen=True)
class RoleBudget:
    """Households a day that an account of a role may reveal in a subdistrict."""

    subdistrict_id: int
    subdistrict: str
    role: Role
    households_per_day: int


def list_tasks(session: Session, caller: Caller) -> Sequence[SpecialTaskRow]:
    """Return the special tasks that an administrator governs, newest first."""
    return reveal_queries.list_tasks(session, caller)


def list_subdistricts(session: Session, caller: Caller) -> Sequence[tuple[int, str]]:
    """Return key and name of the subdistricts in which the caller may open special tasks."""
    return reveal_queries.list_subdistricts(session, caller)


def list_candidates(session: Session, caller: Caller) -> Sequence[AccountSummary]:
    """Return the workers and stations that an administrator may name in a special task."""
    return [
        account
        for account in accounts.list_accounts(session, caller)
        if account.role in REVEALING_ROLES and account.active and accounts.can_manage(session, account.id)
    ]


def open_task(session: Session, caller: Caller, task: NewSpecialTask) -> int:
    """Open a special task; the database records it in the audit.

    Parameters
    ----------
    session : Session
    caller : Caller
        An administrator of the subdistrict.
    task : NewSpecialTask
        For accounts from `list_candidates`.

    Returns
    -------
    int
        Key of the special task.

    Raises
    ------
    InvalidInput
        If the purpose says nothing, days or numbers are out of range, or an account may not be named.
    """
    candidates = {account.id for account in list_candidates(session, caller)}
    if faults := _task_faults(task, get_today(session), candidates):
        raise InvalidInput(faults)
    return reveal_writes.open_special_task(session, task)


def close_task(session: Session, caller: Caller, task_id: int) -> None:
    """Close a special task today; one that is closed stays as it is.

    Raises
    ------
    NotFound
        If the caller does not govern it.
    """
    if not reveal_queries.list_tasks(session, caller, task_id):
        raise NotFound(task_id)
    reveal_writes.close_special_task(session, task_id)


def list_budgets(session: Session, caller: Caller) -> Sequence[RoleBudget]:
    """Return the budgets of subdistricts that the caller governs as a whole; the default where none is set."""
    rows = reveal_queries.list_budgets(session, caller)
    chosen = {(row.subdistrict_id, row.role): row.households_per_day for row in rows}
    return [
        RoleBudget(place, name, role, chosen.get((place, role), DEFAULT_BUDGET))
        for place, name in reveal_queries.list_whole_subdistricts(session, caller)
        for role in REVEALING_ROLES
    ]


def set_budget(session: Session, caller: Caller, subdistrict_id: int, role: Role, households: int) -> None:
    """Set the households a day that accounts of a role may reveal; the database records it in the audit.

    Raises
    ------
    InvalidInput
        If the number is not from 0 to `MAX_BUDGET`.
    NotFound
        If the caller does not govern the whole subdistrict.
    """
    if subdistrict_id not in dict(reveal_queries.list_whole_subdistricts(session, caller)):
        raise NotFound(subdistrict_id)
    if not 0 <= households <= MAX_BUDGET:
        problem = Message(N_("give a number from 0 to {maximum}"), {"maximum": MAX_BUDGET})
        raise InvalidInput([InputFault(problem, column="households", value=str(households))])
    reveal_writes.set_reveal_budget(session, subdistrict_id, role, households)


def list_alarms(session: Session, caller: Caller) -> Sequence[RevealAlarm]:
    """Return the accounts that reached a limit of reveals in the last week and that nobody has looked into since."""
    return reveal_queries.list_alarms(session, caller)


def dismiss_alarm(session: Session, caller: Caller, account_id: int, address: str | None = None) -> None:
    """Record that an administrator has looked into an alarm; it is no longer shown.

    Raises
    ------
    NotFound
        If the caller may not see the account.
    """
    accounts.get_account(session, caller, account_id)
    reveal_writes.record_alarm_seen(session, account_id, address)


def _task_faults(task: NewSpecialTask, today: date, candidates: set[int]) -> list[InputFault]:
    """Return the faults of a special task."""
    faults = list(_period_faults(task, today))
    if not is_sufficient_reason(task.purpose) or is_nonsense(task.purpose):
        problem = N_("say what the task is for, in words that a colleague understands")
        faults.append(InputFault(Message(problem), column="purpose", value=task.purpose))
    if not 1 <= task.households <= MAX_TASK_HOUSEHOLDS:
        limit = Message(N_("give a number from 1 to {maximum}"), {"maximum": MAX_TASK_HOUSEHOLDS})
        faults.append(InputFault(limit, column="households", value=str(task.households)))
    if not task.fields:
        faults.append(InputFault(Message(N_("choose what the task needs")), column="fields"))
    if not task.account_ids or not candidates.issuperset(task.account_ids):
        faults.append(InputFault(Message(N_("choose who works on it")), column="account_ids"))
    return faults


def _period_faults(task: NewSpecialTask, today: date) -> list[InputFault]:
    if task.last < task.first:
        return [InputFault(Message(N_("the last day is before the first")), column="last", value=str(task.last))]
    if task.last < today:
        return [InputFault(Message(N_("the last day is over")), column="last", value=str(task.last))]
    if task.last - task.first >= timedelta(days=MAX_TASK_DAYS):
        problem = Message(N_("a special task lasts {days} days at most"), {"days": MAX_TASK_DAYS})
        return [InputFault(problem, column="last", value=str(task.last))]
    return []
