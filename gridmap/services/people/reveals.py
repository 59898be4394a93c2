"""Reveals: a value of a resident in clear, or a household for a visit, within limits and for a recorded reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.reason import is_nonsense, is_sufficient_reason
from gridmap.core.vocabulary import RevealField, RevealPurpose
from gridmap.services.accounts.encryption_keys import load_key_ring
from gridmap.store.queries.people import residents as resident_queries
from gridmap.store.queries.people import reveals as reveal_queries
from gridmap.store.queries.people.reveals import OwnSpecialTask, RevealLimits
from gridmap.store.writes import reveals as reveal_writes
from gridmap.store.writes.reveals import RevealLimit

__all__ = [
    "HouseholdVisit",
    "OwnSpecialTask",
    "RevealGrounds",
    "RevealLimits",
    "RevealOptions",
    "RevealResult",
    "VisitedPerson",
    "end_household_visit",
    "get_household_visit",
    "load_options",
    "open_household_visit",
    "reveal_value",
    "unknown_field",
]

MAX_ID = 2**63 - 1
MAX_REASON_LENGTH = 400
"""Letters of a reason that the audit stores."""
MAX_MATTER_LENGTH = 60
"""Letters of the number of a matter."""
TOO_SHORT = N_("say it in at least four letters, such as: visit at the door")
NONSENSE = N_("write what it is for, in words that a colleague understands")
NO_MATTER_NUMBER = N_("give the number of the matter")
NO_PURPOSE = N_("choose what it is for")
LIMIT_SENTENCES: dict[RevealLimit, str] = {
    "cool_down": N_(
        "Ten were shown within five minutes, which is faster than a visit or a call. You can go on in {minutes} "
        "minutes. The administrator has been notified."
    ),
    "budget": N_(
        "You have seen as many households as one day allows: {budget}. For more, ask the administrator to open a "
        "special task. The administrator has been notified."
    ),
    "special_task": N_("The special task does not cover this: it is over, or was opened for other values."),
}
TASK_BUDGET_SENTENCE = N_(
    "You have seen as many households as the special task allows. The administrator has been notified."
)


@dataclass(frozen=True)
class RevealGrounds:
    """Purpose and reason of a reveal.

    Parameters
    ----------
    purpose : RevealPurpose or None
        None for a special task, whose purpose is recorded already.
    reason : str
        Words of the person who reveals; may be empty for a special task.
    matter_number : str
        Number of the matter, for `RevealPurpose.MATTER`.
    special_task_id : int, optional
    """

    purpose: RevealPurpose | None
    reason: str
    matter_number: str = ""
    special_task_id: int | None = None


@dataclass(frozen=True)
class RevealOptions:
    """Limits of the caller today, and the special tasks to choose from."""

    limits: RevealLimits
    special_tasks: Sequence[OwnSpecialTask]


@dataclass(frozen=True)
class RevealResult:
    """A value in clear, or the household that was opened for a visit; or the sentence of the limit that forbids it."""

    value: str | None = None
    household_id: int | None = None
    refusal: Message | None = None


@dataclass(frozen=True)
class VisitedPerson:
    """A member of a household during a visit."""

    resident_id: int
    name: str
    phone: str | None


@dataclass(frozen=True)
class HouseholdVisit:
    """A household that the caller has open, until `ends_at`."""

    household_id: int
    ends_at: datetime
    members: Sequence[VisitedPerson]


def load_options(session: Session, caller: Caller, resident_id: int) -> RevealOptions:
    """Return what the caller may still reveal of residents like this one.

    Raises
    ------
    NotFound
        If the caller may not see the resident.
    """
    row = resident_queries.find_resident(session, caller, resident_id)
    limits = reveal_queries.find_limits(session, row.subdistrict_id) if row else None
    if row is None or limits is None:
        raise NotFound(resident_id)
    return RevealOptions(limits, reveal_queries.list_own_tasks(session, row.subdistrict_id))


def reveal_value(
    session: Session,
    caller: Caller,
    resident_id: int,
    field: RevealField,
    grounds: RevealGrounds,
    address: str | None = None,
) -> RevealResult:
    """Return a value in clear; the database counts it, and records it in the audit in the same transaction.

    A refusal is recorded as well. It is a result and no error, so that the caller's transaction keeps the record.

    Parameters
    ----------
    session : Session
        Of a transaction of its own, which must be committed whatever the result is.
    caller : Caller
        A worker or a station.
    resident_id : int
        A resident of the caller's own buildings.
    field : RevealField
    grounds : RevealGrounds
    address : str, optional
        Network address of the request, for the audit.

    Raises
    ------
    InvalidInput
        If the purpose or its number is missing, or the reason is too short or nonsense.
    NotFound
        If the caller may not see the resident, or the value is not known.
    """
    options = _load_checked_options(session, caller, resident_id, grounds)
    row = reveal_writes.reveal_value(session, resident_id, field, _grounds_values(grounds, options), address)
    if row is None:
        raise NotFound(resident_id)
    if row.limit is not None:
        return RevealResult(refusal=_refusal(row.limit, grounds, options))
    if row.number_encrypted is None:
        return RevealResult(row.name)
    return RevealResult(load_key_ring(session).decrypt(row.number_encrypted))


def open_household_visit(
    session: Session, caller: Caller, resident_id: int, grounds: RevealGrounds, address: str | None = None
) -> RevealResult:
    """Open the household of a resident for 30 minutes: name and phone of its members, never identity numbers.

    Parameters, refusals and errors are those of `reveal_value`; the audit has one row, which names the household.
    """
    options = _load_checked_options(session, caller, resident_id, grounds)
    visit = reveal_writes.open_household_visit(session, resident_id, _grounds_values(grounds, options), address)
    if visit is None:
        raise NotFound(resident_id)
    if visit.limit is not None:
        return RevealResult(refusal=_refusal(visit.limit, grounds, options))
    return RevealResult(household_id=visit.household_id)


def get_household_visit(session: Session, household_id: int) -> HouseholdVisit | None:
    """Return the members of a household that the caller has open; None before a visit and after it."""
    rows = reveal_writes.list_visit_members(session, household_id) if household_id <= MAX_ID else ()
    if not rows:
        return None
    key_ring = load_key_ring(session) if any(row.phone_encrypted for row in rows) else None
    members = [
        VisitedPerson(
            row.resident_id,
            row.name,
            key_ring.decrypt(row.phone_encrypted) if key_ring and row.phone_encrypted else None,
        )
        for row in rows
    ]
    return HouseholdVisit(household_id, rows[0].visit_ends_at, members)


def end_household_visit(session: Session, caller: Caller, household_id: int, address: str | None = None) -> None:
    """End the caller's visit of a household before its time; without one, nothing happens.

    Raises
    ------
    NotFound
        If the caller may not see the household.
    """
    if not resident_queries.list_household_residents(session, caller, household_id, 1):
        raise NotFound(household_id)
    reveal_writes.end_household_visit(session, household_id, address)


def unknown_field(value: str) -> InputFault:
    """Return the fault of a choice that is no value of a resident."""
    return InputFault(Message(N_("choose what you need")), column="field", value=value)


def _load_checked_options(session: Session, caller: Caller, resident_id: int, grounds: RevealGrounds) -> RevealOptions:
    if resident_id > MAX_ID:
        raise NotFound(resident_id)
    if faults := _grounds_faults(grounds):
        raise InvalidInput(faults)
    return load_options(session, caller, resident_id)


def _grounds_faults(grounds: RevealGrounds) -> list[InputFault]:
    """Return the faults of a purpose and a reason."""
    faults = []
    if grounds.purpose is None and grounds.special_task_id is None:
        faults.append(InputFault(Message(NO_PURPOSE), column="purpose"))
    if grounds.purpose is RevealPurpose.MATTER and not grounds.matter_number.strip():
        faults.append(InputFault(Message(NO_MATTER_NUMBER), column="matter_number"))
    reason = grounds.reason.strip()
    if grounds.special_task_id is not None and not reason:
        return faults
    if not is_sufficient_reason(reason):
        faults.append(InputFault(Message(TOO_SHORT), column="reason"))
    elif is_nonsense(reason):
        faults.append(InputFault(Message(NONSENSE), column="reason"))
    return faults


def _grounds_values(grounds: RevealGrounds, options: RevealOptions) -> dict[str, object]:
    """Return the values that the audit stores; the purpose of a special task stands for a missing reason."""
    purposes = {task.id: task.purpose for task in options.special_tasks}
    values: dict[str, object] = {"reason": grounds.reason.strip()[:MAX_REASON_LENGTH]}
    if grounds.special_task_id is not None:
        values["special_task"] = grounds.special_task_id
        values["reason"] = values["reason"] or purposes.get(grounds.special_task_id, "special task")
    elif grounds.purpose is not None:
        values["purpose"] = grounds.purpose.value
    if grounds.purpose is RevealPurpose.MATTER:
        values["matter_number"] = grounds.matter_number.strip()[:MAX_MATTER_LENGTH]
    return values


def _refusal(limit: RevealLimit, grounds: RevealGrounds, options: RevealOptions) -> Message:
    """Return the sentence of a limit: what it is, and how the person can go on."""
    if limit == "budget" and grounds.special_task_id is not None:
        return Message(TASK_BUDGET_SENTENCE)
    minutes = max(1, -(-options.limits.wait_s // 60))
    return Message(LIMIT_SENTENCES[limit], {"minutes": minutes, "budget": options.limits.budget})
